"""Reading the pool of a topic: who was invited, and who is like the proposals received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased, contains_eager

from grants.accounts.models import Account
from grants.calls.models import Call, Topic
from grants.db import db
from grants.experts.models import Absence, Comparison, Expert, Invitation, Likeness
from grants.experts.rules import Seat
from grants.experts.states import InvitationState


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was asked to evaluate a topic. ``newcomer``: accepted nothing in the programme in the year before;
    ``away``: first and last days."""

    invitation: Invitation
    newcomer: bool
    away: list[tuple[date, date]]

    @property
    def seat(self) -> Seat:
        """How they count for the balance."""
        expert = self.invitation.expert
        return Seat(expert.gender, expert.country, expert.sector, self.newcomer)


def pool(topic: Topic) -> list[Invited]:
    """Everybody who was invited to a topic, by name; one statement. The year before is that of the deadline: calls
    follow the years of work programmes."""
    other, earlier = aliased(Invitation), aliased(Topic)
    year = func.date_part("year", func.timezone("UTC", earlier.deadline))
    took_part = (
        exists()
        .where(other.expert_id == Expert.id, other.state == InvitationState.ACCEPTED, other.topic_id == earlier.id)
        .where(earlier.call_id == Call.id, Call.programme_id == topic.call.programme_id)
        .where(year == topic.deadline.year - 1)
    )
    period = func.json_build_array(Absence.began_on, Absence.ended_on)
    days = func.json_agg(aggregate_order_by(period, Absence.began_on))
    away = select(days).where(Absence.expert_id == Expert.id).correlate(Expert).scalar_subquery()
    rows = db.session.execute(
        select(Invitation, ~took_part, away)
        .join(Invitation.expert)
        .join(Expert.account)
        .where(Invitation.topic_id == topic.id)
        .order_by(Account.name, Invitation.id)
        .options(contains_eager(Invitation.expert).contains_eager(Expert.account))
    )
    return [Invited(row[0], row[1], [_period(each) for each in row[2] or ()]) for row in rows]


def _period(days: Sequence[str]) -> tuple[date, date]:
    return date.fromisoformat(days[0]), date.fromisoformat(days[1])


def invited_ids(topic_id: int) -> set[int]:
    """The experts who were invited to a topic, whatever they answered."""
    return set(db.session.scalars(select(Invitation.expert_id).where(Invitation.topic_id == topic_id)))


def alike(statement: Select[Expert], topic_id: int) -> Select[*tuple[Any, ...]]:
    """The same experts with their likeness to the topic's proposals; those who are like none are left out."""
    joined = statement.join(Likeness, and_(Likeness.expert_id == Expert.id, Likeness.topic_id == topic_id))
    return joined.add_columns(Likeness)


def comparison(topic_id: int) -> Comparison | None:
    """Whether the registry was compared with the topic's proposals, and when."""
    return db.session.get(Comparison, topic_id)
