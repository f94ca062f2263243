"""What panels find: unchanged at once, changed by four eyes, never after the ranked list is prepared."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from grants.audit.models import AuditEvent
from grants.db import db
from grants.evaluation import facts as evaluated_facts
from grants.evaluation import queries as evaluation
from grants.kernel.errors import Invalid, Refused
from grants.notifications.models import Letter
from grants.panels.models import Outcome
from grants.panels.services import meetings
from grants.panels.services import outcomes as services
from grants.panels.services import panels as setting_up
from grants.panels.states import OutcomeState
from grants.ranking import services as ranking
from grants.ranking.models import Ranking
from grants.ranking.states import RankingState
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, evaluated, expert, expert_actor, manager_of
from tests.factories.panels import SITS, changed, closed, opened_item, opened_meeting, opened_panel, panel_of, sits
from tests.factories.people import signed_in
from tests.factories.ranking import decided
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app, clock):
    """A panel that sits on two proposals; two officers, an expert as chair."""
    clock.instant = SITS
    of = topic()
    _, manager = manager_of(of)
    other_account, other = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    judged = [evaluated(of, pool, SCORES, manager=manager) for _ in range(2)]
    fresh = accepted(of, expert("Ida"), expert("Jan"), manager=manager)
    panel = panel_of(of, fresh, judged, manager=manager, chair=fresh[0].account_id)
    meeting = sits(panel, manager=manager)
    db.session.commit()
    return of, manager, other, other_account, fresh, judged, panel, meeting


def scores(proposal):
    db.session.expire_all()
    return evaluated_facts.scores(evaluation.consensus_of(proposal.id).scores)


def keep(panel, proposal, actor):
    opened = opened_item(panel, proposal, actor)
    return services.record_outcome(opened, {}, change=False, remark="", actor=actor, now=SITS)


def test_scores_that_stay_need_no_second_officer_and_the_chair_records_it(scene):
    _, _, _, _, fresh, (first, _), panel, _ = scene
    chair = expert_actor(fresh[0].account)
    made = keep(panel, first, chair)
    assert (made.state, made.changes) == (OutcomeState.KEPT, [])
    with pytest.raises(Refused):
        keep(panel, first, expert_actor(fresh[1].account))


def test_changed_scores_count_when_another_officer_confirms(scene):
    _, manager, other, _, _, (first, second), panel, _ = scene
    made = changed(panel, first, {"excellence": "3.5"}, actor=manager)
    assert scores(first)["excellence"] == Decimal(4)
    with pytest.raises(Refused) as problem:
        services.confirm_outcome(opened_item(panel, first, manager), actor=manager, now=SITS)
    assert problem.value.code == "four-eyes"
    services.confirm_outcome(opened_item(panel, first, other), actor=other, now=SITS)
    db.session.commit()
    assert scores(first) == {"excellence": Decimal("3.5"), "impact": Decimal(4), "implementation": Decimal(4)}
    assert scores(second)["excellence"] == Decimal(4)
    kept = db.session.get_one(Outcome, made.id)
    assert kept.changes == [
        {
            "code": "excellence",
            "name": "Excellence",
            "old": "4",
            "new": "3.5",
            "reason": "As all others of this kind.",
        }
    ]
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "consensus.panel_changed"))
    assert event.facts == {"scores": {"excellence": {"old": "4.000", "new": "3.5"}}}
    assert len(db.session.scalars(select(Letter).where(Letter.kind == "panel_change_to_confirm")).all()) == 1


def test_the_database_does_not_let_one_person_do_both(scene):
    _, manager, _, _, _, (first, _), panel, _ = scene
    made = changed(panel, first, {"excellence": "3"}, actor=manager)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        change = {"state": "confirmed", "answered_by_id": manager.id, "answered_at": SITS}
        db.session.execute(update(Outcome).where(Outcome.id == made.id).values(**change))


def test_a_change_that_is_sent_back_changes_nothing_and_another_one_may_follow(scene):
    _, manager, other, _, _, (first, _), panel, _ = scene
    changed(panel, first, {"excellence": "3.5"}, actor=manager)
    with pytest.raises(Refused) as problem:
        keep(panel, first, manager)
    assert problem.value.code == "waits"
    with pytest.raises(Invalid):
        services.send_back_outcome(opened_item(panel, first, other), reason=" ", actor=other, now=SITS)
    services.send_back_outcome(opened_item(panel, first, other), reason="Not enough.", actor=other, now=SITS)
    assert scores(first)["excellence"] == Decimal(4)
    assert keep(panel, first, manager).state is OutcomeState.KEPT


def test_a_change_says_what_is_wrong_with_it(scene):
    _, manager, _, _, _, (first, _), panel, _ = scene
    for typed, code in (
        ({"impact": ("4.2", "Why")}, "score"),
        ({"impact": ("3", "")}, "no-reason"),
        ({}, "no-change"),
    ):
        with pytest.raises(Invalid) as problem:
            opened = opened_item(panel, first, manager)
            services.record_outcome(opened, typed, change=True, remark="", actor=manager, now=SITS)
        assert problem.value.code == code


def test_outcomes_are_recorded_while_the_panel_sits(scene):
    _of, manager, _, _, _fresh, (first, _), _, meeting = scene
    closed(meeting, manager=manager)
    panel = meeting.panel
    with pytest.raises(Refused) as problem:
        keep(panel, first, manager)
    assert problem.value.code == "not-open"


def test_nothing_changes_once_the_list_is_prepared_and_a_computed_list_must_be_computed_anew(scene):
    of, manager, other, _, _, (first, _), panel, _ = scene
    listed = ranking.compute_ranking(of, actor=manager, now=SITS)
    changed(panel, first, {"excellence": "3.5"}, actor=manager)
    services.confirm_outcome(opened_item(panel, first, other), actor=other, now=SITS)
    with pytest.raises(Invalid) as problem:
        ranking.prepare_decision(listed, seen=listed.version, actor=manager, now=SITS)
    assert problem.value.code == "out-of-date"
    listed = ranking.compute_ranking(of, actor=manager, now=SITS)
    ranking.prepare_decision(listed, seen=listed.version, actor=manager, now=SITS)
    with pytest.raises(Refused) as problem:
        keep(panel, scene[5][1], manager)
    assert problem.value.code == "frozen"


def test_a_change_that_waits_is_not_confirmed_once_the_list_is_prepared(scene):
    """No way of the services leads here: the list's own obstacle stands before it. The panel refuses all the same."""
    of, manager, other, _, _, (first, _), panel, _ = scene
    listed = ranking.compute_ranking(of, actor=manager, now=SITS)
    changed(panel, first, {"impact": "3.5"}, actor=manager)
    db.session.execute(update(Ranking).where(Ranking.id == listed.id).values(state=RankingState.PREPARED))
    db.session.expire_all()
    with pytest.raises(Refused) as problem:
        services.confirm_outcome(opened_item(panel, first, other), actor=other, now=SITS)
    assert problem.value.code == "frozen"


