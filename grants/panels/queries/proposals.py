"""Reading one proposal as its panel sees it; a member with a conflict finds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants.accounts.models import Account
from grants.calls.models import Call, Criterion, Programme, Topic
from grants.db import db
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, Consensus, ConsensusScore, Report
from grants.evaluation.states import ReportState
from grants.evaluation.visibility import Aspect, Standing, table_of, visible
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.kernel.findings import Finding
from grants.panels.access import ItemAccess, PanelAccess, may_read_item
from grants.panels.facts import ties
from grants.panels.models import (
    AgendaItem,
    CrossReading,
    Meeting,
    Outcome,
    Panel,
    PanelConflict,
    PanelMember,
    PanelProposal,
)
from grants.panels.states import MeetingState, NoteState, OutcomeState
from grants.proposals.models import Proposal
from grants.proposals.queries import is_blind
from grants.ranking.models import Placement, Ranking
from grants.ranking.states import RankingState


@dataclass(frozen=True, slots=True)
class OpenedItem:
    """A proposal before its panel, as one actor opened it.

    ``me``: the actor's seat. ``note``: the actor's own cross-reading. ``meeting``: as in the access. ``waiting``: a
    change that waits for a second officer.
    """

    panel: Panel
    proposal: Proposal
    access: ItemAccess
    consensus: Consensus | None
    me: PanelMember | None
    note: CrossReading | None
    meeting: Meeting | None
    waiting: Outcome | None

    @property
    def topic(self) -> Topic:
        """Whose proposal it is."""
        return self.proposal.topic


def opened(actor: Actor, panel_id: int, number: int, *, now: datetime, locked: bool = False) -> OpenedItem:
    """Raises NotFound for whom the proposal is not there. One statement, and four on conflicts where a member asks.

    ``locked``: the topic is locked first, as the ranked list does, then the proposal's place in the panel.
    """
    if locked:
        whose = select(Topic.id).join(Panel, Panel.topic_id == Topic.id).where(Panel.id == panel_id)
        db.session.execute(whose.with_for_update(of=Topic))
    seat = select(Expert.id).where(Expert.account_id == actor.id).scalar_subquery()
    statement = (
        select(
            PanelProposal, Consensus, PanelMember, CrossReading, Meeting, Outcome, _unwritten(actor), frozen(),
            _declared(actor), _evaluates(actor),
        )
        .join(PanelProposal.panel)
        .join(PanelProposal.proposal)
        .join(Topic, Topic.id == Panel.topic_id)
        .join(Topic.call)
        .join(Call.programme)
        .outerjoin(Consensus, Consensus.proposal_id == Proposal.id)
        .outerjoin(PanelMember, and_(PanelMember.panel_id == Panel.id, PanelMember.expert_id == seat))
        .outerjoin(
            CrossReading,
            and_(CrossReading.proposal_id == Proposal.id, CrossReading.member_id == PanelMember.id),
        )
        .outerjoin(Meeting, Meeting.id == _last_meeting())
        .outerjoin(Outcome, and_(Outcome.proposal_id == Proposal.id, Outcome.state == OutcomeState.PROPOSED))
        .where(Panel.id == panel_id, Proposal.number == number)
        .options(
            contains_eager(PanelProposal.panel)
            .contains_eager(Panel.topic)
            .options(contains_eager(Topic.call).contains_eager(Call.programme), selectinload(Topic.criteria)),
            contains_eager(PanelProposal.proposal).joinedload(Proposal.topic),
            joinedload(PanelMember.expert).joinedload(Expert.account), joinedload(Outcome.recorded_by),
        )
    )  # fmt: skip
    if locked:
        statement = statement.with_for_update(of=PanelProposal).execution_options(populate_existing=True)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    place, consensus, me, note, meeting, waiting, unwritten, is_frozen, declared, evaluates = row
    facts = ItemAccess(
        panel=PanelAccess(
            place.panel.topic.call.programme.code, place.panel.chair_id,
            frozenset({me.expert.account_id} if me else ()),
        ),
        conflicted=_conflicted(actor, me, place, now=now), note=note.state if note else None,
        on_table=meeting is not None, meeting=meeting.state if meeting else None,
        consensus=consensus.state if consensus else None, own_report_missing=unwritten,
        shows=shown(place.proposal, consensus, handed_in=not unwritten, now=now),
        frozen=is_frozen, declared=declared, evaluates=evaluates,
        proposed_by=waiting.recorded_by_id if waiting else None,
    )  # fmt: skip
    may_read_item(actor, facts).require()
    return OpenedItem(place.panel, place.proposal, facts, consensus, me, note, meeting, waiting)


def _conflicted(actor: Actor, me: PanelMember | None, place: PanelProposal, *, now: datetime) -> bool:
    """The same check as when an expert opens an assignment, each time anew; officers decide on conflicts."""
    topic = place.panel.topic
    if me is None or actor.manages(topic.call.programme.code):
        return False
    return bool(ties([me.expert], [place.proposal_id], topic, now=now))


def shown(proposal: Proposal, consensus: Consensus | None, *, handed_in: bool, now: datetime) -> frozenset[Aspect]:
    """What the topic's table shows of the proposal's evaluation in its present phase (the topic must be loaded).

    ``handed_in``: the reader evaluates nothing of it, or has handed the own report in.
    """
    standing = Standing(
        handed_in=handed_in, consensus=consensus is not None, decided=proposal.decided_at is not None,
        panel=consensus is not None and consensus.panel_at is not None,
    )  # fmt: skip
    return visible(table_of(proposal.topic.visibility), now, standing)


def _last_meeting() -> ColumnElement[int]:
    """The open meeting with the proposal on its agenda, else the last one that the panel was told of."""
    return (
        select(Meeting.id)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(
            AgendaItem.proposal_id == Proposal.id, Meeting.panel_id == Panel.id,
            Meeting.state != MeetingState.CANCELLED,
            or_(Meeting.invited_at.is_not(None), Meeting.opened_at.is_not(None)),
        )
        .order_by(case((Meeting.state == MeetingState.OPEN, 0), else_=1), Meeting.starts_at.desc())
        .limit(1)
        .correlate(Proposal, Panel)
        .scalar_subquery()
    )  # fmt: skip


def _unwritten(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor evaluates the proposal and has not handed in the report."""
    handed_in = exists().where(Report.assignment_id == Assignment.id, Report.state == ReportState.SUBMITTED)
    return (
        exists()
        .where(
            Assignment.proposal_id == Proposal.id, Assignment.expert_id == Expert.id, Expert.account_id == actor.id,
            Assignment.state.in_(ACTIVE), ~handed_in.correlate(Assignment),
        )
        .correlate(Proposal)
    )  # fmt: skip


