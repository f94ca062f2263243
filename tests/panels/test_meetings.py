"""Meetings on PostgreSQL: agenda, invitations, the phase that begins, who leaves, attendance, minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.evaluation import services as evaluating
from grants.evaluation.visibility import DEFAULT, Aspect, Phase, PhaseRule
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from grants.panels.models import Leaving
from grants.panels.queries import meetings as queries
from grants.panels.services import agendas, reading
from grants.panels.services import meetings as services
from grants.panels.states import MeetingState
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, expert_actor, manager_of
from tests.factories.panels import SITS, closed, opened_item, opened_meeting, panel_of, planned, sits
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app, clock):
    """A panel of three with three proposals: Ida works for a participant of the second one."""
    clock.instant = SITS
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert("Ann"), expert(), expert(), manager=manager)
    judged = [evaluated(of, pool, SCORES | {"excellence": score}, manager=manager) for score in ("3", "5", "4")]
    fresh = accepted(of, expert("Ida"), expert("Jan"), expert("Kai"), manager=manager)
    fresh[0].employer_id = judged[1].participants[0].organisation_id
    panel = panel_of(of, fresh, judged, manager=manager, chair=fresh[1].account_id)
    db.session.commit()
    return of, account, manager, fresh, judged, panel


def letters(kind):
    return db.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)).all()


def numbers(meeting):
    return [each.number or each.title for each in queries.items(meeting.id)]


def test_the_agenda_is_ordered_by_hand_by_total_and_by_number_and_breaks_keep_their_places(scene):
    _, _, manager, _, (low, high, middle), panel = scene
    meeting = planned(panel, manager=manager)
    agendas.add_break(opened_meeting(meeting, manager), title="Lunch", minutes=60, actor=manager, now=LATER)
    lunch = queries.items(meeting.id)[-1]
    agendas.move(opened_meeting(meeting, manager), lunch.id, up=True, actor=manager, now=LATER)
    assert numbers(meeting) == [low.number, high.number, "Lunch", middle.number]
    agendas.suggest_order(opened_meeting(meeting, manager), by="total", actor=manager, now=LATER)
    assert numbers(meeting) == [high.number, middle.number, "Lunch", low.number]
    agendas.suggest_order(opened_meeting(meeting, manager), by="number", actor=manager, now=LATER)
    assert numbers(meeting) == [low.number, high.number, "Lunch", middle.number]
    first = queries.items(meeting.id)[0]
    agendas.set_minutes(opened_meeting(meeting, manager), first.id, 45, actor=manager, now=LATER)
    assert [each.minutes for each in queries.items(meeting.id)] == [45, 20, 60, 20]


def test_letters_invite_tell_of_a_change_and_of_the_end_once_each(scene):
    _, _, manager, _, _, panel = scene
    meeting = planned(panel, manager=manager, invited=False)
    change = {"place": "Room 1", "actor": manager, "now": LATER}
    services.change_meeting(
        opened_meeting(meeting, manager), starts_at=SITS + timedelta(1), seen=meeting.version, **change
    )
    assert letters("panel_meeting_changed") == []  # nobody knew of it
    services.invite(opened_meeting(meeting, manager), actor=manager, now=LATER)
    services.change_meeting(
        opened_meeting(meeting, manager), starts_at=SITS + timedelta(2), seen=meeting.version, **change
    )
    services.cancel(opened_meeting(meeting, manager), reason="Fire.", actor=manager, now=LATER)
    for kind in ("panel_invitation", "panel_meeting_changed", "panel_meeting_cancelled"):
        assert len(letters(kind)) == 3, kind
    told = letters("panel_meeting_changed")[0]
    assert "Room 1" in told.body
    assert not any(str(each.number) in told.body for each in scene[4])


def test_members_see_a_meeting_once_they_are_invited(scene):
    _, _, manager, fresh, _, panel = scene
    meeting = planned(panel, manager=manager, invited=False)
    ida = expert_actor(fresh[0].account)
    with pytest.raises(NotFound):
        queries.opened(ida, meeting.id)
    services.invite(opened_meeting(meeting, manager), actor=manager, now=LATER)
    assert queries.opened(ida, meeting.id).meeting is meeting


def test_opening_begins_the_phase_of_the_panel_for_what_is_on_the_agenda_and_for_nothing_else(scene):
    of, _, manager, _, (low, *_), panel = scene
    names = tuple(
        PhaseRule(Phase.PANEL, frozenset(Aspect)) if rule.phase is Phase.PANEL else rule for rule in DEFAULT
    )
    evaluating.set_visibility(of, names, seen=of.visibility_version, actor=manager, now=LATER)
    outside = evaluated(of, [each.expert for each in evaluation.assignments_of(low.id)], SCORES, manager=manager)

    def shows(proposal):
        assignment = evaluation.assignments_of(proposal.id)[0]
        who = expert_actor(assignment.expert.account)
        return evaluation.open_assignment(who, assignment.id, now=SITS).access.shows

    meeting = planned(panel, manager=manager)
    assert Aspect.NAMES not in shows(low)
    services.open_meeting(opened_meeting(meeting, manager), actor=manager, now=SITS)
    db.session.commit()
    assert Aspect.NAMES in shows(low)
    assert Aspect.NAMES not in shows(outside)


def test_a_panel_looks_at_agreed_reports_only(scene):
    of, _, manager, _, _, panel = scene
    from grants.panels.services.panels import add_proposals
    from tests.factories.panels import opened_panel

    waiting = submitted(of)
    add_proposals(opened_panel(panel, manager), numbers=[waiting.number], actor=manager, now=LATER)
    meeting = planned(panel, manager=manager)
    with pytest.raises(Invalid) as problem:
        services.open_meeting(opened_meeting(meeting, manager), actor=manager, now=SITS)
    assert str(waiting.number) in problem.value.message
    assert meeting.state is MeetingState.PLANNED


def test_who_has_a_conflict_leaves_by_themselves_and_the_minutes_say_so(scene):
    _, _, manager, fresh, (_, tied, other), panel = scene
    meeting = sits(panel, manager=manager)
    rows = db.session.scalars(select(Leaving)).all()
    assert [(each.proposal_id, "takes part" in each.reason) for each in rows] == [(tied.id, True)]
    jan = expert_actor(fresh[1].account)
    reading.declare_conflict(opened_item(panel, other, jan), reason="My brother.", actor=jan, now=SITS)
    assert {each.proposal_id for each in db.session.scalars(select(Leaving))} == {tied.id, other.id}
    closed(meeting, manager=manager)
    assert len(db.session.scalars(select(Leaving)).all()) == 2


def test_whoever_declared_a_conflict_as_an_evaluator_leaves_too(scene):
    _of, _, manager, _, (low, *_), panel = scene
    from grants.evaluation.models import Assignment
    from grants.evaluation.states import AssignmentState

    kai = scene[3][2]
    db.session.add(
        Assignment(proposal_id=low.id, expert_id=kai.id, state=AssignmentState.CONFLICTED, conflict="Rival",
                   due_at=SITS, created_at=LATER)
    )  # fmt: skip
    db.session.flush()
    with pytest.raises(NotFound):
        planned(panel, manager=manager)
        opened_item(panel, low, expert_actor(kai.account))


def test_a_member_sees_an_item_and_no_more_of_what_they_have_a_conflict_with(scene, client):
    _, _, manager, fresh, (low, tied, _), panel = scene
    meeting = planned(panel, manager=manager)
    db.session.commit()
    browser = signed_in(client, fresh[0].account, now=SITS)
    page = browser.get(f"/panels/meetings/{meeting.id}").text
    assert str(low.number) in page
    assert str(tied.number) not in page
    assert "An item, for which you leave" in page
    assert browser.get(f"/panels/{panel.id}/proposals/{tied.number}").status_code == 404
    assert browser.get(f"/panels/{panel.id}/proposals/{low.number}").status_code == 200


def test_the_officer_sees_in_advance_who_would_leave_and_why(scene, client):
    _, account, manager, _, _, panel = scene
    meeting = planned(panel, manager=manager)
    db.session.commit()
    page = signed_in(client, account, now=SITS).get(f"/manage/panels/meetings/{meeting.id}").text
    assert "Would leave" in page
    assert "which takes part" in page


def test_attendance_is_noted_of_everybody_before_the_meeting_ends_with_reasons(scene):
    _, _, manager, _, _, panel = scene
    meeting = sits(panel, manager=manager)
    with pytest.raises(Invalid) as problem:
        services.close_meeting(opened_meeting(meeting, manager), actor=manager, now=SITS)
    assert problem.value.code == "no-attendance"
    first, second, third = (each.id for each in panel.members)
    said = {first: (True, ""), second: (True, ""), third: (False, " ")}
    with pytest.raises(Invalid) as problem:
        services.note_attendance(opened_meeting(meeting, manager), said, note="", actor=manager, now=SITS)
    assert problem.value.findings[0].place == f"reason-{third}"
    said[third] = (False, "Ill")
    services.note_attendance(opened_meeting(meeting, manager), said, note="Went well.", actor=manager, now=SITS)
    services.close_meeting(opened_meeting(meeting, manager), actor=manager, now=SITS)
    assert meeting.state is MeetingState.CLOSED


def test_the_chair_and_nobody_else_approves_the_minutes_once(scene):
    _, _, manager, fresh, _, panel = scene
    meeting = sits(panel, manager=manager)
    chair, member = expert_actor(fresh[1].account), expert_actor(fresh[2].account)
    closed(meeting, manager=manager)
    for who in (manager, member):
        with pytest.raises(Refused) as problem:
            services.approve_minutes(opened_meeting(meeting, who), actor=who, now=SITS)
        assert problem.value.code == "not-chair"
    services.approve_minutes(opened_meeting(meeting, chair), actor=chair, now=SITS)
    assert (meeting.state, meeting.approved_by_id) == (MeetingState.APPROVED, chair.id)
    with pytest.raises(Refused):
        services.approve_minutes(opened_meeting(meeting, chair), actor=chair, now=SITS)
    with pytest.raises(Refused):
        services.reopen_meeting(opened_meeting(meeting, manager), reason="More", actor=manager, now=SITS)
    db.session.commit()
    actions = set(db.session.scalars(select(AuditEvent.action)))
    assert {"panel_meeting.open", "panel_meeting.close", "panel_meeting.approve"} <= actions


def test_minutes_name_who_left_without_the_reason_and_hide_the_chairs_own_conflicts(scene, client):
    _, account, manager, fresh, (_, tied, other), panel = scene
    meeting = sits(panel, manager=manager)
    chair = expert_actor(fresh[1].account)
    reading.declare_conflict(opened_item(panel, other, chair), reason="My brother.", actor=chair, now=SITS)
    closed(meeting, manager=manager)
    db.session.commit()
    address = f"/panels/meetings/{meeting.id}/minutes"
    page = signed_in(client, account, now=SITS).get(address).text
    assert "Left because of a conflict of interest: Ida." in page
    assert "My brother" not in page
    page = signed_in(client, fresh[1].account, now=SITS).get(address).text
    assert str(tied.number) in page
    assert str(other.number) not in page
    assert "Approve the minutes" in page
    assert signed_in(client, fresh[2].account, now=SITS).get(address).status_code == 403


def test_the_order_changes_with_buttons_that_need_no_script(scene, client):
    _, account, manager, _, (low, high, middle), panel = scene
    meeting = planned(panel, manager=manager)
    db.session.commit()
    browser = signed_in(client, account, now=SITS)
    item = queries.items(meeting.id)[0]
    answer = browser.post(f"/manage/panels/meetings/{meeting.id}/agenda", data={"do": "down", "item_id": item.id})
    assert answer.status_code == 302
    assert numbers(meeting) == [high.number, low.number, middle.number]
    answer = browser.post(f"/manage/panels/meetings/{meeting.id}/agenda", data={"do": "add", "numbers": "x"})
    assert answer.status_code == 422


def test_an_officer_lets_a_member_stay_where_the_conflict_may_be_managed_and_never_otherwise(scene, client):
    _, account, manager, fresh, (low, tied, _), panel = scene
    applicant = low.members[0].account
    applicant.name = fresh[2].account.name = "Kai Kotka"  # names are shared by strangers: an officer decides
    meeting = planned(panel, manager=manager)
    db.session.commit()
    kai = expert_actor(fresh[2].account)
    with pytest.raises(NotFound):
        opened_item(panel, low, kai)
    browser = signed_in(client, account, now=SITS)
    assert "Let stay" in browser.get(f"/manage/panels/meetings/{meeting.id}").text
    address = f"/manage/panels/meetings/{meeting.id}/conflicts"
    pair = {"proposal_id": low.id, "expert_id": fresh[2].id, "decision": "allow", "reason": "Another person."}
    assert browser.post(address, data=pair | {"reason": " "}, follow_redirects=True).text.count("Say why") == 1
    assert browser.post(address, data=pair).status_code == 302
    assert opened_item(panel, low, kai).proposal.id == low.id
    never = {"proposal_id": tied.id, "expert_id": fresh[0].id, "decision": "allow", "reason": "Please."}
    assert "rules the expert out" in browser.post(address, data=never, follow_redirects=True).text


def test_who_is_named_after_the_others_were_invited_gets_the_letter_too(scene):
    of, _, manager, _, _, panel = scene
    from grants.panels.services.panels import name_member
    from tests.factories.panels import opened_panel

    planned(panel, manager=manager)
    (late,) = accepted(of, expert("Lea Late"), manager=manager)
    name_member(opened_panel(panel, manager), late.id, actor=manager, now=LATER)
    assert [each.account_id for each in letters("panel_invitation")][3:] == [late.account_id]
