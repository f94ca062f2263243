"""The new round after an upheld review on PostgreSQL: experts, scores by four eyes, the supplement to the list."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from grants.audit.models import AuditEvent
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.projects import queries as project_queries
from grants.projects import services as projects
from grants.ranking import services as ranking
from grants.ranking.models import Placement
from grants.ranking.states import Decision
from grants.redress import queries as requests
from grants.redress import round_queries as queries
from grants.redress import rounds
from grants.redress.models import Round
from grants.redress.states import RoundState, Says
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import actor_of, person
from tests.factories.ranking import decided
from tests.factories.redress import asked, judged, manager_for, ruled, with_committee
from tests.factories.shared import once

THEN = LATER + timedelta(days=1)
CODES = ("excellence", "impact", "implementation")


@once
def scene(app):
    """An upheld review of the reserve-list proposal: two criteria are judged again. Three experts are new to it."""
    of = topic(budget=Decimal(800_000))
    _, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    good, other, fair = (
        evaluated(of, pool, dict(zip(CODES, scores, strict=True)), manager=manager)
        for scores in (("5", "4.5", "4"), ("4.5", "4", "4"), ("4", "4", "3.5"))
    )
    made = ranking.compute_ranking(of, actor=manager, now=LATER)
    decided(made, manager=manager, now=LATER)
    ranking.send_letters(made, count=3, actor=manager, now=LATER)
    asked(fair, now=THEN)
    ruled(fair, Says.ADMISSIBLE, now=THEN)
    with_committee(fair, now=THEN)
    ruled(fair, Says.PARTLY, criteria=("excellence", "impact"), now=THEN)
    new = accepted(of, expert(), expert(), expert(), manager=manager)
    db.session.commit()
    return of, manager, (good, other, fair), pool, new


def opened_by(manager, proposal):
    return queries.opened_round(manager, proposal.number, locked=True)


def propose(manager, proposal, decision=Decision.MAIN, reason="Above the line."):
    opened = opened_by(manager, proposal)
    return rounds.propose_result(opened, decision, reason=reason, seen=opened.round.version, actor=manager, now=THEN)


def confirm(manager, proposal):
    opened = opened_by(manager, proposal)
    rounds.confirm_result(opened, seen=opened.round.version, actor=manager, now=THEN)


def places(of):
    return db.session.execute(
        select(Placement.proposal_id, Placement.place, Placement.total, Placement.decision, Placement.cumulated)
        .order_by(Placement.id)
    ).all()  # fmt: skip


def test_an_upheld_review_opens_a_round_for_the_criteria_of_the_ruling(scene):
    _, manager, (good, _, fair), *_ = scene
    opened = opened_by(manager, fair)
    assert (opened.round.state, opened.round.criteria) == (RoundState.OPEN, ["excellence", "impact"])
    assert [each.code for each in opened.criteria] == ["excellence", "impact"]
    assert opened.old == {"excellence": 4, "impact": 4, "implementation": Decimal("3.5")}
    with pytest.raises(NotFound):
        opened_by(manager, good)


def test_a_confirmed_result_opens_none(scene):
    _, manager, (_, other, _), *_ = scene
    asked(other, now=THEN)
    ruled(other, Says.ADMISSIBLE, now=THEN)
    with_committee(other, now=THEN)
    ruled(other, Says.CONFIRMED, now=THEN)
    with pytest.raises(NotFound):
        opened_by(manager, other)


def test_only_experts_who_are_new_to_the_proposal_judge_again(scene):
    of, manager, (_, _, fair), pool, new = scene
    employer = fair.participants[0].organisation
    (close,) = accepted(of, expert(employer=employer), manager=manager)
    (stranger,) = [expert()]
    for each, code in ((pool[0], "not-independent"), (close, "not-independent"), (stranger, "no-such-expert")):
        with pytest.raises(Invalid) as refused:
            rounds.name_expert(opened_by(manager, fair), each.id, actor=manager, now=THEN)
        assert refused.value.findings[0].code == code
    rounds.name_expert(opened_by(manager, fair), new[0].id, actor=manager, now=THEN)
    with pytest.raises(Invalid):
        rounds.name_expert(opened_by(manager, fair), new[0].id, actor=manager, now=THEN)
    assert db.session.scalar(select(func.count()).where(Letter.kind == "redress_judge")) == 1
    rounds.remove_expert(opened_by(manager, fair), new[0].id, actor=manager, now=THEN)
    assert opened_by(manager, fair).round.experts == []


def test_the_topic_says_how_many_experts_and_everything_missing_is_said_at_once(scene):
    of, _, (_, _, fair), _, new = scene
    manager = judged(fair, new[:2], {"excellence": "5"}, now=THEN)
    with pytest.raises(Invalid) as missing:
        propose(manager, fair)
    assert [each.code for each in missing.value.findings] == ["too-few-experts", "not-scored", "no-comment"]
    assert of.experts_per_proposal == 3


def test_scores_are_of_the_steps_of_the_call(scene):
    _, _, (_, _, fair), _, new = scene
    with pytest.raises(Invalid) as wrong:
        judged(fair, new, {"excellence": "4.7", "impact": "6"}, now=THEN)
    assert [each.place for each in wrong.value.findings] == ["scores.excellence.score", "scores.impact.score"]
    with pytest.raises(Stale):
        manager = manager_for(fair.topic)
        rounds.save_scores(opened_by(manager, fair), {}, agreement="", seen=9, actor=manager, now=THEN)


def test_the_supplement_stands_beside_the_list_which_stays_as_it_is(scene):
    of, _, (_, other, fair), _, new = scene
    before, consensus = places(of), evaluation.scores_of([fair.id])
    manager = judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN)
    found = propose(manager, fair)
    assert (found.old_place, found.place, found.total, found.suggests) == (3, 1, Decimal("13.5"), Decision.MAIN)
    with pytest.raises(Refused) as alone:
        confirm(manager, fair)
    assert alone.value.code == "four-eyes"
    confirm(manager_for(of), fair)
    assert places(of) == before
    assert evaluation.scores_of([fair.id]) == consensus
    kept = queries.new_result(fair.id)
    assert (kept.decision, kept.place, kept.total) == (Decision.MAIN, 1, Decimal("13.5"))
    assert [each.id for each in queries.supplements(kept.ranking_id)] == [kept.id]
    assert list(db.session.scalars(queries.on_main_list())) == [fair.id]
    body = db.session.scalar(select(Letter.body).where(Letter.kind == "redress_result"))
    assert "it is on the main list, with a total of 13.5" in body
    assert "Above the line." in body
    assert not any(each.account.name in body for each in new)
    assert queries.new_result(other.id) is None


def test_a_conflict_found_since_an_expert_was_named_stops_the_result(scene):
    _, _, (_, _, fair), _, new = scene
    manager = judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN)
    new[1].employer_id = fair.participants[0].organisation_id
    db.session.flush()
    with pytest.raises(Invalid) as found:
        propose(manager, fair)
    assert [each.code for each in found.value.findings] == ["conflict-since"]
    assert new[1].account.name in found.value.message


def test_what_is_proposed_waits_and_can_be_sent_back_and_written_anew(scene):
    of, _, (_, _, fair), _, new = scene
    manager = judged(fair, new, {"excellence": "5", "impact": "4"}, now=THEN)
    propose(manager, fair)
    for act in (
        lambda: judged(fair, (), {"excellence": "4"}, now=THEN),
        lambda: rounds.name_expert(opened_by(manager, fair), new[0].id, actor=manager, now=THEN),
        lambda: propose(manager, fair),
    ):
        with pytest.raises(Refused) as waits:
            act()
        assert waits.value.code == "waits"
    assert queries.new_result(fair.id) is None
    with pytest.raises(Invalid):
        rounds.send_back_result(opened_by(manager, fair), reason=" ", actor=manager, now=THEN)
    rounds.send_back_result(opened_by(manager, fair), reason="Which meeting?", actor=manager, now=THEN)
    propose(manager, fair, Decision.RESERVE)
    confirm(manager_for(of), fair)
    with pytest.raises(Refused):
        propose(manager, fair)
    db.session.commit()  # events are written then
    said = db.session.scalars(
        select(AuditEvent.action).where(AuditEvent.object_kind == "redress_round").order_by(AuditEvent.number)
    ).all()
    named = ["redress_round.expert_named"] * 3
    moves = [f"redress_round.{each}" for each in ("scores", "propose", "send_back", "propose", "confirm")]
    assert said == ["redress_round.opened", *named, *moves]


def test_below_a_threshold_there_is_no_money(scene):
    _, _, (_, _, fair), _, new = scene
    manager = judged(fair, new, {"excellence": "2", "impact": "5"}, now=THEN)
    with pytest.raises(Invalid) as refused:
        propose(manager, fair)
    assert refused.value.findings[0].code == "below-threshold"
    propose(manager, fair, Decision.REJECTED)


def test_the_database_refuses_a_result_of_one_person(scene):
    of, _, (_, _, fair), _, new = scene
    propose(judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN), fair)
    confirm(manager_for(of), fair)
    for wrong in ({"confirmed_by_id": Round.proposed_by_id}, {"confirmed_by_id": None}, {"decision": None}):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(Round).values(wrong))


def test_other_programmes_and_applicants_find_no_round_and_auditors_only_read(scene):
    _, _, (_, _, fair), _, new = scene
    contact = actor_of(fair.members[0].account)
    for who in (contact, manager_for(topic()), actor_of(new[0].account, Role.EVALUATOR)):
        with pytest.raises(NotFound):
            opened_by(who, fair)
    auditor = actor_of(person("", Role.AUDITOR), Role.AUDITOR)
    with pytest.raises(NotFound):
        rounds.name_expert(opened_by(auditor, fair), new[0].id, actor=auditor, now=THEN)


def test_money_left_counts_main_list_and_supplements(scene):
    of, _, (_, _, fair), _, new = scene
    ranked = queries.announced_in(fair.id)
    before = queries.left_in(ranked)
    propose(judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN), fair)
    assert queries.left_in(ranked) == before == Decimal(50_000)
    confirm(manager_for(of), fair)
    assert queries.left_in(ranked) == before - Decimal(375_000)


def test_under_review_counts_rounds_that_are_not_confirmed(scene):
    of, _, (_, _, fair), _, new = scene
    assert requests.under_review(of.id) == (1, Decimal(375_000))
    propose(judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN), fair)
    confirm(manager_for(of), fair)
    assert requests.under_review(of.id) == (0, 0)


def test_a_supplement_on_the_main_list_gets_its_grant_prepared_and_others_are_not_touched(scene):
    of, manager, (good, other, fair), _, new = scene
    assert {each.number for each in projects.prepare_grants(of, actor=manager, now=THEN)} == {
        good.number, other.number,
    }  # fmt: skip
    kept = queries.announced_in(fair.id).id
    with pytest.raises(Refused):
        projects.prepare_grant(fair, actor=manager, now=THEN)
    propose(judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN), fair)
    assert project_queries.waiting(kept) == 0  # it counts when it is confirmed
    confirm(manager_for(of), fair)
    assert project_queries.waiting(kept) == 1
    (made,) = projects.prepare_grants(of, actor=manager, now=THEN)
    assert (made.number, made.grant_amount) == (fair.number, Decimal(375_000))
    assert project_queries.waiting(kept) == 0
