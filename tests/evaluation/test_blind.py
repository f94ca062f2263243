"""A blind evaluation: what names the applicants is in no page, list, file, file name or letter of an expert."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
import typst
from sqlalchemy import event

from grants.calls.states import Blind, DeadlineModel
from grants.db import db
from grants.evaluation import mails, queries, services, waiting
from grants.evaluation import subject as subjects
from grants.evaluation.states import AssignmentState
from grants.evaluation.visibility import DEFAULT, Aspect, Phase, PhaseRule
from grants.experts.models import Employment
from grants.kernel.errors import Invalid
from grants.notifications.models import Letter
from grants.proposals import queries as proposals
from grants.proposals import services as writing
from grants.proposals import shortening
from grants.proposals.models import Proposal, Submission
from tests.canary.crawling import told
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import document_of, draft
from tests.factories.shared import once
from uploads.intake import keep

#: What tells who applies.
TRACES = ("alba", "safekids", "secret author", "cv of ana", "portugal", "person contact")


@once
def scene(app, clock):
    """A blind proposal of the Alba Institute with three experts who accepted it; and its manager."""
    clock.instant = LATER
    of = topic()
    of.blind = Blind.ALL
    proposal = blind_proposal(of, app.extensions["store"])
    account, manager = manager_of(of)
    pool = accepted(of, *(expert() for _ in range(3)), manager=manager)
    made = assigned(proposal, *pool, manager=manager)
    return of, proposal, made, account, manager


def blind_proposal(of, store) -> Proposal:
    made = draft(of, main_contact=person("Person Contact"))
    for row in made.participants:
        row.organisation.legal_name, row.organisation.country = f"Alba Institute {row.position}", "PT"
    document_of(made, kind="annex").name = "CV of Ana.pdf"
    part_b = part_b_of(made)
    content = typst.compile(b'#set document(title: "Alba", author: "Secret Author")\nThe idea')
    part_b.object_key, part_b.name = keep(store.storage, content, "application/pdf"), "Alba Part B.pdf"
    part_b.sha256, part_b.size, part_b.pages = part_b.object_key.rpartition("/")[2], len(content), 1
    db.session.flush()
    db.session.expire(made)
    who = actor_of(made.changed_by)
    opened = proposals.open_proposal(who, made.number, now=NOW)
    writing.submit_proposal(opened, actor=who, now=NOW, key=uuid4())
    return made


def part_b_of(proposal):
    return next(each.document for each in proposal.attachments if each.kind == "part_b")


def open_(assignment, now=LATER):
    return queries.open_assignment(expert_actor(assignment.expert.account), assignment.id, now=now)


def pages(client, assignment, *more):
    client = signed_in(client, assignment.expert.account, now=LATER)
    own = f"/evaluation/{assignment.id}"
    return {path: client.get(path) for path in ("/", "/evaluation", own, *(f"{own}/{each}" for each in more))}


def own_page(client, assignment):
    return pages(client, assignment)[f"/evaluation/{assignment.id}"]


def work(store, proposal):
    shortening.make(part_b_of(proposal).id, 0, 1, store=store, now=LATER)


def traces(text):
    return [each for each in TRACES if each in text.lower()]


def test_no_page_of_an_expert_tells_who_applies(app, scene, client):
    _, proposal, made, _, manager = scene
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    work(app.extensions["store"], proposal)
    for address, answer in pages(client, made[0], "consensus", "others").items():
        assert answer.status_code == 200, address
        assert traces(told(answer)) == [], address
    page = client.get(f"/evaluation/{made[0].id}").text
    assert "Participant 1" in page
    assert "A safer net" in page
    assert ">Blind<" in page
    assert str(proposal.number) in client.get("/evaluation").text


def test_an_expert_of_an_open_evaluation_reads_who_applies(scene, client):
    of, _, made, _, _ = scene
    of.blind = Blind.NO
    db.session.flush()
    page = own_page(client, made[0]).text
    assert "Alba Institute 1" in page
    assert "SAFEKIDS" in page
    assert "CV of Ana.pdf" in page


def test_the_declaration_says_that_names_are_withheld_and_were_compared(scene, client):
    of, proposal, _, _, manager = scene
    [found] = accepted(of, expert(), manager=manager)
    asked = services.assign(proposal, found, actor=manager, now=LATER)
    answer = own_page(client, asked)
    assert "names of the applicants are withheld" in answer.text
    assert traces(answer.text) == []


def test_a_conflict_is_found_by_the_machine_and_told_without_the_name(scene, client):
    of, proposal, _, _, manager = scene
    [found] = accepted(of, expert(), manager=manager)
    asked = services.assign(proposal, found, actor=manager, now=LATER)
    job = Employment(name="Alba Institute 1", began_on=LATER.date())
    job.organisation_id = proposal.participants[0].organisation_id
    found.jobs.append(job)
    db.session.flush()
    who = expert_actor(found.account)
    with pytest.raises(Invalid) as refused:
        services.accept_assignment(open_(asked), actor=who, now=LATER)
    assert "conflict of interest was found" in refused.value.message
    assert traces(refused.value.message) == []
    assert own_page(client, asked).status_code == 404


def test_the_file_is_a_copy_with_a_neutral_name_and_annexes_are_not_there(app, scene, client):
    _, proposal, made, _, _ = scene
    client = signed_in(client, made[0].expert.account, now=LATER)
    address = f"/evaluation/{made[0].id}/files/{part_b_of(proposal).public_id}"
    assert client.get(address).status_code == 503
    work(app.extensions["store"], proposal)
    answer = client.get(address)
    with client.get(answer.location) as file:
        seen = told(file)
    assert "The idea" in seen
    assert f"{proposal.number} Part B.pdf" in seen
    assert traces(seen) == []
    annex = next(each.document for each in proposal.attachments if each.kind == "annex")
    assert client.get(f"/evaluation/{made[0].id}/files/{annex.public_id}").status_code == 404


@pytest.mark.parametrize("path", ["", "/versions/1", "/versions/1/papers/part_a", "/versions/1/papers/archive"])
def test_what_applicants_and_funder_read_is_not_there_for_experts(scene, client, path):
    _, proposal, made, _, _ = scene
    client = signed_in(client, made[0].expert.account, now=LATER)
    assert client.get(f"/proposals/{proposal.number}{path}").status_code == 404


def test_what_names_applicants_is_not_even_loaded(scene):
    made = scene[2]
    db.session.flush()
    db.session.expire_all()
    who, identity, asked = expert_actor(made[0].expert.account), made[0].id, []
    db.session.expire_all()

    def keep_statement(_connection, _cursor, statement, *_more):
        asked.append(re.sub(r"\bWHERE\b.*", "", statement, flags=re.DOTALL))

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", keep_statement)
    try:
        opened = queries.open_assignment(who, identity, now=LATER)
        read = subjects.subject(opened)
        subjects.copy_for_experts(read.part_b, opened.assignment.proposal, withheld=opened.access.withheld)
    finally:
        event.remove(connection, "before_cursor_execute", keep_statement)
    words = " ".join(asked)
    assert "jsonb_path_query_array" in words
    for forbidden in ("proposal.acronym", "organisation.", "document.name", "submission_file.name", "content AS"):
        assert forbidden not in words


def test_lists_give_no_acronym_in_a_blind_stage_and_give_it_in_the_other(scene):
    of, proposal, made, _, _ = scene
    who = expert_actor(made[0].expert.account)

    def shown():
        steps = waiting.next_steps(who, now=LATER, limit=9)
        return queries.titles([proposal.id])[proposal.id][0], [each.acronym for each in steps]

    assert shown() == ("", [""])
    of.blind, of.deadline_model = Blind.FIRST_STAGE, DeadlineModel.TWO_STAGE
    db.session.flush()
    assert shown() == ("", [""])
    proposal.stage = 2
    db.session.flush()
    assert shown() == ("SAFEKIDS", ["SAFEKIDS"])


def change(scene, phase, *shows):
    of, _, _, _, manager = scene
    rules = tuple(PhaseRule(phase, frozenset(shows)) if rule.phase is phase else rule for rule in DEFAULT)
    services.set_visibility(of, rules, seen=of.visibility_version, actor=manager, now=LATER)


def test_the_table_shows_who_applies_in_a_later_phase_to_those_who_handed_in(scene, client):
    _, proposal, made, _, manager = scene
    for each in made[:2]:
        handed_in(each)
    services.open_consensus(proposal, reason="One is ill.", actor=manager, now=LATER)
    assert "Alba Institute 1" not in own_page(client, made[0]).text
    change(scene, Phase.CONSENSUS, Aspect.OWN, Aspect.TEXTS, Aspect.APPLICANTS)
    assert "Alba Institute 1" in own_page(client, made[0]).text
    assert "Alba Institute 1" not in own_page(client, made[2]).text


def test_after_the_decision_who_applies_is_shown_where_the_own_report_is(scene, client):
    _, proposal, made, _, _ = scene
    handed_in(made[0])
    proposal.decided_at = LATER
    db.session.flush()
    assert own_page(client, made[0]).status_code == 404
    change(scene, Phase.AFTER, Aspect.OWN)
    assert "Alba Institute 1" not in own_page(client, made[0]).text
    change(scene, Phase.AFTER, Aspect.OWN, Aspect.APPLICANTS)
    assert "Alba Institute 1" in own_page(client, made[0]).text


@pytest.mark.slow
def test_managers_see_everything_with_a_tag(scene, client):
    of, proposal, _, account, _ = scene
    client = signed_in(client, account, now=LATER)
    for address in (
        f"/manage/proposals/{proposal.number}/evaluation", f"/manage/topics/{of.identifier}/evaluation",
        f"/manage/topics/{of.identifier}/evaluation/visibility", f"/manage/calls/{of.call.identifier}",
        f"/manage/topics/{of.identifier}/assignment", f"/manage/topics/{of.identifier}/experts",
        f"/manage/topics/{of.identifier}/ranking", f"/proposals/{proposal.number}",
    ):  # fmt: skip
        assert ">Blind<" in client.get(address).text, address
    assert "SAFEKIDS" in client.get(f"/manage/proposals/{proposal.number}/evaluation").text


def test_no_letter_to_an_expert_tells_who_applies(scene):
    _, proposal, made, _, manager = scene
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    mails.late(made[0], now=LATER)
    mails.returned(made[0], reason="Say more.", now=LATER)
    experts = {each.expert.account_id for each in made}
    letters = db.session.query(Letter).filter(Letter.account_id.in_(experts)).all()
    assert {each.kind for each in letters} >= {"assignment", "consensus_opened", "report_late", "report_returned"}
    for letter in letters:
        assert traces(f"{letter.subject} {letter.body}") == [], letter.kind


def test_a_version_without_participants_is_read(scene):
    _, proposal, made, _, _ = scene
    version = db.session.query(Submission).filter_by(proposal_id=proposal.id).one()
    version.content = {**version.content, "participants": []}
    db.session.flush()
    assert subjects.subject(open_(made[0])).parties == ()


def test_a_conflict_found_since_closes_a_proposal_to_posts_that_would_show_it(scene, client):
    _, proposal, made, _, _ = scene
    applicant = proposal.participants[0].organisation
    for each in made[:2]:
        each.expert.jobs.append(
            Employment(name=applicant.legal_name, organisation_id=applicant.id, began_on=LATER.date())
        )
    db.session.commit()
    wrong = {"version": "1", "scores.excellence.score": "77"}
    for each, path in zip(made[:2], ("", "/submit"), strict=True):
        client = signed_in(client, each.expert.account, now=LATER)
        assert client.post(f"/evaluation/{each.id}{path}", data=wrong).status_code == 404
        assert each.state is AssignmentState.CONFLICTED
