"""Comparisons in the database and their pages: when they are made, who sees them, what is noted."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
import typst
from sqlalchemy import func, select, text

from benchmarks.similarity import Writer
from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid
from grants.proposals import queries as proposals
from grants.proposals import services as submitting
from grants.proposals.models import Proposal
from grants.similarity import comparing, services
from grants.similarity.models import SimilarPair, SubmissionText
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import draft
from uploads.intake import keep

LATER = NOW + timedelta(days=60)
WRITER = Writer(seed=3)


@pytest.fixture(autouse=True)
def files(app, clock):
    """The time after all deadlines; and no object of a file is missing."""
    clock.instant = LATER


def handed_in(app, abstract: str, *, of=None, part_b: str = "") -> Proposal:
    contact = person()
    made = draft(of or topic(), main_contact=contact)
    made.abstract = abstract
    document = made.attachments[0].document
    content = typst.compile(part_b.encode() or b"=", format="pdf")
    document.object_key = keep(app.extensions["store"].storage, content, "application/pdf")
    document.sha256, document.size = document.object_key.rpartition("/")[2], len(content)
    db.session.flush()
    opened = proposals.open_proposal(actor_of(contact), made.number, now=NOW)
    submitting.submit_proposal(opened, actor=actor_of(contact), now=NOW, key=uuid4())
    return made


def abstract() -> str:
    return " ".join(WRITER.sentences(8))


def compare(app, now=LATER) -> int:
    """What the worker does."""
    done = comparing.compare_pending(store=app.extensions["store"], now=now)
    db.session.commit()
    return done


def pairs() -> list[tuple[str, set[int], int]]:
    found = db.session.scalars(select(SimilarPair).order_by(SimilarPair.id)).all()
    return [
        (each.kind, {each.first.proposal.number, each.second.proposal.number}, round(each.share)) for each in found
    ]


def test_a_copied_abstract_is_found_across_topics_and_others_are_not(app):
    same = abstract()
    one, other, _ = handed_in(app, same), handed_in(app, same), handed_in(app, abstract())

    assert compare(app) == 3
    assert pairs() == [("abstract", {one.number, other.number}, 100)]


def test_what_comes_later_is_compared_with_what_was_there_and_nothing_twice(app):
    same = abstract()
    one = handed_in(app, same)
    assert (compare(app), compare(app)) == (1, 0)

    other = handed_in(app, same)

    assert compare(app) == 1
    assert [each[1] for each in pairs()] == [{one.number, other.number}]


def test_a_copied_part_b_is_found_by_its_text(app):
    same = abstract()
    one, other = handed_in(app, abstract(), part_b=same), handed_in(app, abstract(), part_b=same)

    compare(app)

    assert pairs() == [("part_b", {one.number, other.number}, 100)]


def test_nothing_is_compared_before_the_deadline(app):
    handed_in(app, abstract())
    assert compare(app, now=NOW) == 0
    assert db.session.scalar(select(func.count()).select_from(SubmissionText)) == 0


def test_only_the_last_version_counts_and_versions_of_one_proposal_are_no_pair(app):
    made = handed_in(app, abstract())
    contact = proposals.main_contacts([made.id])[made.id]
    opened = proposals.open_proposal(actor_of(contact), made.number, now=NOW)
    submitting.submit_proposal(opened, actor=actor_of(contact), now=NOW, key=uuid4())
    assert compare(app) == 1
    assert pairs() == []


@pytest.mark.slow
def test_a_template_that_all_have_is_no_likeness_but_a_copy_beside_it_is(app):
    template, same = abstract(), abstract()
    for _ in range(6):
        handed_in(app, abstract(), part_b=f"{template} {abstract()}")
    one, other = (handed_in(app, abstract(), part_b=f"{template} {same}") for _ in range(2))

    compare(app)

    assert pairs() == [("part_b", {one.number, other.number}, 100)]


def test_a_pdf_that_cannot_be_read_has_no_text():
    assert comparing.text_of_pdf(b"%PDF-1.7 broken") == ""


def test_the_worker_is_asked_once_and_only_when_something_waits(app):
    assert services.ask_for_comparisons(now=LATER) == {"queued": 0}
    handed_in(app, abstract())
    assert services.ask_for_comparisons(now=NOW) == {"queued": 0}
    assert services.ask_for_comparisons(now=LATER) == {"queued": 1}
    assert services.ask_for_comparisons(now=LATER) == {"queued": 0}
    assert db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'compare_texts'")) == 1


@pytest.fixture
def found(app) -> SimilarPair:
    same = abstract()
    handed_in(app, same)
    handed_in(app, same)
    compare(app)
    return db.session.scalars(select(SimilarPair)).one()


def managing(side) -> tuple:
    account, actor = manager_of(side.proposal.topic)
    return account, actor


def test_managers_of_either_programme_see_the_passages_and_nobody_else_does(client, found):
    address = f"/manage/similarity/{found.id}"
    for side in (found.first, found.second):
        signed_in(client, managing(side)[0], now=LATER)
        listed = client.get(f"/manage/topics/{side.proposal.topic.identifier}/similarity").text
        assert (address in listed, "100 %" in listed) == (True, True)
        page = client.get(address).text
        assert found.first.content["abstract"].split()[0] in page
        assert str(found.first.proposal.number) in page
    contact = proposals.main_contacts([found.first.proposal_id])[found.first.proposal_id]
    for who in (contact, person("A rival"), manager_of(topic())[0], person("", Role.AUDITOR)):
        signed_in(client, who, now=LATER)
        assert client.get(address).status_code == 404
        assert client.post(address, data={"note": "x"}).status_code == 404


def test_before_one_of_the_deadlines_even_managers_see_nothing(client, clock, found):
    still_open = found.second.proposal.topic
    still_open.first_deadline = still_open.deadline = LATER + timedelta(days=1)
    account, _ = managing(found.first)
    signed_in(client, account, now=LATER)
    assert client.get(f"/manage/similarity/{found.id}").status_code == 404
    listed = client.get(f"/manage/topics/{found.first.proposal.topic.identifier}/similarity").text
    assert f"/manage/similarity/{found.id}" not in listed


@pytest.mark.slow
def test_a_look_is_noted_with_a_name_and_audited(client, found):
    account, _ = managing(found.first)
    signed_in(client, account, now=LATER)
    address = f"/manage/similarity/{found.id}"

    refused = client.post(address, data={"note": "  "})
    assert (refused.status_code, "also where it is nothing" in refused.text) == (422, True)
    client.post(address, data={"note": "One consortium, two calls: asked for a statement."})

    assert "asked for a statement" in client.get(address).text
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "similarity.looked_at")).one()
    assert set(event.facts["proposals"]) == {found.first.proposal.number, found.second.proposal.number}
    list_of = f"/manage/topics/{found.first.proposal.topic.identifier}/similarity"
    assert address not in client.get(f"{list_of}?open=1").text
    assert "Looked at" in client.get(list_of).text


def test_a_note_must_say_something(found):
    _, actor = managing(found.first)
    with pytest.raises(Invalid):
        services.look_at(found, note=" ", actor=actor, now=LATER)


@pytest.mark.slow
def test_the_web_loads_no_numbers_library():
    code = "import grants.app, sys; print(sorted({'numpy', 'datasketch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
