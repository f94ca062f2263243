"""Time to grant: which main-list proposals have a signed agreement in time. Source: domain.md 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, select

from grants.calls.models import Topic
from grants.db import db
from grants.projects.models import Project
from grants.ranking.models import Placement, Ranking
from grants.ranking.rules import clock
from grants.ranking.states import Decision
from grants.redress.models import Request, Ruling
from grants.redress.states import UPHELD, RulingState


@dataclass(frozen=True, slots=True)
class Granted:
    """One topic's main list. ``counted``: those whose clock counts; ``late``: signed or still open after the end."""

    due_on: date
    days_left: int
    counted: int
    met: int
    late: int
    waiting: int

    @property
    def share(self) -> Decimal | None:
        """Per cent met of those that are decided either way; None where none is."""
        decided = self.met + self.late
        return (Decimal(100 * self.met) / decided).quantize(Decimal("0.1")) if decided else None


def upheld() -> ColumnElement[bool]:
    """Whether a review of the placement's proposal was upheld: it is not counted."""
    return exists().where(
        Request.proposal_id == Placement.proposal_id, Ruling.request_id == Request.id,
        Ruling.state == RulingState.CONFIRMED, Ruling.says.in_(UPHELD),
    )  # fmt: skip


def to_grant(topics: Sequence[Topic], *, now: datetime) -> dict[int, Granted]:
    """By topic, those whose letters are sent; one statement for all of them."""
    both = and_(Project.coordinator_confirmed_at.is_not(None), Project.funder_confirmed_at.is_not(None))
    signed = func.greatest(Project.coordinator_confirmed_at, Project.funder_confirmed_at)
    rows = db.session.execute(
        select(Ranking.topic_id, signed, both, Ranking.cut_off)
        .join(Placement, Placement.ranking_id == Ranking.id)
        .outerjoin(Project, Project.proposal_id == Placement.proposal_id)
        .where(Ranking.topic_id.in_([each.id for each in topics]), Ranking.informed_at.is_not(None))
        .where(Placement.decision == Decision.MAIN, ~upheld())
    ).all()
    by_topic: dict[int, list[tuple[datetime | None, datetime | None]]] = {}
    for topic_id, at, is_signed, cut_off in rows:
        by_topic.setdefault(topic_id, []).append((at if is_signed else None, cut_off))
    return {each.id: _counted(each, by_topic[each.id], now) for each in topics if each.id in by_topic}


def _counted(topic: Topic, signed: Sequence[tuple[datetime | None, datetime | None]], now: datetime) -> Granted:
    """Each by the clock of its own batch, if it has one; the day is that of the newest that was told."""
    starts = {cut_off: cut_off or topic.deadline for _, cut_off in signed}
    clocks = {
        cut_off: clock(at, months=topic.grant_months, zone=ZoneInfo(topic.call.zone))
        for cut_off, at in starts.items()
    }
    met = sum(1 for at, cut_off in signed if at is not None and at < clocks[cut_off].ends_at)
    waiting = sum(1 for at, cut_off in signed if at is None and now < clocks[cut_off].ends_at)
    running = max(clocks.values(), key=lambda each: each.ends_at)
    return Granted(
        due_on=running.due_on, days_left=running.days_left(now), counted=len(signed), met=met,
        late=len(signed) - met - waiting, waiting=waiting,
    )  # fmt: skip