def test_minutes_are_not_approved_while_a_change_waits(scene):
    _, manager, other, _, fresh, (first, _), panel, meeting = scene
    chair = expert_actor(fresh[0].account)
    changed(panel, first, {"excellence": "3.5"}, actor=chair)
    closed(meeting, manager=manager)
    with pytest.raises(Refused) as problem:
        meetings.approve_minutes(opened_meeting(meeting, chair), actor=chair, now=SITS)
    assert problem.value.code == "waits"
    services.confirm_outcome(opened_item(panel, first, other), actor=other, now=SITS)
    meetings.approve_minutes(opened_meeting(meeting, chair), actor=chair, now=SITS)


def test_minutes_and_the_report_of_the_applicants_have_the_new_scores(scene, client):
    of, manager, other, other_account, _, (first, _), panel, meeting = scene
    changed(panel, first, {"excellence": "2.5"}, actor=manager)
    services.confirm_outcome(opened_item(panel, first, other), actor=other, now=SITS)
    closed(meeting, manager=manager)
    db.session.commit()
    page = signed_in(client, other_account, now=SITS).get(f"/panels/meetings/{meeting.id}/minutes").text
    for words in (
        "Scores changed",
        '<td data-label="Before" class="num">4</td>',
        ">2.5</td>",
        "As all others of this",
    ):
        assert words in page, words
    listed = decided(ranking.compute_ranking(of, actor=manager, now=SITS), manager=manager, now=SITS)
    ranking.send_letters(listed, count=2, actor=manager, now=SITS)
    db.session.commit()
    page = signed_in(client, first.members[0].account, now=SITS).get(f"/proposals/{first.number}/result").text
    assert "2.5" in page
    assert "As all others of this" not in page


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong_at_the_field(scene, client):
    _, _, _, other_account, _, (first, _), panel, _ = scene
    browser = signed_in(client, other_account, now=SITS)
    address = f"/panels/{panel.id}/proposals/{first.number}"
    typed = {"outcome": "change", "scores.impact.score": "3", "remark": "Low in its group."}
    answer = browser.post(f"{address}/outcome", data=typed)
    assert answer.status_code == 422
    assert 'id="scores.impact.reason-error"' in answer.text
    assert "Low in its group." in answer.text
    answer = browser.post(f"{address}/outcome", data=typed | {"scores.impact.reason": "Weak."}, follow_redirects=True)
    assert "Another officer is asked" in answer.text
    assert "You recorded this" in answer.text


