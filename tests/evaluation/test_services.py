"""The way of one proposal through the evaluation, on PostgreSQL: rights, conflicts, locks, letters."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.evaluation import queries, services
from grants.evaluation.models import Consensus, Opinion, ReportScore
from grants.evaluation.states import Answer, AssignmentState, ConsensusState, ReportState
from grants.experts import services as experts
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import (
    LATER,
    accepted,
    assigned,
    evaluated,
    expert,
    expert_actor,
    handed_in,
    manager_of,
    values,
)
from tests.factories.people import actor_of, acts_for, person
from tests.factories.proposals import submitted
from tests.factories.shared import once


@once
def scene(app):
    """A topic with three experts, its manager and one submitted proposal."""
    of = topic()
    _, manager = manager_of(of)
    return of, manager, accepted(of, expert(), expert(), expert(), manager=manager), submitted(of)


def letters(kind):
    return db.session.scalars(select(Letter).where(Letter.kind == kind)).all()


def opened(assignment):
    return queries.open_assignment(expert_actor(assignment.expert.account), assignment.id, now=LATER)


def test_the_whole_way_to_an_approved_consensus(scene):
    of, manager, pool, _ = scene
    proposal = evaluated(of, pool, {"excellence": "4", "impact": "3.5", "implementation": "4.5"}, manager=manager)
    consensus = queries.consensus_of(proposal.id)
    assert consensus.state is ConsensusState.APPROVED
    assert [each.score for each in consensus.scores] == [Decimal(4), Decimal("3.5"), Decimal("4.5")]
    assert len(letters("assignment")) == 3
    assert len(letters("consensus_proposed")) == 2
    assert len(letters("consensus_ready")) == 1
    db.session.commit()
    done = set(db.session.scalars(select(AuditEvent.action)))
    assert {
        "assignment.made",
        "assignment.accept",
        "report.submit",
        "consensus.opened",
        "consensus.approve",
    } <= done


def test_only_an_expert_who_accepted_the_invitation_is_assigned(scene):
    _, manager, _, proposal = scene
    with pytest.raises(Invalid) as problem:
        services.assign(proposal, expert(), actor=manager, now=LATER)
    assert problem.value.code == "not-invited"


def test_nothing_is_assigned_before_the_deadline_or_by_another_programme(scene):
    _, manager, pool, proposal = scene
    with pytest.raises(Refused):
        services.assign(proposal, pool[0], actor=manager, now=NOW)
    with pytest.raises(NotFound):
        services.assign(proposal, pool[0], actor=manager_of(topic())[1], now=LATER)


def test_the_load_is_kept(scene):
    of, manager, _, proposal = scene
    (busy,) = accepted(of, expert(), manager=manager, max_load=1)
    services.assign(proposal, busy, actor=manager, now=LATER)
    with pytest.raises(Invalid) as problem:
        services.assign(submitted(of), busy, actor=manager, now=LATER)
    assert problem.value.code == "load"


@pytest.mark.parametrize("tie", ["employer", "representative", "member"])
def test_a_tie_that_shows_in_the_facts_stops_the_assignment(scene, tie):
    of, manager, _, proposal = scene
    organisation = proposal.participants[1].organisation
    one = expert(employer=organisation if tie == "employer" else None)
    if tie == "representative":
        acts_for(one.account, organisation)
    if tie == "member":
        proposal = submitted(of, main_contact=one.account)
    accepted(of, one, manager=manager)
    with pytest.raises(Invalid) as problem:
        services.assign(proposal, one, actor=manager, now=LATER)
    assert problem.value.code in {"conflict-employer", "conflict-member"}


def test_a_tie_that_came_after_the_assignment_stops_the_acceptance(scene):
    _, manager, pool, proposal = scene
    made = services.assign(proposal, pool[0], actor=manager, now=LATER)
    acts_for(pool[0].account, proposal.participants[0].organisation)
    who = expert_actor(pool[0].account)
    with pytest.raises(Invalid) as problem:
        services.accept_assignment(queries.open_assignment(who, made.id, now=LATER), actor=who, now=LATER)
    assert problem.value.code == "conflict-employer"


def test_a_declared_conflict_closes_the_proposal_for_good_and_tells_the_manager(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    handed_in(made[0])
    who = expert_actor(made[0].expert.account)
    services.declare_conflict(opened(made[0]), reason="My sister works there.", actor=who, now=LATER)
    with pytest.raises(NotFound):
        opened(made[0])
    assert made[0].id not in {each.id for each in db.session.scalars(queries.own_assignments(who, now=LATER))}
    assert len(letters("conflict_declared")) == 1
    with pytest.raises(Invalid) as problem:
        services.assign(proposal, pool[0], actor=manager, now=LATER)
    assert "assigned" in {each.code for each in problem.value.findings}


def test_a_conflict_found_during_the_consensus_sends_it_back_without_that_answer(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    rapporteur, other = expert_actor(made[0].expert.account), expert_actor(made[1].expert.account)
    services.save_consensus(opened(made[0]), values(proposal.topic, "4"), seen=1, actor=rapporteur, now=LATER)
    services.propose_consensus(opened(made[0]), actor=rapporteur, now=LATER)
    services.give_opinion(opened(made[1]), answer=Answer.AGREES, actor=other, now=LATER)
    services.declare_conflict(opened(made[1]), reason="I was asked to join.", actor=other, now=LATER)
    assert queries.consensus_of(proposal.id).state is ConsensusState.DRAFT
    assert db.session.scalars(select(Opinion)).all() == []
    with pytest.raises(Invalid) as problem:
        services.propose_consensus(opened(made[0]), actor=rapporteur, now=LATER)
    assert problem.value.code == "few-experts"


def test_an_expert_without_the_role_finds_nothing(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, pool[0], manager=manager)
    with pytest.raises(NotFound):
        queries.open_assignment(actor_of(pool[0].account), made[0].id, now=LATER)
    with pytest.raises(NotFound):
        queries.open_assignment(expert_actor(pool[1].account), made[0].id, now=LATER)


def test_a_report_saves_whatever_is_typed_and_is_handed_in_whole(scene):
    _, manager, pool, proposal = scene
    (made,) = assigned(proposal, pool[0], manager=manager)
    who = expert_actor(made.expert.account)
    assert services.save_report(opened(made), {"scores.impact.score": "0"}, seen=1, actor=who, now=LATER) == 2
    with pytest.raises(Invalid) as problem:
        services.submit_report(opened(made), actor=who, now=LATER)
    assert {each.place for each in problem.value.findings} >= {"scores.excellence.score", "scores.impact.comment"}
    assert "scores.impact.score" not in {each.place for each in problem.value.findings}
    services.save_report(opened(made), values(proposal.topic, "3,5"), seen=2, actor=who, now=LATER)
    services.submit_report(opened(made), actor=who, now=LATER)
    with pytest.raises(Refused) as refused:
        services.save_report(opened(made), {"overall": "more"}, seen=3, actor=who, now=LATER)
    assert refused.value.code == "report-submitted"


@pytest.mark.parametrize("score", ["5.5", "3.3", "x", "-1", "1e1"])
def test_a_score_that_the_criterion_does_not_have_is_refused_at_its_field(scene, score):
    _, manager, pool, proposal = scene
    (made,) = assigned(proposal, pool[0], manager=manager)
    with pytest.raises(Invalid) as problem:
        services.save_report(
            opened(made), {"scores.impact.score": score}, seen=1, actor=expert_actor(pool[0].account), now=LATER
        )
    assert problem.value.findings[0].place == "scores.impact.score"


def test_a_stale_save_is_refused_with_both_texts(scene):
    _, manager, pool, proposal = scene
    (made,) = assigned(proposal, pool[0], manager=manager)
    who = expert_actor(made.expert.account)
    services.save_report(opened(made), {"scores.impact.comment": "one"}, seen=1, actor=who, now=LATER)
    with pytest.raises(Stale) as stale:
        services.save_report(opened(made), {"scores.impact.comment": "two"}, seen=1, actor=who, now=LATER)
    assert (stale.value.current, stale.value.yours) == (
        {"scores.impact.comment": "one"},
        {"scores.impact.comment": "two"},
    )


def test_a_returned_report_can_be_changed_and_the_reason_is_shown(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    handed_in(made[0])
    services.return_report(made[0], reason="The comment on impact names a person.", actor=manager, now=LATER)
    report = opened(made[0]).assignment.report
    assert (report.state, report.returned_because) == (ReportState.DRAFT, "The comment on impact names a person.")
    assert "names a person" in letters("report_returned")[0].body


def test_the_consensus_opens_only_when_all_reports_are_in_and_starts_without_scores(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    handed_in(made[0], "2")
    with pytest.raises(Invalid) as problem:
        services.open_consensus(proposal, actor=manager, now=LATER)
    assert {each.code for each in problem.value.findings} == {"no-report"}
    handed_in(made[1], "4")
    handed_in(made[2], "4")
    consensus = services.open_consensus(proposal, actor=manager, now=LATER)
    assert [each.score for each in consensus.scores] == [None, None, None]
    assert consensus.scores[0].comment.count("Expert ") == 3
    assert all(each.expert.account.name not in consensus.scores[0].comment for each in made)
    with pytest.raises(Refused):
        services.return_report(made[0], reason="too late", actor=manager, now=LATER)


def test_nobody_reads_the_others_before_the_consensus(scene):
    from grants.evaluation.access import may_read_consensus

    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    handed_in(made[0])
    who = expert_actor(made[0].expert.account)
    assert not may_read_consensus(who, opened(made[0]).access)


def test_only_the_rapporteur_writes_and_only_the_others_answer(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    rapporteur, other = (expert_actor(each.expert.account) for each in made[:2])
    with pytest.raises(Refused) as refused:
        services.save_consensus(opened(made[1]), {"overall": "x"}, seen=1, actor=other, now=LATER)
    assert refused.value.code == "not-rapporteur"
    services.save_consensus(opened(made[0]), values(proposal.topic, "4"), seen=1, actor=rapporteur, now=LATER)
    services.propose_consensus(opened(made[0]), actor=rapporteur, now=LATER)
    with pytest.raises(Refused):
        services.give_opinion(opened(made[0]), answer=Answer.AGREES, actor=rapporteur, now=LATER)
    with pytest.raises(Invalid) as problem:
        services.give_opinion(opened(made[1]), answer=Answer.DISAGREES, text=" ", actor=other, now=LATER)
    assert problem.value.code == "no-text"


def test_a_minority_view_does_not_stop_the_approval_and_a_missing_answer_does(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    for each in made:
        handed_in(each)
    consensus = services.open_consensus(proposal, actor=manager, now=LATER)
    who = [expert_actor(each.expert.account) for each in made]
    services.save_consensus(opened(made[0]), values(proposal.topic, "4"), seen=1, actor=who[0], now=LATER)
    services.propose_consensus(opened(made[0]), actor=who[0], now=LATER)
    services.give_opinion(opened(made[1]), answer=Answer.DISAGREES, text="Too kind.", actor=who[1], now=LATER)
    with pytest.raises(Invalid) as problem:
        services.approve_consensus(consensus, actor=manager, now=LATER)
    assert {each.code for each in problem.value.findings} == {"no-opinion"}
    services.give_opinion(opened(made[2]), answer=Answer.AGREES, actor=who[2], now=LATER)
    services.approve_consensus(consensus, actor=manager, now=LATER)
    assert consensus.state is ConsensusState.APPROVED


def test_sending_back_removes_the_answers_and_tells_everybody_why(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    for each in made:
        handed_in(each)
    consensus = services.open_consensus(proposal, actor=manager, now=LATER)
    who = expert_actor(made[0].expert.account)
    services.save_consensus(opened(made[0]), values(proposal.topic, "4"), seen=1, actor=who, now=LATER)
    services.propose_consensus(opened(made[0]), actor=who, now=LATER)
    other = expert_actor(made[1].expert.account)
    services.give_opinion(opened(made[1]), answer=Answer.AGREES, actor=other, now=LATER)
    services.reopen_consensus(consensus, reason="The text does not match the score.", actor=manager, now=LATER)
    assert db.session.scalars(select(Opinion)).all() == []
    assert len(letters("consensus_reopened")) == 3
    assert db.session.scalars(select(Consensus)).one().reopened_because == "The text does not match the score."


def test_an_approved_evaluation_takes_no_more_changes(scene):
    of, manager, pool, _ = scene
    proposal = evaluated(of, pool, {"excellence": "4", "impact": "4", "implementation": "4"}, manager=manager)
    made = queries.assignments_of(proposal.id)
    with pytest.raises(Refused):
        services.remove_assignment(made[1], reason="late", actor=manager, now=LATER)
    with pytest.raises(Refused):
        services.save_consensus(
            opened(made[0]), {"overall": "x"}, seen=2, actor=expert_actor(made[0].expert.account), now=LATER
        )


def test_a_removed_expert_can_be_asked_again_and_the_text_is_kept(scene):
    _, manager, pool, proposal = scene
    made = assigned(proposal, *pool, manager=manager)
    handed_in(made[2])
    services.remove_assignment(made[2], reason="Ill", actor=manager, now=LATER)
    with pytest.raises(NotFound):
        opened(made[2])
    again = services.assign(proposal, pool[2], actor=manager, now=LATER + timedelta(days=1))
    assert again.state is AssignmentState.PROPOSED
    scores = select(ReportScore.score).where(ReportScore.report_id == again.report.id)
    assert set(db.session.scalars(scores)) == {Decimal(4)}


def test_declining_an_invitation_and_being_asked_again(app):
    of = topic()
    _, manager = manager_of(of)
    (invitation,) = experts.invite(of, [expert()], actor=manager, now=NOW)
    who = expert_actor(invitation.expert.account)
    with pytest.raises(Invalid):
        experts.answer_invitation(invitation, accept=True, declared=False, actor=who, now=NOW)
    experts.answer_invitation(invitation, accept=False, reason="On leave", actor=who, now=NOW)
    with pytest.raises(Refused):
        experts.answer_invitation(invitation, accept=True, actor=who, now=NOW)
    experts.invite_again(invitation, actor=manager, now=NOW + timedelta(days=1))
    experts.answer_invitation(invitation, accept=True, actor=who, now=NOW)
    assert [each.account_id for each in letters("invitation")][-2:] == [invitation.expert.account_id] * 2
    with pytest.raises(NotFound):
        experts.answer_invitation(invitation, accept=False, actor=expert_actor(person()), now=NOW)
