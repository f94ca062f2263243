"""Dates and checks of a plan, by example and by property."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.projects.rules import (
    Plan,
    PlannedResult,
    PlannedWork,
    is_overdue,
    last_day,
    month_on,
    plan_findings,
    reporting_periods,
    share,
)

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("start", "month", "expected"),
    [
        (date(2027, 1, 1), 1, date(2027, 1, 31)),
        (date(2027, 1, 31), 1, date(2027, 2, 27)),
        (date(2028, 1, 1), 2, date(2028, 2, 29)),
        (date(2027, 11, 1), 14, date(2028, 12, 31)),
    ],
)
def test_things_are_due_on_the_last_day_of_their_month(start, month, expected):
    assert last_day(start, month) == expected


def test_a_report_of_a_period_that_ends_in_december_is_due_sixty_days_later_over_a_leap_february():
    (period,) = reporting_periods(date(2027, 1, 1), months=12, every=12, report_days=60)
    assert (period.ends_on, period.due_on) == (date(2027, 12, 31), date(2028, 2, 29))


@given(DAYS, st.integers(1, 120), st.integers(1, 36))
def test_periods_cover_the_project_without_gap_or_overlap(start, months, every):
    periods = reporting_periods(start, months=months, every=every, report_days=60)
    assert periods[0].starts_on == start
    assert periods[-1].ends_on == last_day(start, months)
    for one, other in pairwise(periods):
        assert other.starts_on == one.ends_on + timedelta(days=1)
    assert all(each.due_on == each.ends_on + timedelta(days=60) for each in periods)


@given(DAYS, st.integers(1, 120))
def test_the_last_day_of_a_month_lies_in_it_and_the_next_day_does_not(start, month):
    assert month_on(start, last_day(start, month)) == month
    assert month_on(start, last_day(start, month) + timedelta(days=1)) == month + 1


def plan(**more):
    usual = {
        "starts_on": date(2027, 1, 1), "duration_months": 24, "grant": Decimal(100),
        "amounts": [Decimal(60), Decimal(40)],
        "work_packages": [PlannedWork(1, "A", 1, 24), PlannedWork(2, "B", 2, 3)],
        "deliverables": [PlannedResult("D1.1", "R", 6, 1)], "milestones": [PlannedResult("MS1", "M", 9)],
    }  # fmt: skip
    return Plan(**{**usual, **more})


def test_a_whole_plan_has_no_finding():
    assert plan_findings(plan()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"starts_on": None}, "no-start"),
        ({"work_packages": []}, "no-work"),
        ({"work_packages": [PlannedWork(1, "A", 1, 24)]}, "few-work"),
        ({"work_packages": [PlannedWork(1, "A", 1, 25), PlannedWork(2, "B", 1, 2)]}, "months"),
        ({"work_packages": [PlannedWork(1, "A", 5, 4), PlannedWork(2, "B", 1, 2)]}, "order"),
        ({"work_packages": [PlannedWork(1, "A", 1, 4), PlannedWork(1, "B", 1, 2)]}, "twice"),
        ({"deliverables": []}, "no-deliverables"),
        ({"deliverables": [PlannedResult("D1.1", "R", 25, 1)]}, "due-month"),
        ({"deliverables": [PlannedResult("D3.1", "R", 2, 3)]}, "no-such-work"),
        ({"milestones": [PlannedResult("MS1", "M", 0)]}, "due-month"),
        ({"amounts": [Decimal(60), Decimal("40.01")]}, "sum"),
    ],
)
def test_each_gap_is_found(change, code):
    assert code in {each.code for each in plan_findings(plan(**change))}


def test_overdue_begins_the_day_after_and_ends_with_the_file():
    day = date(2027, 6, 30)
    assert not is_overdue(day, pending=True, today=day)
    assert is_overdue(day, pending=True, today=day + timedelta(days=1))
    assert not is_overdue(day, pending=False, today=day + timedelta(days=1))
    assert not is_overdue(None, pending=True, today=day)
    assert not is_overdue(day, pending=True, today=day + timedelta(days=1), running=False)


@pytest.mark.slow
@given(st.lists(st.decimals(0, 10**7, places=2), min_size=1, max_size=8))
def test_shares_of_the_grant_make_about_a_hundred(amounts):
    grant = sum(amounts)
    shares = [share(grant, amount) for amount in amounts]
    assert all(0 <= each <= 100 for each in shares)
    assert abs(sum(shares) - (100 if grant else 0)) <= Decimal("0.05") * len(shares)