def test_a_change_that_waits_stands_against_preparing_the_list(scene):
    of, manager, other, _, _, (first, _), panel, _ = scene
    changed(panel, first, {"excellence": "3.5"}, actor=manager)
    listed = ranking.compute_ranking(of, actor=manager, now=SITS)
    with pytest.raises(Invalid) as problem:
        ranking.prepare_decision(listed, seen=listed.version, actor=manager, now=SITS)
    assert problem.value.code == "panel-waits"
    assert str(first.number) in problem.value.message
    services.send_back_outcome(opened_item(panel, first, other), reason="Not now.", actor=other, now=SITS)
    ranking.prepare_decision(listed, seen=listed.version, actor=manager, now=SITS)


def test_a_meeting_that_was_closed_meanwhile_takes_no_outcome(scene):
    _, manager, _, _, fresh, (first, _), panel, meeting = scene
    opened = opened_item(panel, first, manager)
    closed(meeting, manager=manager)
    chair = expert_actor(fresh[0].account)
    meetings.approve_minutes(opened_meeting(meeting, chair), actor=chair, now=SITS)
    with pytest.raises(Refused) as problem:
        services.record_outcome(opened, {}, change=False, remark="", actor=manager, now=SITS)
    assert problem.value.code == "not-open"


def test_approved_minutes_stay_whoever_sits_on_the_panel_and_chairs_it_later(scene, client):
    of, manager, _, account, fresh, _, panel, meeting = scene
    closed(meeting, manager=manager)
    chair = expert_actor(fresh[0].account)
    meetings.approve_minutes(opened_meeting(meeting, chair), actor=chair, now=SITS)
    db.session.commit()
    db.session.expire_all()
    browser = signed_in(client, account, now=SITS)
    before = browser.get(f"/panels/meetings/{meeting.id}/minutes").text
    assert f"Chair: {fresh[0].account.name}." in before
    (late,) = accepted(of, expert("Kim Late"), manager=manager)
    setting_up.name_member(opened_panel(panel, manager), late.id, reason="Ill.", actor=manager, now=SITS)
    setting_up.change_panel(
        opened_panel(panel, manager), name=panel.name, remote=True, place=panel.place, chair_id=account.id,
        seen=panel.version, actor=manager, now=SITS,
    )  # fmt: skip
    db.session.commit()
    db.session.expire_all()
    after = browser.get(f"/panels/meetings/{meeting.id}/minutes").text
    assert "Kim Late" not in after
    assert f"Chair: {account.name}" not in after
    assert f"Chair: {fresh[0].account.name}." in after
