"""Reading panels with their members and proposals; the panels of a topic at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants.accounts.models import Account
from grants.admission.queries import competes_in
from grants.calls.models import Call, Criterion, Programme, Topic
from grants.db import db
from grants.evaluation.models import Consensus, ConsensusScore
from grants.evaluation.states import ConsensusState
from grants.experts.models import Expert, Invitation
from grants.experts.states import InvitationState
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.panels.access import PanelAccess, may_manage, may_see
from grants.panels.models import (
    AgendaItem,
    Attendance,
    Hearing,
    Meeting,
    Observer,
    Outcome,
    Panel,
    PanelMember,
    PanelProposal,
)
from grants.panels.queries.columns import acronym, agreed_total, announced, consensus_state, last_outcome
from grants.panels.states import DONE, HearingState, MeetingState, ObserverState, OutcomeState
from grants.proposals.models import Member, Proposal


@dataclass(frozen=True, slots=True)
class OpenedPanel:
    """A panel as one actor opened it, with its members."""

    panel: Panel
    access: PanelAccess

    @property
    def topic(self) -> Topic:
        """Whose panel it is."""
        return self.panel.topic


def access_of(panel: Panel) -> PanelAccess:
    """What access decides on (topic, call, programme and members with experts must be loaded)."""
    members = frozenset(each.expert.account_id for each in panel.members)
    return PanelAccess(panel.topic.call.programme.code, panel.chair_id, members)


def opened(actor: Actor, panel_id: int, *, locked: bool = False) -> OpenedPanel:
    """One panel with topic and members. Raises NotFound for whom it is not there. Two statements."""
    statement = (
        select(Panel)
        .join(Panel.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Panel.id == panel_id)
        .options(
            contains_eager(Panel.topic).contains_eager(Topic.call).contains_eager(Call.programme),
            joinedload(Panel.chair),
            selectinload(Panel.members).joinedload(PanelMember.expert).joinedload(Expert.account),
        )
    )
    if locked:
        statement = statement.with_for_update(of=Panel).execution_options(populate_existing=True)
    panel = db.session.scalar(statement)
    if panel is None:
        raise NotFound
    facts = access_of(panel)
    may_see(actor, facts).require()
    return OpenedPanel(panel, facts)


def managed(actor: Actor, panel_id: int, *, locked: bool = False) -> OpenedPanel:
    """The same for the programme's managers. Raises NotFound for all others."""
    found = opened(actor, panel_id, locked=locked)
    may_manage(actor, programme=found.access.programme).require()
    return found


@dataclass(frozen=True, slots=True)
class Glance:
    """One panel of a topic for officers who watch. ``next_at``: of the next meeting; None: none is planned.

    ``done``: proposals with an outcome that counts. ``present`` and ``absent``: over all meetings.
    """

    id: int
    name: str
    remote: bool
    chair: str | None
    members: int
    proposals: int
    done: int
    next_at: datetime | None
    sat: int
    present: int
    absent: int


def monitor(topic_id: int) -> list[Glance]:
    """All panels of a topic, by name: one statement."""

    def count(statement: Select[int]) -> ColumnElement[int]:
        return statement.correlate(Panel).scalar_subquery()

    mine = PanelProposal.panel_id == Panel.id
    outcome = exists().where(Outcome.proposal_id == PanelProposal.proposal_id, Outcome.state.in_(DONE))
    there = select(func.count()).select_from(Attendance).join(Meeting, Meeting.id == Attendance.meeting_id)
    rows = db.session.execute(
        select(
            Panel.id, Panel.name, Panel.remote, Account.name,
            count(select(func.count()).select_from(PanelMember).where(PanelMember.panel_id == Panel.id)),
            count(select(func.count()).select_from(PanelProposal).where(mine)),
            count(select(func.count()).select_from(PanelProposal).where(mine, outcome)),
            select(func.min(Meeting.starts_at))
            .where(Meeting.panel_id == Panel.id, Meeting.state.in_((MeetingState.PLANNED, MeetingState.OPEN)))
            .correlate(Panel).scalar_subquery(),
            count(
                select(func.count()).select_from(Meeting)
                .where(Meeting.panel_id == Panel.id, Meeting.opened_at.is_not(None))
            ),
            count(there.where(Meeting.panel_id == Panel.id, Attendance.present)),
            count(there.where(Meeting.panel_id == Panel.id, ~Attendance.present)),
        )
        .outerjoin(Account, Account.id == Panel.chair_id)
        .where(Panel.topic_id == topic_id)
        .order_by(Panel.name, Panel.id)
    )  # fmt: skip
    return [Glance(*row) for row in rows]


def candidates(panel: Panel) -> Sequence[Expert]:
    """Experts who accepted the topic's invitation and do not sit on this panel, by name."""
    sits = exists().where(PanelMember.panel_id == panel.id, PanelMember.expert_id == Expert.id)
    return db.session.scalars(
        select(Expert)
        .join(Expert.account)
        .join(Invitation, Invitation.expert_id == Expert.id)
        .where(Invitation.topic_id == panel.topic_id, Invitation.state == InvitationState.ACCEPTED, ~sits)
        .order_by(Account.name, Expert.id)
        .options(contains_eager(Expert.account))
    ).all()


@dataclass(frozen=True, slots=True)
class Row:
    """One proposal of a panel. ``planned``: it is on an agenda that was not cancelled."""

    number: int
    acronym: str
    consensus: ConsensusState | None
    total: Decimal | None
    outcome: OutcomeState | None
    planned: bool


