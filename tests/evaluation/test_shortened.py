"""A Part B over the page limit: experts read a copy that ends at the limit, and have no way to the original."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
import typst
from sqlalchemy import text

from grants.db import db
from grants.documents.models import Document
from grants.evaluation.models import Assignment
from grants.kernel.clock import FixedClock
from grants.proposals import queries, shortening
from grants.proposals.models import ShortenedPartB
from grants.proposals.services import submit_proposal
from grants.worker import tasks_of
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, manager_of
from tests.factories.people import actor_of, person
from tests.factories.people import signed_in as signed_in_at
from tests.factories.proposals import draft
from uploads.intake import keep

LIMIT = 45
_PAGES = """
#set document(title: "Secret title", author: "Ada Author")
#for n in range(1, 48) [ Line of page #n #pagebreak(weak: true) ]
"""


@pytest.fixture
def store(app) -> Any:
    return app.extensions["store"]


@pytest.fixture
def proposal(app, store):
    """Submitted with a Part B of 47 pages."""
    made = draft(topic(), main_contact=person("Contact"))
    content = typst.compile(_PAGES.encode(), format="pdf")
    assert isinstance(content, bytes)
    original = part_b(made)
    original.object_key = keep(store.storage, content, "application/pdf")
    original.sha256, original.size, original.pages = original.object_key.rpartition("/")[2], len(content), 47
    db.session.flush()
    who = actor_of(made.changed_by)
    submit_proposal(queries.open_proposal(who, made.number, now=NOW), actor=who, now=NOW, key=uuid4())
    return made


def part_b(proposal) -> Document:
    return next(each.document for each in proposal.attachments if each.kind == "part_b")


@pytest.fixture
def assignment(proposal, app, clock: FixedClock) -> Assignment:
    clock.instant = LATER
    _, manager = manager_of(proposal.topic)
    [found] = accepted(proposal.topic, expert("Eve"), manager=manager)
    return assigned(proposal, found, manager=manager)[0]


def signed_in(client, account) -> None:
    signed_in_at(client, account, now=LATER)


def jobs() -> list[dict[str, Any]]:
    rows = db.session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'shorten_part_b'"))
    return [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in rows]


def work(store) -> None:
    """What the worker does with all that is queued."""
    for job in jobs():
        shortening.make(**job, store=store, now=LATER)


def fetched(client, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 302, answer.text
    with client.get(answer.headers["Location"]) as file:
        content: bytes = file.data
    return content


def texts(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    found = []
    for page in document:
        layer = page.get_textpage()
        found.append(layer.get_text_bounded().strip())
        layer.close()
        page.close()
    document.close()
    return found


def test_the_pages_beyond_the_limit_say_so_and_no_more(client, store, proposal, assignment):
    work(store)
    signed_in(client, assignment.expert.account)

    shown = texts(fetched(client, f"/evaluation/{assignment.id}/files/{part_b(proposal).public_id}"))

    assert shown[:LIMIT] == [f"Line of page {number}" for number in range(1, LIMIT + 1)]
    assert shown[LIMIT:] == [
        f"Page {number} is beyond the limit of 45 pages and is not evaluated." for number in (46, 47)
    ]


def test_the_copy_says_nothing_of_who_wrote_the_original_and_with_what(client, store, proposal, assignment):
    work(store)
    signed_in(client, assignment.expert.account)

    content = fetched(client, f"/evaluation/{assignment.id}/files/{part_b(proposal).public_id}")

    document = pypdfium2.PdfDocument(content)
    said = document.get_metadata_dict(skip_empty=True)
    document.close()
    assert {"Title", "Author", "Keywords", "Subject"} & set(said) == set()
    assert "Typst" not in f"{said}"  # made it
    assert b"Ada Author" not in content
    assert b"Secret title" not in content


def test_the_job_that_is_queued_is_one_that_the_worker_knows(app, settings, proposal, assignment):
    [job] = jobs()

    assert job == {"document_id": part_b(proposal).id, "page_limit": LIMIT}
    assert "shorten_part_b" in tasks_of(app, settings).tasks


def test_the_worker_makes_the_copy_once_and_leaves_the_original_alone(store, proposal, assignment):
    before = part_b(proposal).object_key
    work(store)
    work(store)

    [made] = db.session.query(ShortenedPartB).all()
    assert (made.page_limit, made.copy.pages, made.copy.kind) == (LIMIT, 47, shortening.KIND)
    assert part_b(proposal).object_key == before
    with store.storage.open(before) as stored:
        assert b"Ada Author" in stored.read()


def test_until_the_copy_is_there_the_expert_is_told_to_wait_and_gets_no_page(client, store, proposal, assignment):
    signed_in(client, assignment.expert.account)
    address = f"/evaluation/{assignment.id}/files/{part_b(proposal).public_id}"

    early = client.get(address)
    page = client.get(f"/evaluation/{assignment.id}")

    assert early.status_code == 503
    assert "is being made" in early.text
    assert "Your copy of Part B is being made" in page.text
    assert address not in page.text.partition("<details>")[0]
    work(store)
    assert client.get(address).status_code == 302
    assert "replaced by a note" in client.get(f"/evaluation/{assignment.id}").text


def test_an_expert_has_no_address_of_the_original(client, store, proposal, assignment):
    work(store)
    original, copy = part_b(proposal), db.session.query(ShortenedPartB).one().copy
    signed_in(client, assignment.expert.account)

    for address in (
        f"/files/{original.public_id}",
        f"/files/{original.public_id}?view=1",
        f"/files/{copy.public_id}",
        f"/files/{original.public_id}/status",
        f"/proposals/{proposal.number}/files/{original.public_id}",
        f"/evaluation/{assignment.id}/files/{copy.public_id}",
    ):
        assert client.get(address).status_code == 404, address
    assert "Line of page 46" not in texts(
        fetched(client, f"/evaluation/{assignment.id}/files/{original.public_id}?view=1")
    )


def test_applicants_and_managers_still_get_the_original(client, store, proposal, assignment):
    work(store)
    manager, _ = manager_of(proposal.topic)
    for reader in (proposal.changed_by, manager):
        signed_in(client, reader)
        shown = texts(fetched(client, f"/proposals/{proposal.number}/files/{part_b(proposal).public_id}"))
        assert shown[46] == "Line of page 47"


def test_a_corrected_limit_makes_another_copy(client, store, proposal, assignment):
    work(store)
    proposal.topic.page_limit = 46
    db.session.flush()
    signed_in(client, assignment.expert.account)
    address = f"/evaluation/{assignment.id}/files/{part_b(proposal).public_id}"

    assert client.get(address).status_code == 503
    work(store)

    assert texts(fetched(client, address))[45:] == [
        "Line of page 46",
        "Page 47 is beyond the limit of 46 pages and is not evaluated.",
    ]
    proposal.topic.page_limit = None
    db.session.flush()
    assert texts(fetched(client, address))[46] == "Line of page 47"


def test_a_part_b_within_the_limit_needs_no_copy(client, store, proposal, assignment):
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    proposal.topic.page_limit = 47
    db.session.flush()

    shortening.prepare(proposal)

    assert jobs() == []
    assert shortening.for_evaluators(part_b(proposal), 47) == part_b(proposal)
