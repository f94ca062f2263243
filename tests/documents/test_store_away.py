"""The store goes away at each step of an upload and comes back: said in words, tried again, counted once, no orphan.

Between the app (and the browser) and the real S3 server lies a line that the tests cut and mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.documents import services
from grants.documents.models import Document
from grants.documents.store import Store
from grants.proposals import queries
from grants.proposals.models import Attachment, Submission
from grants.proposals.services import submit_proposal
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import draft
from tests.hostile import make
from tests.stores.browsers import network_put
from tests.stores.conftest import bucket, s3_url
from uploads.port import CHECKING, INCOMING, OBJECTS
from uploads.s3 import S3Storage

from .lines import Line

__all__ = ["bucket", "s3_url"]  # fixtures

PAPER = make.pdf(make.stream(bytes(range(256)) * 1500, b"/Type/XObject/Subtype/Image"))
AUTOSAVE = {"X-Autosave": "1"}  # as the page's script asks
#: The store goes by its own clock.
LONG_AFTER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def line(s3_url: str, bucket: S3Storage) -> Iterator[Line]:
    behind = urlsplit(parse_qs(urlsplit(s3_url).query)["endpoint"][0])
    made = Line(behind.hostname or "", behind.port or 80)
    yield made
    made.cut()


@pytest.fixture
def storage(line: Line, s3_url: str) -> Iterator[S3Storage]:
    """A bucket of this test's own, reached through the line."""
    options = {name: values[0] for name, values in parse_qs(urlsplit(s3_url).query).items()}
    options["endpoint"] = f"http://127.0.0.1:{line.port}"
    made = S3Storage(f"grants-test-{uuid4().hex[:12]}", **options)  # type: ignore[arg-type]
    made.prepare()
    yield made
    line.mend()
    for upload in made.list_uploads():
        made.abort(upload.key, upload.upload_id)
    for key in kept(made):
        made.delete(key)
    made._client.delete_bucket(Bucket=made.bucket)