def proposals(panel_id: int) -> Select[*tuple[Any, ...]]:
    """Proposals of a panel as the columns of ``Row``. Not ordered."""
    planned = (
        exists()
        .where(
            AgendaItem.proposal_id == Proposal.id,
            AgendaItem.meeting_id == Meeting.id,
            Meeting.state != MeetingState.CANCELLED,
        )
        .correlate(Proposal)
    )
    return (
        select(Proposal.number, acronym(), consensus_state(), agreed_total(), last_outcome(), planned)
        .join(PanelProposal, PanelProposal.proposal_id == Proposal.id)
        .where(PanelProposal.panel_id == panel_id)
    )


def assignable(topic: Topic, *, now: datetime, consensus: bool = False, numbers: Sequence[int] = ()) -> list[int]:
    """Identities of competing proposals of a topic that are in no panel: all, those whose consensus is approved, or
    those with these numbers."""
    taken = exists().where(PanelProposal.proposal_id == Proposal.id)
    statement = select(Proposal.id).where(competes_in(topic, now), ~taken).order_by(Proposal.number)
    if consensus:
        approved = exists().where(Consensus.proposal_id == Proposal.id, Consensus.state == ConsensusState.APPROVED)
        statement = statement.where(approved)
    if numbers:
        statement = statement.where(Proposal.number.in_(numbers))
    return list(db.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Own:
    """A panel in which the actor sits. ``next_id`` and ``next_at``: of its next meeting, where letters are out."""

    id: int
    name: str
    topic: str
    zone: str
    next_id: int | None
    next_at: datetime | None


def own(actor: Actor) -> list[Own]:
    """Panels in which the actor is a member or the chair, whose results are not all announced: one statement."""
    sits = and_(
        literal(actor.has(Role.EVALUATOR)),
        exists().where(
            PanelMember.panel_id == Panel.id, PanelMember.expert_id == Expert.id, Expert.account_id == actor.id
        ),
    )
    managed_by = actor.programmes if actor.has(Role.MANAGER) else ()
    leads = and_(Panel.chair_id == actor.id, Programme.code.in_(managed_by))
    coming = (
        select(Meeting.id)
        .where(
            Meeting.panel_id == Panel.id, Meeting.state.in_((MeetingState.PLANNED, MeetingState.OPEN)),
            (Meeting.invited_at.is_not(None)) | (Meeting.state == MeetingState.OPEN),
        )
        .order_by(Meeting.starts_at)
        .limit(1)
        .correlate(Panel)
        .scalar_subquery()
    )  # fmt: skip
    rows = db.session.execute(
        select(Panel.id, Panel.name, Topic.identifier, Call.zone, Meeting.id, Meeting.starts_at)
        .join(Topic, Topic.id == Panel.topic_id)
        .join(Call, Call.id == Topic.call_id)
        .join(Call.programme)
        .outerjoin(Meeting, Meeting.id == coming)
        .where(or_(sits, leads), ~announced())
        .order_by(Meeting.starts_at.nulls_last(), Panel.id)
        .limit(20)
    )
    return [Own(*row) for row in rows]


def totals_by_panel(topic: Topic) -> list[tuple[str, list[tuple[Decimal, int]]]]:
    """How often each agreed total occurs, by panel in the order of names: one statement."""
    total = func.sum(ConsensusScore.score).label("total")
    each = (
        select(Panel.name, Proposal.id, total)
        .join(PanelProposal, PanelProposal.panel_id == Panel.id)
        .join(Proposal, Proposal.id == PanelProposal.proposal_id)
        .join(Consensus, Consensus.proposal_id == Proposal.id)
        .join(ConsensusScore, ConsensusScore.consensus_id == Consensus.id)
        .join(Criterion, Criterion.id == ConsensusScore.criterion_id)
        .where(Panel.topic_id == topic.id, Consensus.state == ConsensusState.APPROVED)
        .group_by(Panel.id, Proposal.id)
        .having(func.count() == func.count(ConsensusScore.score))
        .subquery()
    )
    rows = db.session.execute(
        select(each.c.name, each.c.total, func.count()).group_by(each.c.name, each.c.total).order_by(each.c.name)
    )
    found: dict[str, list[tuple[Decimal, int]]] = {}
    for name, reached, count in rows:
        found.setdefault(name, []).append((reached, count))
    return list(found.items())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whether there is anything of each kind for the actor's first page."""

    panels: bool
    changes: bool
    hearings: bool
    observations: bool


def waiting(actor: Actor, *, now: datetime) -> Waiting:
    """What the first page has to look for: one statement, for most people have nothing of all this."""
    sits = exists().where(PanelMember.expert_id == Expert.id, Expert.account_id == actor.id)
    leads = exists().where(Panel.chair_id == actor.id)
    changes = exists().where(Outcome.state == OutcomeState.PROPOSED)
    asked = exists().where(
        Hearing.state == HearingState.SENT, Hearing.send_at <= now, Member.proposal_id == Hearing.proposal_id,
        Member.account_id == actor.id,
    )  # fmt: skip
    observes = exists().where(Observer.account_id == actor.id, Observer.state != ObserverState.REMOVED)
    return Waiting(*db.session.execute(select(sits | leads, changes, asked, observes)).one())