def without_report(actor: Actor, proposal_ids: Sequence[int]) -> set[int]:
    """Of these, the proposals that the actor evaluates and has not handed in the report on."""
    return set(db.session.scalars(select(Proposal.id).where(Proposal.id.in_(proposal_ids), _unwritten(actor))))


def _evaluates(actor: Actor) -> ColumnElement[bool]:
    mine = (Assignment.proposal_id == Proposal.id, Assignment.expert_id == Expert.id, Assignment.state.in_(ACTIVE))
    return exists().where(*mine, Expert.account_id == actor.id).correlate(Proposal)


def _declared(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor declared a conflict with the proposal as a member of a panel."""
    return (
        exists()
        .where(
            PanelConflict.proposal_id == Proposal.id, PanelConflict.expert_id == Expert.id,
            Expert.account_id == actor.id,
        )
        .correlate(Proposal)
    )  # fmt: skip


def frozen() -> ColumnElement[bool]:
    """Whether a ranked list with the proposal is prepared or decided, over Proposal."""
    placed = exists().where(
        Placement.proposal_id == Proposal.id,
        Placement.ranking_id == Ranking.id,
        Ranking.state != RankingState.DRAFT,
    )
    return or_(Proposal.decided_at.is_not(None), placed.correlate(Proposal))


def withheld(item: OpenedItem, actor: Actor) -> bool:
    """Whether who applies is not shown to this reader: to members of a blind evaluation, until its table says so."""
    manages = actor.manages(item.access.panel.programme)
    return not manages and is_blind(item.proposal) and Aspect.APPLICANTS not in item.access.shows


def seen_of(item: OpenedItem, actor: Actor) -> frozenset[Aspect]:
    """What this reader sees of scores, texts and names: officers all of it, the chair what the panel speaks about.

    Nothing of it where the own report is not handed in. Source: domain.md 8.1.
    """
    if actor.manages(item.access.panel.programme):
        return frozenset(Aspect)
    if item.access.panel.leads(actor) and not item.access.own_report_missing:
        return item.access.shows | {Aspect.SCORES, Aspect.TEXTS}
    return item.access.shows


@dataclass(frozen=True, slots=True)
class Judged:
    """The agreed judgement on one criterion; what the phase does not show is empty."""

    name: str
    score: Decimal | None
    comment: str
    weaknesses: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One proposal that a member cross-reads."""

    number: int
    state: NoteState


def judged(consensus: Consensus, shows: frozenset[Aspect]) -> list[Judged]:
    """The consensus report without its evaluators. Columns that the phase does not show are not given."""
    rows = db.session.execute(
        select(Criterion.name, ConsensusScore.score, ConsensusScore.comment, ConsensusScore.weaknesses)
        .join(Criterion, Criterion.id == ConsensusScore.criterion_id)
        .where(ConsensusScore.consensus_id == consensus.id)
        .order_by(Criterion.position)
    )
    scores, texts = Aspect.SCORES in shows, Aspect.TEXTS in shows
    return [
        Judged(name, score if scores else None, comment if texts else "", weaknesses if texts else "")
        for name, score, comment, weaknesses in rows
    ]


def evaluators(proposal_id: int) -> list[str]:
    """Names of who evaluated, for a phase that shows them."""
    return list(
        db.session.scalars(
            select(Account.name)
            .join(Expert, Expert.account_id == Account.id)
            .join(Assignment, Assignment.expert_id == Expert.id)
            .where(Assignment.proposal_id == proposal_id, Assignment.state.in_(ACTIVE))
            .order_by(Assignment.id)
        )
    )


def notes(proposal_id: int) -> Sequence[CrossReading]:
    """Cross-readings of a proposal with who writes them, in the order of naming."""
    return db.session.scalars(
        select(CrossReading)
        .where(CrossReading.proposal_id == proposal_id)
        .order_by(CrossReading.id)
        .options(joinedload(CrossReading.member).joinedload(PanelMember.expert).joinedload(Expert.account))
    ).all()


def outcomes(proposal_id: int) -> Sequence[Outcome]:
    """What was recorded on a proposal, first to last, with who did."""
    return db.session.scalars(
        select(Outcome)
        .where(Outcome.proposal_id == proposal_id)
        .order_by(Outcome.id)
        .options(joinedload(Outcome.recorded_by), joinedload(Outcome.answered_by))
    ).all()


def readings_of(panel_id: int, me: PanelMember, topic: Topic, *, now: datetime) -> list[Reading]:
    """What this member cross-reads on the panel; proposals with a conflict are left out."""
    rows = db.session.execute(
        select(Proposal.id, Proposal.number, CrossReading.state)
        .join(CrossReading, CrossReading.proposal_id == Proposal.id)
        .join(PanelProposal, PanelProposal.proposal_id == Proposal.id)
        .where(CrossReading.member_id == me.id, PanelProposal.panel_id == panel_id, Proposal.decided_at.is_(None))
        .order_by(Proposal.number)
    ).all()
    tied = ties([me.expert], [row[0] for row in rows], topic, now=now)
    return [Reading(number, state) for identity, number, state in rows if (identity, me.expert_id) not in tied]


def waiting_changes(actor: Actor) -> list[tuple[int, int]]:
    """Panel and number of score changes that wait for an officer of the actor's programmes."""
    rows = db.session.execute(
        select(PanelProposal.panel_id, Proposal.number)
        .join(Proposal, Proposal.id == PanelProposal.proposal_id)
        .join(Outcome, Outcome.proposal_id == Proposal.id)
        .join(Topic, Topic.id == Proposal.topic_id)
        .join(Topic.call)
        .join(Call.programme)
        .where(Outcome.state == OutcomeState.PROPOSED, Programme.code.in_(actor.programmes))
        .order_by(Outcome.id)
        .limit(6)
    )
    return [(row[0], row[1]) for row in rows]


def waiting_findings(topic: Topic, cut_off: datetime | None) -> list[Finding]:
    """What stands against preparing a ranked list: changes of scores on it that wait for a second officer."""
    placed = exists().where(
        Placement.proposal_id == Outcome.proposal_id, Placement.ranking_id == Ranking.id,
        Ranking.topic_id == topic.id, Ranking.cut_off.is_not_distinct_from(cut_off),
    )  # fmt: skip
    numbers = db.session.scalars(
        select(Proposal.number)
        .join(Outcome, Outcome.proposal_id == Proposal.id)
        .where(Outcome.state == OutcomeState.PROPOSED, placed.correlate(Outcome))
        .order_by(Proposal.number)
    ).all()
    if not numbers:
        return []
    named = ", ".join(str(each) for each in numbers[:10])
    message = f"A panel's change of scores waits for a second officer: {named}. Confirm it or send it back first."
    return [Finding("panel-waits", message)]
