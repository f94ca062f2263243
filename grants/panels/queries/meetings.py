"""Reading meetings: the agenda, who is there, who leaves, the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, null, select, union_all
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants.calls.models import Call, Topic
from grants.db import db
from grants.evaluation.states import ConsensusState
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.panels.access import PanelAccess, may_manage, may_see
from grants.panels.models import AgendaItem, Attendance, Leaving, Meeting, Outcome, Panel, PanelMember
from grants.panels.queries.columns import acronym, agreed_total, announced, consensus_state, last_outcome
from grants.panels.queries.panels import access_of
from grants.panels.queries.proposals import frozen
from grants.panels.states import MeetingState, OutcomeState
from grants.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class OpenedMeeting:
    """A meeting as one actor opened it, with panel, topic and members."""

    meeting: Meeting
    access: PanelAccess

    @property
    def panel(self) -> Panel:
        """Whose meeting it is."""
        return self.meeting.panel

    @property
    def topic(self) -> Topic:
        """Whose panel it is."""
        return self.meeting.panel.topic

    @property
    def place(self) -> str:
        """Where it is."""
        return self.meeting.place or self.panel.place

    def member(self, account_id: int | None) -> PanelMember | None:
        """The member with this account."""
        return next((each for each in self.panel.members if each.expert.account_id == account_id), None)


def opened(actor: Actor, meeting_id: int, *, locked: bool = False) -> OpenedMeeting:
    """One meeting. Raises NotFound for whom it is not there: members before they are invited, too, and
    after all results are announced. Two statements."""
    statement = (
        select(Meeting, announced())
        .join(Meeting.panel)
        .join(Panel.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Meeting.id == meeting_id)
        .options(
            contains_eager(Meeting.panel)
            .contains_eager(Panel.topic)
            .contains_eager(Topic.call)
            .contains_eager(Call.programme),
            contains_eager(Meeting.panel).options(
                joinedload(Panel.chair),
                selectinload(Panel.members).joinedload(PanelMember.expert).joinedload(Expert.account),
            ),
            joinedload(Meeting.approved_by),
        )
    )
    if locked:
        statement = statement.with_for_update(of=Meeting).execution_options(populate_existing=True)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    meeting, over = row
    facts = access_of(meeting.panel)
    may_see(actor, facts).require()
    told = meeting.invited_at is not None or meeting.opened_at is not None
    if (over or not told) and not actor.manages(facts.programme):
        raise NotFound
    return OpenedMeeting(meeting, facts)


def managed(actor: Actor, meeting_id: int, *, locked: bool = False) -> OpenedMeeting:
    """The same for the programme's managers. Raises NotFound for all others."""
    found = opened(actor, meeting_id, locked=locked)
    may_manage(actor, programme=found.access.programme).require()
    return found


def of_panel(panel_id: int) -> Sequence[Meeting]:
    """All meetings of a panel, the earliest first."""
    return db.session.scalars(
        select(Meeting).where(Meeting.panel_id == panel_id).order_by(Meeting.starts_at, Meeting.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an agenda. ``proposal_id``: None for a break. ``total``: agreed points."""

    id: int
    title: str
    minutes: int
    proposal_id: int | None
    number: int | None
    acronym: str | None
    consensus: ConsensusState | None
    total: Decimal | None
    outcome: OutcomeState | None
    decided: bool


def items(meeting_id: int) -> list[Item]:
    """The agenda in its order: one statement."""
    rows = db.session.execute(
        select(
            AgendaItem.id, AgendaItem.title, AgendaItem.minutes, AgendaItem.proposal_id, Proposal.number, acronym(),
            consensus_state(), agreed_total(), last_outcome(), Proposal.decided_at.is_not(None),
        )
        .outerjoin(Proposal, Proposal.id == AgendaItem.proposal_id)
        .where(AgendaItem.meeting_id == meeting_id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )  # fmt: skip
    return [Item(*tuple(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Noted:
    """What is recorded of one member in a meeting. ``proposal_id``: what they left for; None: their attendance.

    ``reason``: of an absence, or what ties them to the proposal.
    """

    member_id: int
    proposal_id: int | None
    present: bool | None
    reason: str


def noted(meeting_id: int) -> list[Noted]:
    """Attendance and leaving as they are recorded: one statement."""
    there = select(Attendance.member_id, null(), Attendance.present, Attendance.reason)
    left = select(Leaving.member_id, Leaving.proposal_id, null(), Leaving.reason)
    rows: Any = db.session.execute(
        union_all(there.where(Attendance.meeting_id == meeting_id), left.where(Leaving.meeting_id == meeting_id))
    )
    return [Noted(*row) for row in rows]


def outcomes(meeting_id: int) -> Sequence[Outcome]:
    """Everything that was recorded in a meeting, first to last, with who did."""
    return db.session.scalars(
        select(Outcome)
        .where(Outcome.meeting_id == meeting_id)
        .order_by(Outcome.id)
        .options(joinedload(Outcome.recorded_by), joinedload(Outcome.answered_by))
    ).all()


def proposal_of(meeting_id: int, proposal_id: int) -> Proposal | None:
    """A proposal of this agenda, with its topic."""
    return db.session.scalar(
        select(Proposal)
        .join(AgendaItem, AgendaItem.proposal_id == Proposal.id)
        .where(AgendaItem.meeting_id == meeting_id, Proposal.id == proposal_id)
        .options(joinedload(Proposal.topic).joinedload(Topic.call).joinedload(Call.programme))
    )


def any_frozen(meeting_id: int) -> bool:
    """Whether a proposal of the agenda is in a ranked list that is prepared or decided."""
    mine = exists().where(AgendaItem.meeting_id == meeting_id, AgendaItem.proposal_id == Proposal.id, frozen())
    return bool(db.session.scalar(select(mine)))


def is_editable(meeting: Meeting) -> bool:
    """Whether its agenda may still change."""
    return meeting.state in {MeetingState.PLANNED, MeetingState.OPEN}
