"""What observers read: process data alone. No score, comment, name of an expert, or proposal text is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import contains_eager, joinedload

from grants.calls.models import Call, Topic
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, Consensus, Report
from grants.evaluation.states import AssignmentState, ConsensusState, ReportState
from grants.experts.models import ConflictDecision, Expert, Invitation
from grants.experts.states import DecisionState, InvitationState
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.notifications.models import Letter
from grants.panels.access import ObserverAccess, may_open_observation
from grants.panels.models import (
    AgendaItem,
    Attendance,
    CrossReading,
    Hearing,
    Leaving,
    Meeting,
    Observer,
    Panel,
    PanelConflict,
)
from grants.panels.states import ObserverState
from grants.proposals.models import Member, Proposal


def access_of(observer: Observer, *, takes_part: bool = False) -> ObserverAccess:
    """What access decides on. ``takes_part``: as ``own`` found it, which refuses whoever does."""
    return ObserverAccess(observer.account_id, observer.state, takes_part)


def own(actor: Actor, identifier: str, *, locked: bool = False) -> Observer:
    """The actor's part as an observer of a topic. Raises NotFound for everybody who is none."""
    statement = (
        select(Observer, _takes_part(Observer.topic_id, Observer.account_id))
        .join(Observer.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Topic.identifier == identifier, Observer.account_id == actor.id)
        .options(
            contains_eager(Observer.topic).contains_eager(Topic.call).contains_eager(Call.programme),
            joinedload(Observer.report), joinedload(Observer.account),
        )
    )  # fmt: skip
    if locked:
        statement = statement.with_for_update(of=Observer).execution_options(populate_existing=True)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    found, part = row
    may_open_observation(actor, access_of(found, takes_part=part)).require()
    return found


def observed(actor: Actor) -> Sequence[Observer]:
    """Topics that the actor observes."""
    return db.session.scalars(
        select(Observer)
        .where(
            Observer.account_id == actor.id,
            Observer.state != ObserverState.REMOVED,
            ~_takes_part(Observer.topic_id, Observer.account_id),
        )
        .order_by(Observer.id.desc())
        .options(joinedload(Observer.topic))
    ).all()


def observers_of(topic_id: int) -> Sequence[Observer]:
    """Everybody who was named for a topic, with their reports, for its managers."""
    return db.session.scalars(
        select(Observer)
        .where(Observer.topic_id == topic_id)
        .order_by(Observer.id)
        .options(joinedload(Observer.account), joinedload(Observer.report))
    ).all()


def takes_part(topic: Topic, account_id: int) -> bool:
    """Whether somebody has a part in the topic already: applies, evaluates, or manages the programme."""
    return bool(db.session.scalar(select(_takes_part(literal(topic.id), literal(account_id)))))


