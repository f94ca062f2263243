"""Dates and checks of a project's plan. Pure. Months count from 1, the first month of the project.

Source: domain.md 9 (work plan) and 10 (periods, reports 60 days after them).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from grants.calls.rules import add_months
from grants.kernel.findings import Finding, Severity
from grants.kernel.money import total


def last_day(start: date, month: int) -> date:
    """The last day of the project's month ``month``: when things due in that month are due.

    >>> last_day(date(2027, 1, 1), 2), last_day(date(2027, 1, 15), 1)
    (datetime.date(2027, 2, 28), datetime.date(2027, 2, 14))
    """
    return add_months(start, month) - timedelta(days=1)


def month_on(start: date, day: date) -> int:
    """In which month of the project a day lies; 0 and less before the start.

    >>> month_on(date(2027, 1, 15), date(2027, 2, 14)), month_on(date(2027, 1, 15), date(2027, 2, 15))
    (1, 2)
    """
    guess = (day.year - start.year) * 12 + day.month - start.month
    return guess + 1 if add_months(start, guess) <= day else guess


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period with the last day for its report."""

    number: int
    starts_on: date
    ends_on: date
    due_on: date


def reporting_periods(start: date, *, months: int, every: int, report_days: int) -> list[Period]:
    """Consecutive periods of ``every`` months, the last one shorter where needed. Source: domain.md 10.

    >>> [period.ends_on.isoformat() for period in reporting_periods(date(2027, 1, 1), months=30, every=18,
    ...     report_days=60)]
    ['2028-06-30', '2029-06-30']
    """
    periods = []
    for number, first in enumerate(range(0, months, every), start=1):
        ends = last_day(start, min(first + every, months))
        periods.append(Period(number, add_months(start, first), ends, ends + timedelta(days=report_days)))
    return periods


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """A work package: its number and months, both inclusive."""

    number: int
    title: str
    start_month: int
    end_month: int
    lead: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedResult:
    """A deliverable (with its work package) or a milestone (``work_package`` None)."""

    number: str
    title: str
    due_month: int
    work_package: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that grant preparation agrees on. Amounts in euro, by participant."""

    starts_on: date | None
    duration_months: int
    grant: Decimal
    amounts: Sequence[Decimal]
    work_packages: Sequence[PlannedWork]
    deliverables: Sequence[PlannedResult]
    milestones: Sequence[PlannedResult]


def plan_findings(plan: Plan) -> list[Finding]:
    """What stands between a plan and its confirmation; places are those of the form. Source: domain.md 9."""
    return [*_date_findings(plan), *_work_findings(plan), *_result_findings(plan), *_money_findings(plan)]


def _date_findings(plan: Plan) -> Iterator[Finding]:
    if plan.starts_on is None:
        yield _blocks("no-start", "Agree on the day on which the project starts.", "starts_on")


def _work_findings(plan: Plan) -> Iterator[Finding]:
    if not plan.work_packages:
        yield _blocks("no-work", "Add the work packages.", "work_packages")
    elif len(plan.work_packages) < 2:
        yield _warns("few-work", "There is one work package only; two or more are usual.", "work_packages")
    yield from _twice([str(each.number) for each in plan.work_packages], "Work package", "work_packages")
    for each in plan.work_packages:
        if not 1 <= each.start_month <= each.end_month:
            yield _blocks(
                "order", f"Work package {each.number}: the first month stands before the last.", "work_packages"
            )
        elif each.end_month > plan.duration_months:
            message = f"Work package {each.number}: the project has {plan.duration_months} months."
            yield _blocks("months", message, "work_packages")


def _result_findings(plan: Plan) -> Iterator[Finding]:
    known = {each.number for each in plan.work_packages}
    if not plan.deliverables:
        yield _blocks("no-deliverables", "Add at least one deliverable.", "deliverables")
    yield from _twice([each.number for each in plan.deliverables], "Deliverable", "deliverables")
    yield from _twice([each.number for each in plan.milestones], "Milestone", "milestones")
    for each, place in [
        *((one, "deliverables") for one in plan.deliverables), *((one, "milestones") for one in plan.milestones)
    ]:  # fmt: skip
        if not 1 <= each.due_month <= plan.duration_months:
            yield _blocks("due-month", f"{each.number}: due between month 1 and {plan.duration_months}.", place)
        if each.work_package is not None and each.work_package not in known:
            message = f"{each.number}: there is no work package {each.work_package}."
            yield _blocks("no-such-work", message, place)


def _money_findings(plan: Plan) -> Iterator[Finding]:
    shared = total(plan.amounts)
    if shared != plan.grant:
        message = f"The participants' amounts make {shared:,.2f} euro, the grant is {plan.grant:,.2f}."
        yield _blocks("sum", message, "amounts")


def _twice(names: Sequence[str], what: str, place: str) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _blocks("twice", f"{what} {name} stands twice. Give each its own number.", place)


def cannot_be_kept(findings: Sequence[Finding]) -> list[Finding]:
    """What even an unfinished plan may not hold: rows that cannot be told apart, months that run backwards."""
    return [finding for finding in findings if finding.code in {"twice", "order"}]


def _blocks(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.BLOCKS, "domain.md 9")


def _warns(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.WARNS, "domain.md 9")


def share(grant: Decimal, amount: Decimal) -> Decimal:
    """What part of the grant an amount is, in per cent with one decimal.

    >>> share(Decimal(300), Decimal(100))
    Decimal('33.3')
    """
    return (amount / grant * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) if grant else Decimal("0.0")


def is_overdue(due_on: date | None, *, pending: bool, today: date, running: bool = True) -> bool:
    """Whether something that was due on a day is late: from the day after on. ``today``: in the call's zone.

    In a project that has ended nothing is late any more.
    """
    return running and pending and due_on is not None and due_on < today