@pytest.fixture
def draft_page(app, client, storage: S3Storage, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A draft without a Part B before its contact, in an app with this store."""
    monkeypatch.setitem(app.extensions, "store", Store(storage=storage, most_bytes=1 << 30))
    contact = person()
    proposal = draft(topic(), main_contact=contact)
    for each in proposal.attachments:
        db.session.delete(each)
    db.session.flush()
    db.session.refresh(proposal)
    signed_in(client, contact)
    return SimpleNamespace(
        address=f"/proposals/{proposal.number}/files/part_b", proposal=proposal, contact=contact, client=client
    )


def kept(storage: S3Storage) -> list[str]:
    return [stored.key for prefix in (INCOMING, CHECKING, OBJECTS) for stored in storage.list(prefix)]


def ticket(page: Any, size: int = len(PAPER)) -> Any:
    asked = {"name": "part-b.pdf", "size": size, "media_type": "application/pdf"}
    return page.client.post(page.address + "/ticket", json=asked, headers=AUTOSAVE)


def sent(plan: Any, data: bytes = PAPER) -> int:
    return network_put(plan["url"], data, plan["headers"]).status


def counted(page: Any) -> tuple[int, int, int]:
    """Files of the draft, accepted documents, and how often the trail says that one of them was accepted."""
    db.session.expire_all()
    documents = db.session.scalars(
        select(Document).where(
            Document.owner_key == str(page.proposal.number), Document.created_by_id == page.contact.id,
            Document.object_key.is_not(None), Document.size == len(PAPER),
        )
    ).all()  # fmt: skip
    names = [str(each.public_id) for each in documents]
    said = select(func.count()).where(AuditEvent.object_key.in_(names), AuditEvent.action == "document.accept")
    files = select(func.count(Attachment.id)).where(Attachment.proposal_id == page.proposal.id)
    return db.session.scalar(files), len(documents), db.session.scalar(said)


def is_unavailable(answer: Any) -> bool:
    return (
        answer.status_code == 503 and answer.json["code"] == "store" and "Nothing is lost" in answer.json["message"]
    )


def swept(page: Any, storage: S3Storage) -> None:
    """Long after, the sweep has run and only what is accepted is left."""
    services.sweep(store=Store(storage=storage, most_bytes=1), now=LONG_AFTER)
    accepted = db.session.scalars(
        select(Document.object_key).where(
            Document.owner_key == str(page.proposal.number), Document.id.in_(select(Attachment.document_id))
        )
    )
    assert kept(storage) == list(accepted)
    assert list(storage.list_uploads()) == []


def test_away_when_a_large_upload_begins(draft_page, line, storage):
    line.cut()
    assert is_unavailable(ticket(draft_page, 20 << 20))
    assert db.session.scalar(select(func.count(Document.id)).where(Document.size == 20 << 20)) == 0

    line.mend()

    assert ticket(draft_page, 20 << 20).json["multipart"]["upload_id"]
    swept(draft_page, storage)


@pytest.mark.slow
def test_away_in_the_middle_of_the_upload(draft_page, line, storage):
    plan = ticket(draft_page).json
    line.cut_after(up=len(PAPER) // 2)
    assert sent(plan) != 200

    line.mend()
    assert kept(storage) == []
    assert sent(plan) == 200
    assert draft_page.client.post(plan["done_url"], headers=AUTOSAVE).json["state"] == "accepted"

    assert counted(draft_page) == (1, 1, 1)
    swept(draft_page, storage)


@pytest.mark.slow
def test_away_between_the_upload_and_its_check(draft_page, line, storage):
    plan = ticket(draft_page).json
    assert sent(plan) == 200
    line.cut()
    assert is_unavailable(draft_page.client.post(plan["done_url"], headers=AUTOSAVE))
    assert counted(draft_page) == (0, 0, 0)

    line.mend()
    for _ in range(2):
        assert draft_page.client.post(plan["done_url"], headers=AUTOSAVE).json["state"] == "accepted"

    assert counted(draft_page) == (1, 1, 1)
    swept(draft_page, storage)


@pytest.mark.slow
def test_away_in_the_middle_of_the_check(draft_page, line, storage):
    plan = ticket(draft_page).json
    assert sent(plan) == 200
    line.cut_after(down=len(PAPER) // 2)
    assert is_unavailable(draft_page.client.post(plan["done_url"], headers=AUTOSAVE))

    line.mend()
    assert any(key.startswith(CHECKING) for key in kept(storage))  # could not be taken back
    assert draft_page.client.post(plan["done_url"], headers=AUTOSAVE).json["state"] == "accepted"

    assert counted(draft_page) == (1, 1, 1)
    swept(draft_page, storage)


@pytest.mark.slow
def test_away_between_the_check_and_the_submission(draft_page, line, storage):
    plan = ticket(draft_page).json
    assert sent(plan) == 200
    assert draft_page.client.post(plan["done_url"], headers=AUTOSAVE).json["state"] == "accepted"
    line.cut()
    db.session.refresh(draft_page.proposal)

    who, key = actor_of(draft_page.contact), uuid4()
    for _ in range(2):
        opened = queries.open_proposal(who, draft_page.proposal.number, now=NOW)
        submit_proposal(opened, actor=who, now=NOW, key=key)

    submissions = select(func.count(Submission.id)).where(Submission.proposal_id == draft_page.proposal.id)
    assert db.session.scalar(submissions) == 1
    line.mend()
    swept(draft_page, storage)


@pytest.mark.slow
def test_away_when_a_browser_without_script_sends_the_whole_file(draft_page, line, storage):
    def send() -> Any:
        return draft_page.client.post(draft_page.address, data={"file": (BytesIO(PAPER), "part-b.pdf")})

    line.cut()
    answer = send()
    assert answer.status_code == 503
    assert "Nothing is lost: try again in a minute." in answer.text
    assert counted(draft_page) == (0, 0, 0)

    line.mend()

    assert send().status_code == 302
    assert counted(draft_page) == (1, 1, 1)
    swept(draft_page, storage)


def test_away_for_good_leaves_an_upload_that_the_sweep_clears(draft_page, line, storage):
    whole, parts = ticket(draft_page).json, ticket(draft_page, 20 << 20).json
    assert sent(whole) == 200
    part = draft_page.client.post(parts["multipart"]["part_url"], json={"number": 1}, headers=AUTOSAVE).json["url"]
    assert network_put(part, bytes(parts["multipart"]["part_size"]), {}).status == 200
    line.cut()
    assert is_unavailable(draft_page.client.post(whole["done_url"], headers=AUTOSAVE))
    line.mend()

    swept(draft_page, storage)

    assert counted(draft_page) == (0, 0, 0)
    assert draft_page.client.post(whole["done_url"], headers=AUTOSAVE).json["state"] == "cancelled"