def _takes_part(topic_id: ColumnElement[int] | Any, account_id: ColumnElement[int] | Any) -> ColumnElement[bool]:
    from_topic = and_(Member.proposal_id == Proposal.id, Proposal.topic_id == topic_id)
    applies = exists().where(Member.account_id == account_id, from_topic)
    invited = exists().where(
        Invitation.topic_id == topic_id, Invitation.state != InvitationState.DECLINED,
        Invitation.expert.has(Expert.account_id == account_id),
    )  # fmt: skip
    return or_(applies, invited)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One meeting of a panel in dates and counts."""

    panel: str
    remote: bool
    state: str
    starts_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    items: int
    planned_minutes: int
    present: int
    absent: int
    left: int


def sittings(topic_id: int) -> list[Sitting]:
    """All meetings of a topic's panels: one statement."""

    def count(table: type[AgendaItem] | type[Attendance] | type[Leaving], *where: ColumnElement[bool]) -> Any:
        counted = select(func.count()).select_from(table).where(table.meeting_id == Meeting.id, *where)
        return counted.correlate(Meeting).scalar_subquery()

    minutes = select(func.coalesce(func.sum(AgendaItem.minutes), 0)).where(AgendaItem.meeting_id == Meeting.id)
    rows = db.session.execute(
        select(
            Panel.name, Panel.remote, cast(Meeting.state, String), Meeting.starts_at, Meeting.opened_at,
            Meeting.closed_at, count(AgendaItem, AgendaItem.proposal_id.is_not(None)),
            minutes.correlate(Meeting).scalar_subquery(), count(Attendance, Attendance.present.is_(True)),
            count(Attendance, ~Attendance.present), count(Leaving),
        )
        .join(Panel, Panel.id == Meeting.panel_id)
        .where(Panel.topic_id == topic_id)
        .order_by(Meeting.starts_at, Meeting.id)
    )  # fmt: skip
    return [Sitting(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Process:
    """The evaluation of a topic in counts and dates. ``drafts`` and ``proposed``: consensus reports that go on;
    ``early``: opened without all reports; ``decided``: by an officer without all answers. ``declared``: conflicts;
    ``officers``: those that an officer decided on."""

    totals: evaluation.Totals
    invited: int
    accepted: int
    drafts: int
    proposed: int
    early: int
    decided: int
    first_report: datetime | None
    last_report: datetime | None
    first_approved: datetime | None
    last_approved: datetime | None
    declared: int
    officers: int
    leavings: int
    notes: int
    notes_in: int
    hearings: int
    letters: list[tuple[str, int]]


def process(topic: Topic, *, now: datetime) -> Process:
    """Counts and dates: three statements."""
    mine = Proposal.topic_id == topic.id
    handed_in = (mine, Report.state == ReportState.SUBMITTED, Assignment.state.in_(ACTIVE))

    def reports(column: Any) -> Any:
        return select(column).select_from(Report).join(Report.assignment).join(Assignment.proposal).where(*handed_in)

    def consensus(column: Any, *where: ColumnElement[bool]) -> Any:
        return select(column).select_from(Consensus).join(Consensus.proposal).where(mine, *where)

    def invitations(*where: ColumnElement[bool]) -> Any:
        return select(func.count()).select_from(Invitation).where(Invitation.topic_id == topic.id, *where)

    def counted(table: type[CrossReading] | type[Leaving] | type[Hearing], *where: ColumnElement[bool]) -> Any:
        rows = select(func.count()).select_from(table).join(Proposal, Proposal.id == table.proposal_id)
        return rows.where(mine, *where)

    parts = (
        invitations(), invitations(Invitation.state == InvitationState.ACCEPTED),
        consensus(func.count(), Consensus.state == ConsensusState.DRAFT),
        consensus(func.count(), Consensus.state == ConsensusState.PROPOSED),
        consensus(func.count(), Consensus.opened_because != ""),
        consensus(func.count(), Consensus.decided_because != ""),
        reports(func.min(Report.submitted_at)), reports(func.max(Report.submitted_at)),
        consensus(func.min(Consensus.approved_at)), consensus(func.max(Consensus.approved_at)),
        _declared(topic.id), _officers(topic.id), counted(Leaving), counted(CrossReading),
        counted(CrossReading, CrossReading.submitted_at.is_not(None)),
        counted(Hearing, Hearing.send_at <= now),
    )  # fmt: skip
    row: Any = db.session.execute(select(*(each.scalar_subquery() for each in parts))).one()
    values: list[Any] = [evaluation.totals(topic, now=now), *row, _letters(topic)]
    return Process(*values)


def _declared(topic_id: int) -> Any:
    """Conflicts that evaluators and members declared, or that closed a proposal to them."""
    as_evaluator = select(Assignment.id).join(Assignment.proposal).where(
        Proposal.topic_id == topic_id, Assignment.state == AssignmentState.CONFLICTED
    )  # fmt: skip
    as_member = select(PanelConflict.id).join(Proposal, Proposal.id == PanelConflict.proposal_id).where(
        Proposal.topic_id == topic_id
    )  # fmt: skip
    return select(func.count()).select_from(union_all(as_evaluator, as_member).subquery())


def _officers(topic_id: int) -> Any:
    """Conflicts on which an officer decided."""
    decided = (Proposal.topic_id == topic_id, ConflictDecision.state != DecisionState.OPEN)
    return select(func.count()).select_from(ConflictDecision).join(ConflictDecision.proposal).where(*decided)


#: What letters are counted as; others are not about the evaluation.
LETTERS = {
    "assignment": "Proposals given to evaluators", "report_late": "Reminders of late reports",
    "report_returned": "Reports returned", "consensus_opened": "Consensus opened",
    "consensus_proposed": "Consensus to answer", "conflict_declared": "Conflicts told to officers",
    "panel_invitation": "Invitations to meetings of panels", "panel_meeting_changed": "Meetings changed",
    "panel_meeting_cancelled": "Meetings cancelled", "panel_cross_reading": "Cross-reading asked",
    "hearing": "Hearings sent",
}  # fmt: skip


def _letters(topic: Topic) -> list[tuple[str, int]]:
    """Letters sent, by what they are about: counted by the things of this topic that they name."""
    own_proposals = select(Proposal.id).where(Proposal.topic_id == topic.id)
    keys = or_(
        _about("assignment", select(Assignment.id).where(Assignment.proposal_id.in_(own_proposals))),
        _about("panel_meeting", select(Meeting.id).join(Meeting.panel).where(Panel.topic_id == topic.id)),
        _about("cross_reading", select(CrossReading.id).where(CrossReading.proposal_id.in_(own_proposals))),
        _about("proposal", select(Proposal.number).where(Proposal.topic_id == topic.id)),
    )
    rows = db.session.execute(
        select(Letter.kind, func.count())
        .where(keys, Letter.kind.in_(LETTERS), Letter.sent_at.is_not(None))
        .group_by(Letter.kind)
    )
    counts = {row[0]: row[1] for row in rows}
    return [(words, counts.get(kind, 0)) for kind, words in LETTERS.items()]


def _about(kind: str, keys: Select[int]) -> ColumnElement[bool]:
    (key,) = keys.subquery().columns
    return and_(Letter.object_kind == kind, Letter.object_key.in_(select(cast(key, String))))
