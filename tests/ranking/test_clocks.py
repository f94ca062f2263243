"""Time to inform and time to grant: the rule, the pages, the reminders."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grants.calls.states import CallState, DeadlineModel
from grants.db import db
from grants.notifications.models import Letter
from grants.projects.clocks import to_grant
from grants.ranking import clocks
from grants.ranking.rules import ClockState, clock
from grants.redress.states import Says
from grants.reminders.services import write_due
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, manager_of
from tests.factories.people import signed_in
from tests.factories.projects import informed, running
from tests.factories.proposals import submitted
from tests.factories.redress import asked, ruled, with_committee
from tests.factories.shared import once

BRUSSELS = ZoneInfo("Europe/Brussels")
START = datetime(2024, 1, 1, tzinfo=UTC)
instants = st.integers(0, 8 * 366 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
zones = st.sampled_from([BRUSSELS, ZoneInfo("UTC"), ZoneInfo("America/Santiago"), ZoneInfo("Pacific/Auckland")])
MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("deadline", "months", "due_on"),
    [
        (datetime(2026, 9, 30, 15, tzinfo=UTC), 5, date(2027, 2, 28)),
        (datetime(2027, 9, 30, 15, tzinfo=UTC), 5, date(2028, 2, 29)),  # a leap year
        (datetime(2026, 8, 31, 15, tzinfo=UTC), 8, date(2027, 4, 30)),
        (datetime(2026, 3, 31, 23, tzinfo=UTC), 6, date(2026, 10, 1)),  # the first of April in Brussels
    ],
)
def test_months_are_counted_on_the_calendar_of_the_zone(deadline, months, due_on):
    assert clock(deadline, months=months, zone=BRUSSELS).due_on == due_on


def test_a_clock_is_met_until_the_end_of_its_last_day():
    deadline = datetime(2026, 9, 30, 15, tzinfo=UTC)
    ends = clock(deadline, months=5, zone=BRUSSELS).ends_at
    assert ends == datetime(2027, 2, 28, 23, tzinfo=UTC)
    for done_at, state in ((ends - MS, ClockState.MET), (ends, ClockState.MISSED)):
        assert clock(deadline, months=5, zone=BRUSSELS, done_at=done_at).state(ends) is state
    open_ = clock(deadline, months=5, zone=BRUSSELS)
    assert (open_.state(ends - MS), open_.state(ends)) == (ClockState.RUNNING, ClockState.MISSED)
    assert (open_.days_left(ends - MS), open_.days_left(ends)) == (0, -1)


def test_a_deadline_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no zone"):
        clock(START.replace(tzinfo=None), months=5, zone=BRUSSELS)


@given(instants, st.integers(1, 48), zones)
def test_the_last_day_is_the_same_day_of_the_month_or_the_last_it_has(deadline, months, zone):
    found = clock(deadline, months=months, zone=zone)
    local = deadline.astimezone(zone)
    assert (found.due_on.year * 12 + found.due_on.month) - (local.year * 12 + local.month) == months
    assert found.due_on.day == min(local.day, monthrange(found.due_on.year, found.due_on.month)[1])
    assert (found.ends_at - MS).astimezone(zone).date() == found.due_on
    assert found.ends_at.astimezone(zone).date() > found.due_on


@given(instants, st.integers(1, 47), zones)
def test_more_months_never_end_earlier(deadline, months, zone):
    assert clock(deadline, months=months, zone=zone).ends_at < clock(deadline, months=months + 1, zone=zone).ends_at


def test_a_first_stage_has_a_clock_of_its_own(app):
    of = topic()
    assert [words for words, _ in clocks.to_inform([of])[of.id]] == ["Result"]
    of.deadline_model, of.first_stage_inform_months = DeadlineModel.TWO_STAGE, 2
    first, last = clocks.to_inform([of])[of.id]
    assert (first[0], last[0]) == ("Result of the first stage", "Result")
    assert first[1] == clock(of.first_deadline, months=2, zone=ZoneInfo(of.call.zone))


def granted(of, now=LATER):
    found = to_grant([of], now=now)[of.id]
    return found.counted, found.met, found.late, found.waiting


@once
def scene(app):
    """One running project and one main-list proposal without an agreement, in two topics of one call's programme."""
    of = topic()
    account, manager = manager_of(of)
    signed = topic(of=of.call.programme)
    running(signed, manager=manager)
    proposal = submitted(of)
    informed(of, proposal)
    db.session.commit()
    return of, signed, account, proposal


def test_signed_in_time_late_and_still_to_sign(scene):
    of, signed, *_ = scene
    ends = clock(of.deadline, months=of.grant_months, zone=ZoneInfo(of.call.zone)).ends_at
    assert granted(signed) == (1, 1, 0, 0)
    assert to_grant([signed], now=LATER)[signed.id].share == Decimal(100)
    assert granted(of) == (1, 0, 0, 1)
    assert to_grant([of], now=LATER)[of.id].share is None
    assert granted(of, ends - MS) == (1, 0, 0, 1)
    assert granted(of, ends) == (1, 0, 1, 0)
    signed.grant_months = 0
    assert granted(signed) == (1, 0, 1, 0)


def test_reserve_lists_and_upheld_reviews_do_not_count(scene):
    of, _, _, proposal = scene
    asked(proposal, now=LATER)
    ruled(proposal, Says.ADMISSIBLE, now=LATER)
    with_committee(proposal, now=LATER)
    assert granted(of) == (1, 0, 0, 1)
    ruled(proposal, Says.CORRECTED, now=LATER)
    assert to_grant([of], now=LATER) == {}


def test_managers_see_the_clocks_of_a_call_and_of_a_list(scene, client, clock):
    of, _, account, _ = scene
    of.call.state = CallState.PUBLISHED
    db.session.commit()
    clock.instant = LATER
    browser = signed_in(client, account, now=LATER)
    page = browser.get(f"/manage/calls/{of.call.identifier}").text
    assert "Time to inform" in page
    assert "Met" in page
    assert "0 of 1 signed in time" in page
    assert "1 to sign" in page


def test_managers_are_reminded_before_a_clock_ends_once_each(app):
    of = topic()
    account, _ = manager_of(of)
    of.call.state = CallState.PUBLISHED
    submitted(of)
    db.session.commit()
    ends = clock(of.deadline, months=of.inform_months, zone=ZoneInfo(of.call.zone)).ends_at
    told = select(Letter.account_id).where(Letter.kind == "reminder_clock")
    for days, letters in ((40, 0), (29, 1), (20, 1), (6, 2), (1, 2), (-1, 2)):
        write_due(now=ends - timedelta(days=days))
        write_due(now=ends - timedelta(days=days))
        assert db.session.scalars(told).all().count(account.id) == letters, days


def test_managers_are_reminded_of_agreements_to_sign(scene):
    of, _, account, _ = scene
    of.call.state = CallState.PUBLISHED
    db.session.commit()
    ends = clock(of.deadline, months=of.grant_months, zone=ZoneInfo(of.call.zone)).ends_at
    write_due(now=ends - timedelta(days=29))
    body = db.session.scalar(
        select(Letter.body).where(Letter.kind == "reminder_clock", Letter.account_id == account.id)
    )
    assert "1 agreement still to be signed" in body
