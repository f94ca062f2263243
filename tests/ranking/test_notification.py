"""When a result counts as received, by the rules and on the pages of applicants and managers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.ranking import queries, services
from grants.ranking.rules import Notice, days_after, end_of_day_after
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import person, signed_in
from tests.factories.ranking import decided
from tests.factories.shared import once

BRUSSELS = ZoneInfo("Europe/Brussels")
SENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
MS = timedelta(milliseconds=1)
instants = st.integers(0, 8 * 366 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
zones = st.sampled_from([BRUSSELS, ZoneInfo("UTC"), ZoneInfo("America/Santiago"), ZoneInfo("Pacific/Apia")])


def notice(opened_at=None, **changes):
    return Notice(**{"sent_at": SENT, "opened_at": opened_at, "deemed_days": 10, "redress_days": 30,
                     "zone": BRUSSELS} | changes)  # fmt: skip


def test_what_nobody_opens_counts_as_received_after_the_days_of_the_topic():
    found = notice()
    assert found.deemed_at == datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
    assert found.received_at(found.deemed_at - MS) is None
    assert found.received_at(found.deemed_at) == found.deemed_at
    assert found.was_deemed(found.deemed_at)
    assert notice(deemed_days=3).deemed_at == datetime(2026, 11, 5, 9, 30, tzinfo=UTC)


def test_what_is_opened_counts_from_then_but_never_later_than_deemed():
    opened = SENT + timedelta(days=2)
    assert (notice(opened).received_at(opened), notice(opened).was_deemed(opened)) == (opened, False)
    late = notice(SENT + timedelta(days=20))
    assert late.received_at(SENT + timedelta(days=21)) == late.deemed_at
    assert late.was_deemed(SENT + timedelta(days=21))


def test_a_request_is_late_by_one_millisecond():
    found = notice(SENT)
    assert found.redress_until == datetime(2026, 12, 2, 23, tzinfo=UTC)  # midnight in Brussels after the 30th day
    assert found.redress_open(found.redress_until - MS)
    assert not found.redress_open(found.redress_until)
    assert not found.redress_open(SENT - MS)


def test_days_are_days_of_the_calendar_over_a_change_of_summer_time():
    before = datetime(2026, 10, 20, 8, tzinfo=UTC)  # 10:00 in Brussels, summer time
    assert days_after(before, 10, zone=BRUSSELS) == datetime(2026, 10, 30, 9, tzinfo=UTC)  # 10:00, winter time


@pytest.mark.parametrize("rule", [days_after, end_of_day_after])
def test_an_instant_without_a_zone_is_refused(rule):
    with pytest.raises(ValueError, match="no zone"):
        rule(SENT.replace(tzinfo=None), 10, zone=BRUSSELS)


@given(instants, st.integers(1, 90), zones)
def test_the_same_time_of_the_day_so_many_days_later(at, days, zone):
    local, later = at.astimezone(zone), days_after(at, days, zone=zone).astimezone(zone)
    # a day that a zone skipped altogether (Apia, 2011) is not in this range; an hour may be skipped
    assert abs(later.replace(tzinfo=None) - local.replace(tzinfo=None) - timedelta(days=days)) <= timedelta(hours=1)


@given(instants, st.none() | st.timedeltas(timedelta(0), timedelta(days=60)), st.integers(1, 30), zones)
def test_the_time_for_a_request_never_ends_before_the_days_are_over(sent, opened, days, zone):
    found = notice(sent_at=sent, opened_at=None if opened is None else sent + opened, redress_days=days, zone=zone)
    assert sent <= found.counts_from <= found.deemed_at
    assert found.redress_until - found.counts_from >= timedelta(days=days) - timedelta(hours=1)
    assert found.redress_until.astimezone(zone).hour in (0, 1)  # a midnight that is skipped is the hour after


@once
def announced(app):
    """Two results whose letters are sent: of this contact, and of somebody else."""
    of = topic(budget=Decimal(500_000))
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    marks = {"excellence": "4", "impact": "4", "implementation": "4"}
    first, second = (evaluated(of, pool, marks, manager=manager) for _ in range(2))
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    decided(ranking, manager=manager, now=LATER)
    services.send_letters(ranking, count=2, actor=manager, now=LATER)
    db.session.commit()
    return of, account, first, second


def member_of(proposal):
    return proposal.members[0].account


def test_the_first_look_of_the_main_contact_is_kept_once(announced, client, clock):
    _, manager, first, _ = announced
    clock.instant = LATER + timedelta(days=1)
    signed_in(client, manager, now=LATER).get(f"/proposals/{first.number}/result")
    assert queries.result_of(first).opened_at is None  # a manager's look is no receipt

    for days in (2, 3):
        clock.instant = LATER + timedelta(days=days)
        page = signed_in(client, member_of(first), now=clock.instant).get(f"/proposals/{first.number}/result").text
    assert "The main contact opened it" in page
    db.session.expire_all()
    assert queries.result_of(first).opened_at == LATER + timedelta(days=2)
    events = select(func.count()).where(AuditEvent.action == "result.opened")
    assert db.session.scalar(events) == 1


def test_the_report_as_pdf_is_a_first_look_too(announced, client, clock):
    _, _, first, _ = announced
    clock.instant = LATER + timedelta(days=1)
    signed_in(client, member_of(first), now=clock.instant).get(f"/proposals/{first.number}/result.pdf")
    db.session.expire_all()
    assert queries.result_of(first).opened_at == LATER + timedelta(days=1)


def test_managers_see_what_was_opened_and_what_is_deemed_received(announced, client, clock):
    of, manager, first, second = announced
    clock.instant = LATER + timedelta(days=1)
    signed_in(client, member_of(first), now=clock.instant).get(f"/proposals/{first.number}/result")
    address = f"/manage/topics/{of.identifier}/ranking/notifications"
    browser = signed_in(client, manager, now=clock.instant)
    page = browser.get(address).text
    assert (page.count("Not yet"), page.count("Deemed received")) == (1, 1)  # the second is the column of figures
    clock.instant = LATER + timedelta(days=10)
    page = signed_in(client, manager, now=clock.instant).get(address).text
    assert (page.count("Not yet"), page.count("Deemed received")) == (0, 2)
    assert str(second.number) in page


def test_strangers_find_no_notifications(announced, client, clock):
    of, *_ = announced
    clock.instant = LATER
    assert signed_in(client, person(), now=LATER).get(
        f"/manage/topics/{of.identifier}/ranking/notifications"
    ).status_code in (403, 404)
