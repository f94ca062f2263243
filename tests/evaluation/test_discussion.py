"""Questions, weaknesses, notes for the panel; a consensus that begins early, is discussed, or is decided."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.evaluation import queries, services
from grants.evaluation.models import Remark
from grants.evaluation.rules import answer_findings
from grants.evaluation.states import Answer, ConsensusState
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of, values
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

SCOPE = [{"code": "q1", "text": "Is it in scope?"}]


@once
def scene(app):
    """A topic with three experts on one proposal; nobody has written yet."""
    of = topic()
    of.questions, of.shortest_comment = SCOPE, 10
    _, manager = manager_of(of)
    proposal = submitted(of)
    made = assigned(proposal, *accepted(of, expert(), expert(), expert(), manager=manager), manager=manager)
    return proposal, manager, made


def opened(assignment):
    return queries.open_assignment(expert_actor(assignment.expert.account), assignment.id, now=LATER)


def save(assignment, changed, *, seen):
    who = expert_actor(assignment.expert.account)
    return services.save_report(opened(assignment), changed, seen=seen, actor=who, now=LATER)


def submit(assignment):
    services.submit_report(opened(assignment), actor=expert_actor(assignment.expert.account), now=LATER)


@pytest.mark.parametrize(
    ("given", "code"),
    [({}, "not-answered"), ({"answer": ""}, "not-answered"), ({"answer": "no", "remark": " "}, "no-remark")],
)
def test_each_question_is_answered_and_a_no_is_explained(given, code):
    (found,) = answer_findings({"q1": given}, SCOPE)
    assert (found.code, found.blocks) == (code, True)


def test_a_yes_or_an_explained_no_is_enough():
    assert answer_findings({"q1": {"answer": "yes"}}, SCOPE) == []
    assert answer_findings({"q1": {"answer": "no", "remark": "Another topic fits."}}, SCOPE) == []


def test_a_report_needs_reasons_of_the_length_that_the_topic_asks_and_its_answers(scene):
    proposal, _, (first, *_) = scene
    version = save(first, {**values(proposal.topic, "4", comment="Too short"), "questions.q1.answer": ""}, seen=1)

    with pytest.raises(Invalid) as refused:
        submit(first)
    assert [each.code for each in refused.value.findings] == ["short-comment"] * 3 + ["not-answered"]

    save(
        first,
        {**values(proposal.topic, "4"), "questions.q1.remark": "Fully.", "panel_note": "Ask them."},
        seen=version,
    )
    submit(first)
    assert first.report.answers == {"q1": {"answer": "yes", "remark": "Fully."}}
    assert first.report.panel_note == "Ask them."


def test_an_answer_that_is_neither_yes_nor_no_is_refused(scene):
    with pytest.raises(Invalid):
        save(scene[2][0], {"questions.q1.answer": "maybe"}, seen=1)


def test_weaknesses_come_together_under_letters_and_notes_stay_with_their_expert(scene):
    proposal, manager, made = scene
    for index, each in enumerate(made):
        typed = {"scores.impact.weaknesses": f"Weak {index}", "panel_note": f"Note {index}"}
        save(each, {**values(proposal.topic, "4"), **typed}, seen=1)
        submit(each)

    consensus = services.open_consensus(proposal, actor=manager, now=LATER)

    weak = {each.criterion.code: each.weaknesses for each in consensus.scores}
    assert weak["impact"] == "Expert A: Weak 0\n\nExpert B: Weak 1\n\nExpert C: Weak 2"
    assert weak["excellence"] == ""
    assert consensus.panel_note == ""


def test_an_officer_need_not_wait_for_a_missing_report_but_gives_a_reason(scene):
    proposal, manager, made = scene
    handed_in(made[0])
    with pytest.raises(Invalid) as refused:
        services.open_consensus(proposal, reason="Holidays", actor=manager, now=LATER)
    assert "few-reports" in [each.code for each in refused.value.findings]
    handed_in(made[1])
    with pytest.raises(Invalid):
        services.open_consensus(proposal, actor=manager, now=LATER)

    consensus = services.open_consensus(proposal, reason="The third is ill.", actor=manager, now=LATER)

    assert consensus.opened_because == "The third is ill."
    with pytest.raises(Refused):  # who has not handed in reads nobody's report
        services.say(opened(made[2]), "Hello", actor=expert_actor(made[2].expert.account), now=LATER)
    agree(scene, made[:2])
    services.approve_consensus(queries.consensus_of(proposal.id), actor=manager, now=LATER)
    assert consensus.state is ConsensusState.APPROVED


def agree(scene, made, *, answers=True):
    """The rapporteur proposes, the others say yes."""
    proposal, _, _ = scene
    first = expert_actor(made[0].expert.account)
    services.save_consensus(opened(made[0]), values(proposal.topic, "4"), seen=1, actor=first, now=LATER)
    services.propose_consensus(opened(made[0]), actor=first, now=LATER)
    for each in made[1:] if answers else ():
        who = expert_actor(each.expert.account)
        services.give_opinion(opened(each), answer=Answer.AGREES, actor=who, now=LATER)


def test_a_manager_decides_without_a_missing_answer_only_with_a_reason(scene):
    proposal, manager, made = scene
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    agree(scene, made, answers=False)
    with pytest.raises(Invalid) as refused:
        services.approve_consensus(queries.consensus_of(proposal.id), actor=manager, now=LATER)
    assert {each.code for each in refused.value.findings} == {"no-opinion"}

    services.approve_consensus(
        queries.consensus_of(proposal.id), reason="Two weeks of silence", actor=manager, now=LATER
    )

    db.session.commit()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "consensus.approve")).one()
    assert (event.reason, queries.consensus_of(proposal.id).decided_because) == ("Two weeks of silence",) * 2


def test_the_discussion_shows_letters_to_experts_and_ends_with_the_approval(scene, client):
    proposal, manager, made = scene
    for each in made:
        handed_in(each)
    consensus = services.open_consensus(proposal, actor=manager, now=LATER)
    services.moderate(consensus, "What of impact?", actor=manager, now=LATER)
    services.say(opened(made[1]), "I would give more.", actor=expert_actor(made[1].expert.account), now=LATER)

    page = signed_in(client, made[0].expert.account, now=LATER).get(f"/evaluation/{made[0].id}/consensus").text

    assert "The moderator" in page
    assert "I would give more." in page
    assert made[1].expert.account.name not in page
    agree(scene, made)
    services.approve_consensus(queries.consensus_of(proposal.id), actor=manager, now=LATER)
    with pytest.raises(Refused):
        services.say(opened(made[1]), "One more", actor=expert_actor(made[1].expert.account), now=LATER)
    assert len(db.session.scalars(select(Remark)).all()) == 2


def test_the_rapporteur_asks_for_another_expert_and_the_managers_are_told(scene):
    proposal, manager, made = scene
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    first = expert_actor(made[0].expert.account)
    with pytest.raises(Refused):
        services.ask_for_expert(opened(made[1]), "x", actor=expert_actor(made[1].expert.account), now=LATER)

    services.ask_for_expert(opened(made[0]), "Somebody who knows hash lists.", actor=first, now=LATER)

    (letter,) = db.session.scalars(select(Letter).where(Letter.kind == "expert_wanted"))
    assert "Somebody who knows hash lists." in letter.body
    assert made[0].expert.account.name not in letter.body


def test_a_conflicted_expert_is_out_of_the_discussion(scene):
    proposal, manager, made = scene
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    who = expert_actor(made[2].expert.account)
    services.declare_conflict(opened(made[2]), reason="A friend applies.", actor=who, now=LATER)
    with pytest.raises(NotFound):
        opened(made[2])
