"""A topic with blind evaluation: its setting, the warning of applicants and officers, copies that name nobody."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from uuid import uuid4

import pypdfium2
import pytest
import typst
from sqlalchemy import select, text

from grants.admission import queries as admission
from grants.calls import facts as calls_facts
from grants.calls import templates
from grants.calls.rules import changes, topic_findings
from grants.calls.states import Blind, DeadlineModel, Naming
from grants.calls.templates import catalogue
from grants.calls.templates.checking import check_file
from grants.calls.templates.prefill import prefill
from grants.db import db
from grants.kernel.errors import Invalid
from grants.kernel.findings import Severity
from grants.proposals import blindness, facts, queries, services, shortening
from grants.proposals.models import Attachment, PartBText, Proposal, Submission
from grants.worker import tasks_of
from tests.calls.test_topic_form import Fields
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import draft
from tests.hostile.make import pdf_with_traces
from uploads.intake import keep

RULE = "rule-unnamed"


@pytest.fixture
def of(app):
    made = topic()
    made.blind = Blind.ALL
    return made


@pytest.fixture
def store(app):
    return app.extensions["store"]


@pytest.fixture
def proposal(of):
    made = draft(of, main_contact=person("Ana Silva"))
    made.participants[0].organisation.legal_name = "Alba Institute"
    db.session.flush()
    return made


def part_b_says(proposal: Proposal, store, *pages: str):
    """Part B with these pages, attached as an upload is."""
    content = typst.compile("\n#pagebreak()\n".join(pages).encode())
    document = facts.part_b(proposal)
    document.object_key = keep(store.storage, content, "application/pdf")
    document.sha256, document.size = document.object_key.rpartition("/")[2], len(content)
    document.pages = len(pages)
    db.session.query(Attachment).filter_by(document_id=document.id).delete()
    services.attach(document, now=NOW)
    db.session.expire(proposal)
    return document


def jobs(task="read_part_b"):
    return [row[0] for row in db.session.execute(
        text("SELECT args FROM procrastinate_jobs WHERE task_name = :task"), {"task": task})]  # fmt: skip


def read_all(store):
    for job in jobs():
        blindness.read_part_b(**job, store=store, now=NOW)


def findings(proposal):
    return [each for each in facts.findings(proposal) if each.code.startswith(RULE)]


def opened(proposal):
    return queries.open_proposal(actor_of(proposal.changed_by), proposal.number, now=NOW)


def submit(proposal):
    return services.submit_proposal(opened(proposal), actor=actor_of(proposal.changed_by), now=NOW, key=uuid4())


@pytest.mark.parametrize("blind", list(Blind))
@pytest.mark.parametrize("model", list(DeadlineModel))
@pytest.mark.parametrize("stage", [1, 2])
def test_python_and_sql_say_alike_which_proposals_are_blind(of, proposal, blind, model, stage):
    of.blind, of.deadline_model, proposal.stage = blind, model, stage
    db.session.flush()
    found = db.session.scalar(
        select(queries.blind_sql()).select_from(Proposal).join(Proposal.topic).where(Proposal.id == proposal.id)
    )
    assert found is queries.is_blind(proposal)
    first = blind is Blind.FIRST_STAGE and (model, stage) == (DeadlineModel.TWO_STAGE, 1)
    assert found is (blind is Blind.ALL or first)


def test_a_template_says_whether_an_evaluation_is_blind_and_changes_are_told(app, monkeypatch):
    made = topic()
    assert (made.blind, made.naming) == (Blind.NO, Naming.WARN)
    before = calls_facts.template_part(made)
    template = catalogue().template("HE-RIA")
    blind = {**template, "evaluation": {**template["evaluation"], "blind": "first stage", "naming": "block"}}
    monkeypatch.setattr(type(catalogue()), "template", lambda _self, _key: blind)
    prefill(made, "HE-RIA")
    assert (made.blind, made.naming) == (Blind.FIRST_STAGE, Naming.BLOCK)
    told = [(each.label, each.before, each.after) for each in changes(before, calls_facts.template_part(made))]
    assert told == [("Blind", "no", "first stage"), ("Naming", "warn", "block")]


def test_a_template_with_another_word_is_refused(tmp_path):
    good = (tmp_path / "good.yaml", tmp_path / "wrong.yaml")
    words = (Path(templates.__file__).parent / "files" / "HE-RIA.yaml").read_text("utf-8")
    good[0].write_text(words.replace("evaluation:\n", "evaluation:\n  blind: all stages\n  naming: block\n", 1))
    good[1].write_text(words.replace("evaluation:\n", "evaluation:\n  blind: perhaps\n", 1))
    assert check_file(good[0]) == []
    assert [each.place for each in check_file(good[1])] == ["evaluation.blind"]


def test_a_first_stage_that_the_topic_does_not_have_is_told(of):
    of.blind = Blind.FIRST_STAGE
    found = topic_findings(calls_facts.topic_facts(of), now=NOW)
    assert [each.code for each in found if each.place == "blind"] == ["no-first-stage"]


def test_a_manager_makes_a_topic_blind_on_its_page_and_applicants_read_it(app, client):
    made = topic(published=False)
    account, _ = manager_of(made)
    client = signed_in(client, account)
    page = client.get(f"/manage/topics/{made.identifier}/edit").text
    assert "Blind evaluation" in page
    sent = Fields(page).values | {"blind": "all stages", "naming": "block"}
    assert client.post(f"/manage/topics/{made.identifier}/edit", data=sent).status_code == 302
    assert (made.blind, made.naming) == (Blind.ALL, Naming.BLOCK)
    public = client.get(f"/topics/{made.identifier}").text
    assert "do not name participants" in public
    assert "Name no participant" in public


@pytest.mark.parametrize(
    ("naming", "severity"), [(Naming.WARN, Severity.WARNS), (Naming.BLOCK, Severity.BLOCKS), (Naming.OFF, None)]
)
def test_a_part_b_that_names_a_participant_is_told_page_by_page(of, proposal, store, naming, severity):
    of.naming = naming
    part_b_says(proposal, store, "Nobody here", "as the Alba Institute", "Silva, Ana and the ALBA INSTITUTE")
    read_all(store)
    found = findings(proposal)
    assert [each.severity for each in found] == ([severity] if severity else [])
    for each in found:
        assert "“Alba Institute” on pages 2 to 3 and “Ana Silva” on page 3" in each.message
        assert each.place == "part_b"
    if naming is Naming.BLOCK:
        with pytest.raises(Invalid):
            submit(proposal)
    else:
        submit(proposal)


def test_a_name_that_the_layout_broke_at_a_line_end_is_found(proposal, store):
    proposal.participants[0].organisation.legal_name = "Interdisciplinary University of Transportation"
    narrow = '#set page(width: 50mm, height: 80mm, margin: 8mm)\n#set text(lang: "en", hyphenate: true)\n'
    narrow += "#set par(justify: true)\nThe collaborative Interdisciplinary University of Transportation leads this."
    document = part_b_says(proposal, store, narrow)
    read_all(store)
    pages = db.session.get(PartBText, document.id).pages
    assert pages == [" The collaborative Interdisciplinary University of Transportation leads this "]
    assert "Interdisciplinary University of Transportation” on page 1" in findings(proposal)[0].message


def test_title_and_abstract_are_searched_too(proposal):
    proposal.title, proposal.abstract = "The Alba Institute saves", "By Ana Silva."
    db.session.flush()
    [found] = [each for each in findings(proposal) if each.code == RULE]
    assert "The title has “Alba Institute”. The abstract has “Ana Silva”." in found.message


def test_a_participant_who_comes_after_the_upload_is_found_without_another_look_at_the_file(proposal, store):
    part_b_says(proposal, store, "as Borealis Ltd wrote")
    read_all(store)
    assert findings(proposal) == []
    proposal.participants[1].organisation.legal_name = "Borealis Ltd"
    db.session.flush()
    assert "Borealis Ltd" in findings(proposal)[0].message


def test_people_that_part_a_names_are_found(proposal, store):
    part_b_says(proposal, store, "the work of Carla Conti")
    read_all(store)
    answer = next(each for each in proposal.answers if each.participant_id)
    answer.given = {**answer.given, "people": [{"person": "Carla Conti", "orcid": ""}]}
    db.session.flush()
    assert "“Carla Conti” on page 1" in findings(proposal)[0].message


def test_pages_beyond_the_limit_are_not_searched_for_experts_do_not_read_them(of, proposal, store):
    of.page_limit = 1
    part_b_says(proposal, store, "Nobody", "Alba Institute")
    read_all(store)
    assert findings(proposal) == []


def test_before_the_file_is_read_nothing_is_blocked_and_applicants_are_told_to_wait(of, proposal, store):
    of.naming = Naming.BLOCK
    part_b_says(proposal, store, "Alba Institute")
    assert [(each.code, each.blocks) for each in findings(proposal)] == [(f"{RULE}-waits", False)]
    version = submit(proposal)
    assert [each["met"] for each in version.rules if each["rule"] == "unnamed"] == [None]


def test_what_was_handed_in_unread_is_found_at_the_opening_and_waits_for_an_officer(of, proposal, store):
    of.naming = Naming.BLOCK
    part_b_says(proposal, store, "Nobody", "Alba Institute")
    submit(proposal)
    read_all(store)
    _, manager = manager_of(of)
    [rule] = [each for each in admission.opened(manager, proposal.number, now=LATER).rules if each.key == "unnamed"]
    assert (rule.met, rule.is_open) == (False, True)
    assert "“Alba Institute” on page 2" in rule.why


def test_an_officer_reads_what_is_named_with_its_pages(of, proposal, store, client, clock):
    clock.instant = LATER
    part_b_says(proposal, store, "Nobody", "Alba Institute")
    read_all(store)
    submit(proposal)
    client = signed_in(client, manager_of(of)[0], now=LATER)
    page = client.get(f"/manage/proposals/{proposal.number}/admission").text
    assert "“Alba Institute” on page 2" in page
    assert "Blind" in page
    assert "Names a participant" in client.get(f"/manage/topics/{of.identifier}/opening").text


def test_the_second_stage_of_a_topic_that_is_blind_in_its_first_names_whom_it_likes(of, proposal, store):
    of.blind, of.deadline_model, proposal.stage = Blind.FIRST_STAGE, DeadlineModel.TWO_STAGE, 2
    proposal.title = "The Alba Institute"
    part_b_says(proposal, store, "Alba Institute")
    assert (findings(proposal), jobs()) == ([], [])


def test_a_part_b_from_before_the_topic_became_blind_is_read_when_somebody_looks_for_it(of, proposal, store):
    of.blind = Blind.NO
    part_b_says(proposal, store, "Alba Institute")
    assert (jobs(), blindness.ask_for_missing_words(now=NOW)) == ([], {"queued": 0})
    of.blind = Blind.ALL
    db.session.flush()
    assert blindness.ask_for_missing_words(now=NOW) == {"queued": 1}
    assert blindness.ask_for_missing_words(now=NOW) == {"queued": 0}
    read_all(store)
    read_all(store)
    assert db.session.query(PartBText).count() == 1


def test_a_broken_file_is_read_as_one_without_text(proposal, store):
    document = part_b_says(proposal, store, "x")
    document.object_key = keep(store.storage, b"%PDF-1.7 broken", "application/pdf")
    db.session.flush()
    read_all(store)
    assert db.session.get(PartBText, document.id).pages == []


def test_the_jobs_are_ones_that_the_worker_knows(app, settings):
    assert {"read_part_b", "shorten_part_b"} <= set(tasks_of(app, settings).tasks)


def test_the_files_page_says_what_was_found(proposal, store, client):
    part_b_says(proposal, store, "Alba Institute")
    client = signed_in(client, proposal.changed_by)
    assert "is being searched for names" in client.get(f"/proposals/{proposal.number}/files").text
    read_all(store)
    page = client.get(f"/proposals/{proposal.number}/files").text
    assert "Blind evaluation" in page
    assert "“Alba Institute” on page 1" in page
    assert "“Alba Institute” on page 1" in client.get(f"/proposals/{proposal.number}/submit").text


def copy_of(document, store, **more):
    shortening.make(document.id, 0, 1, store=store, now=NOW, **more)
    copy = shortening.for_evaluators(document, None, blind=True)
    with store.storage.open(copy.object_key) as source:
        return copy, source.read()


def test_the_copy_for_experts_says_nothing_of_who_wrote_it_and_the_original_is_as_it_was(proposal, store):
    content = pdf_with_traces("Alba Institute")
    document = part_b_says(proposal, store, "x")
    document.object_key = keep(store.storage, content, "application/pdf")
    document.name = "Alba Part B.pdf"
    db.session.flush()
    assert all(trace in unpacked(content) for trace in (b"/Author", b"x:xmpmeta", b"/Annot", b"picture-by-Alba"))

    copy, made = copy_of(document, store)

    assert copy.name == f"{proposal.number} Part B.pdf"
    assert b"alba" not in unpacked(made).lower()
    with pypdfium2.PdfDocument(made) as pages:
        assert {value for value in pages.get_metadata_dict().values() if "Alba" in value} == set()
        assert "Text of the page" in pages[0].get_textpage().get_text_bounded()
    with store.storage.open(document.object_key) as source:
        assert source.read() == content


def unpacked(content: bytes) -> bytes:
    """The file with what its streams hold."""
    found = [content]
    for piece in re.split(rb"stream\r?\n", content)[1:]:
        try:
            found.append(zlib.decompressobj().decompress(piece))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_a_copy_is_made_once_for_a_whole_file_and_once_for_a_limit(of, proposal, store):
    document = part_b_says(proposal, store, "one", "two")
    assert shortening.for_evaluators(document, 5) == document
    assert shortening.for_evaluators(document, 5, blind=True) is None
    copy, _ = copy_of(document, store)
    assert shortening.for_evaluators(document, 5, blind=True) == copy
    assert shortening.for_evaluators(document, 1, blind=True) is None
    shortening.make(document.id, 1, 1, store=store, now=NOW)
    assert shortening.for_evaluators(document, 1, blind=True) not in {copy, None}
    assert shortening.for_evaluators(document, 1) is None


def test_the_copy_is_queued_with_the_first_expert(of, proposal, store):
    part_b_says(proposal, store, "one")
    submit(proposal)
    shortening.prepare(proposal)
    assert jobs("shorten_part_b") == [{"document_id": facts.part_b(proposal).id, "page_limit": 0, "blind": 1}]
    assert db.session.query(Submission).count() == 1
