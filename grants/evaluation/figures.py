"""The evaluation of a topic in figures, for its managers: scores by criterion and by expert, agreement, progress.

Only reports that are handed in count. Every list is counted by PostgreSQL, whatever its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Subquery, cast, func, select

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db
from grants.evaluation.models import Assignment, Consensus, Report, ReportScore
from grants.evaluation.states import AssignmentState, ConsensusState, ReportState
from grants.experts.models import Expert
from grants.proposals.models import Proposal

#: Experts that the page names: those furthest from the others on the same proposals.
SHOWN = 30
_MOST_BINS = 21


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts from 0 upwards in steps of ``width`` points; ``threshold``: the bin where it lies, None for none."""

    counts: list[int]
    width: Decimal
    threshold: int | None

    @property
    def labels(self) -> list[Decimal]:
        """Where each bin begins."""
        return [self.width * place for place in range(len(self.counts))]


def bins(
    found: Sequence[tuple[Decimal, int]], *, maximum: Decimal, step: Decimal, threshold: Decimal | None = None
) -> Bins:
    """Counts of values in bins as wide as one step of the scale, or several where there would be more than 21.

    >>> bins([(Decimal(3), 2), (Decimal("3.5"), 1)], maximum=Decimal(4), step=Decimal("0.5")).counts
    [0, 0, 0, 0, 0, 0, 2, 1, 0]
    """
    steps = maximum / step
    together = max(1, -(-int(steps) // (_MOST_BINS - 1)))
    width = step * together
    counts = [0] * (int(maximum / width) + 1)
    for value, count in found:
        counts[min(int(value / width), len(counts) - 1)] += count
    return Bins(counts, width, None if threshold is None else int(threshold / width))


def by_criterion(topic: Topic) -> list[tuple[str, Bins]]:
    """Name and distribution of the individual scores of each criterion."""
    rows = db.session.execute(
        _handed_in(topic.id, _scored(ReportScore.criterion_id, ReportScore.score, func.count()))
        .where(ReportScore.score.is_not(None))
        .group_by(ReportScore.criterion_id, ReportScore.score)
    ).all()
    return [
        (each.name, bins(
            [(score, count) for criterion, score, count in rows if criterion == each.id],
            maximum=each.maximum, step=each.step, threshold=each.threshold,
        ))
        for each in topic.criteria
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habit:
    """How one expert scores. ``mean``: of totals; ``difference``: points above the others on the same proposals, on
    the average; it says nothing about who is right."""

    name: str
    reports: int
    mean: Decimal
    difference: Decimal


def by_expert(topic_id: int) -> tuple[list[Habit], int]:
    """The experts furthest from the others, and how many experts could be compared at all."""
    totals = _totals(topic_id)
    others = func.count().over(partition_by=totals.c.proposal_id) - 1
    rest = func.sum(totals.c.total).over(partition_by=totals.c.proposal_id) - totals.c.total
    compared = select(totals.c.expert_id, totals.c.total, (rest / func.nullif(others, 0)).label("others")).subquery()
    difference = func.avg(compared.c.total - compared.c.others)
    rows = db.session.execute(
        select(
            Account.name,
            func.count(),
            func.avg(compared.c.total),
            difference,
            func.count().over().label("all_of_them"),
        )
        .join(Expert, Expert.id == compared.c.expert_id)
        .join(Account, Account.id == Expert.account_id)
        .where(compared.c.others.is_not(None))
        .group_by(Expert.id, Account.name)
        .order_by(func.abs(difference).desc(), Account.name)
        .limit(SHOWN)
    ).all()
    return [Habit(name, count, mean, away) for name, count, mean, away, _ in rows], rows[0][4] if rows else 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the reports of one proposal lie apart. ``spreads``: distribution of highest less lowest total."""

    proposals: int
    mean: Decimal
    within: int | None  # proposals whose spread is within the topic's limit; None: the topic has none
    spreads: Bins


def agreement(topic: Topic) -> Agreement | None:
    """Spread of totals over all proposals with at least two reports; None where there is none."""
    totals = _totals(topic.id)
    each = (
        select((func.max(totals.c.total) - func.min(totals.c.total)).label("spread"))
        .group_by(totals.c.proposal_id)
        .having(func.count() > 1)
        .subquery()
    )
    rows = db.session.execute(select(each.c.spread, func.count()).group_by(each.c.spread)).all()
    if not rows:
        return None
    found = [(row[0], row[1]) for row in rows]
    count = sum(number for _, number in found)
    most = sum((criterion.maximum for criterion in topic.criteria), Decimal(0))
    limit = topic.spread_limit
    return Agreement(
        proposals=count, mean=sum((spread * number for spread, number in found), Decimal(0)) / count,
        within=None if limit is None else sum(number for spread, number in found if spread <= limit),
        spreads=bins(found, maximum=most, step=min(criterion.step for criterion in topic.criteria)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """How many were done by the end of each day, as ``(days since the first, number)``."""

    first: date
    last: date
    reports: list[tuple[int, int]]
    approved: list[tuple[int, int]]


def progress(topic: Topic) -> Course | None:
    """Reports handed in and consensus reports approved over time, in the call's zone; None before the first."""
    zone = topic.call.zone
    reports = _by_day(
        _handed_in(topic.id, select(day := _day(zone, Report.submitted_at), func.count()).select_from(Report)), day
    )
    made = select(day := _day(zone, Consensus.approved_at), func.count()).join(Consensus.proposal)
    approved = _by_day(made.where(Proposal.topic_id == topic.id, Consensus.state == ConsensusState.APPROVED), day)
    if not reports:
        return None
    first, last = reports[0][0], max(reports[-1][0], approved[-1][0] if approved else reports[-1][0])
    return Course(first, last, _summed(reports, first, last), _summed(approved, first, last))


def _day(zone: str, instant: Any) -> ColumnElement[date]:
    return cast(func.timezone(zone, instant), Date)


def _by_day(rows: Select[*tuple[Any, ...]], day: ColumnElement[date]) -> list[tuple[date, int]]:
    return [(row[0], row[1]) for row in db.session.execute(rows.group_by(day).order_by(day))]


def _summed(days: Sequence[tuple[date, int]], first: date, last: date) -> list[tuple[int, int]]:
    reached, found = 0, [(0, 0)]
    for day, count in days:
        reached += count
        found.append(((day - first).days, reached))
    return [*found, ((last - first).days, reached)]


def _handed_in(topic_id: int, columns: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """``columns`` of reports that are handed in by experts who still evaluate."""
    return columns.join(Report.assignment).join(Assignment.proposal).where(
        Proposal.topic_id == topic_id, Report.state == ReportState.SUBMITTED,
        Assignment.state == AssignmentState.ACCEPTED,
    )  # fmt: skip


def _scored(*columns: Any) -> Select[*tuple[Any, ...]]:
    return select(*columns).select_from(ReportScore).join(Report, Report.id == ReportScore.report_id)


def _totals(topic_id: int) -> Subquery:
    """Proposal, expert and unweighted total of each complete report."""
    total = func.sum(ReportScore.score).label("total")
    return (
        _handed_in(topic_id, _scored(Assignment.proposal_id, Assignment.expert_id, total))
        .group_by(Report.id, Assignment.proposal_id, Assignment.expert_id)
        .having(func.count() == func.count(ReportScore.score))
        .subquery()
    )
