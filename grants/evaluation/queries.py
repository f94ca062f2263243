"""Reading assignments, reports and consensus. Experts find their own, managers those of their programmes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache

from sqlalchemy import ColumnElement, DateTime, Select, and_, bindparam, case, cast, func, literal, or_, select
from sqlalchemy.orm import contains_eager, defer, joinedload, lazyload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from grants.accounts.models import Account
from grants.admission.queries import competes_in
from grants.calls.models import Call, Criterion, Topic
from grants.db import db
from grants.evaluation import facts
from grants.evaluation.access import AssignmentAccess, may_manage, may_see
from grants.evaluation.models import Assignment, Consensus, ConsensusScore, Remark, Report, ReportScore
from grants.evaluation.states import AssignmentState, ConsensusState, ReportState
from grants.evaluation.visibility import Aspect, Phase
from grants.experts.models import Expert, Invitation
from grants.experts.states import InvitationState
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.kernel.numbers import whole
from grants.proposals.models import Proposal, Submission
from grants.proposals.queries import blind_sql, closing_sql
from grants.proposals.states import ProposalState

#: What evaluators' pages do not ask of a proposal: see ``subject``.
_UNTOLD = (defer(Proposal.acronym), defer(Proposal.title), defer(Proposal.abstract))
#: Nor of a topic: applicants' forms and rules are long, and parsed for every row.
_SPARED = (defer(Topic.form), defer(Topic.eligibility), defer(Topic.annexes), defer(Topic.conditions))
_ACTIVE = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Opened:
    """An assignment as its expert opened it, with the submitted version that is evaluated."""

    assignment: Assignment
    consensus: Consensus | None
    access: AssignmentAccess


def own_assignments(actor: Actor, *, now: datetime) -> Select[Assignment]:
    """Proposals that the expert has to answer or to evaluate, with topic and report. Not ordered."""
    return (
        select(Assignment)
        .join(Assignment.expert)
        .join(Assignment.proposal)
        .join(Topic, Topic.id == Proposal.topic_id)
        .where(
            Expert.account_id == actor.id, Assignment.state.in_(_ACTIVE),
            or_(Proposal.decided_at.is_(None), _shown_after(now)),
        )
        .options(
            contains_eager(Assignment.proposal).options(
                *_UNTOLD, contains_eager(Proposal.topic).options(joinedload(Topic.call), *_SPARED)
            ),
            joinedload(Assignment.report),
        )
    )  # fmt: skip


def _shown_after(now: datetime) -> ColumnElement[bool]:
    """As ``visibility`` says of a decided proposal: its last phase shows it, or has not begun yet."""
    after = Topic.visibility[Phase.AFTER.value]
    shows = after["shows"].contains([Aspect.OWN.value])
    return or_(shows, cast(after["starts"].astext, DateTime(timezone=True)) > now)


def consensus_states(proposal_ids: Sequence[int]) -> dict[int, ConsensusState]:
    """State of the consensus of each proposal that has one."""
    rows = db.session.execute(
        select(Consensus.proposal_id, Consensus.state).where(Consensus.proposal_id.in_(proposal_ids))
    )
    return {row[0]: row[1] for row in rows}


def titles(proposal_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Acronym and title of the submitted versions that count, for experts: no acronym in a blind evaluation."""
    acronym = case((blind_sql(), literal("")), else_=Submission.content["acronym"].astext)
    rows = db.session.execute(
        select(Submission.proposal_id, acronym, Submission.content["title"].astext)
        .join(Proposal, Proposal.id == Submission.proposal_id)
        .join(Topic, Topic.id == Proposal.topic_id)
        .where(Submission.proposal_id.in_(proposal_ids))
        .order_by(Submission.proposal_id, Submission.number)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def open_assignment(actor: Actor, assignment_id: int, *, now: datetime) -> Opened:
    """One of the expert's own, with report, topic and consensus. Raises NotFound for everybody else.

    One statement: criteria, scores and opinions are read when a page asks for them.
    """
    row = db.session.execute(_of_one(), {"assignment": assignment_id}).one_or_none()
    if row is None:
        raise NotFound
    opened = _opened(*row, now=now)
    may_see(actor, opened.access).require()
    return opened


def open_reports(actor: Actor, identifier: str, *, now: datetime) -> list[Opened]:
    """The same of all that the expert accepted in a topic, with scores, the first due first: one statement."""
    rows = db.session.execute(
        _opening(joinedload(Report.scores))
        .where(
            Topic.identifier == identifier, Assignment.state == AssignmentState.ACCEPTED,
            Assignment.expert_id.in_(select(Expert.id).where(Expert.account_id == actor.id)),
        )
        .order_by(Assignment.due_at, Assignment.id)
    )  # fmt: skip
    found = [_opened(*row, now=now) for row in rows.unique()]
    return [each for each in found if may_see(actor, each.access)]


@cache
def _of_one() -> Select[Assignment, Consensus]:
    """Put together once: experts ask it with every page and every save."""
    return _opening().where(Assignment.id == bindparam("assignment"))


def _opening(*of_report: _AbstractLoad) -> Select[Assignment, Consensus]:
    return (
        select(Assignment, Consensus)
        .join(Assignment.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .outerjoin(Consensus, Consensus.proposal_id == Proposal.id)
        .options(
            contains_eager(Assignment.proposal).options(
                *_UNTOLD,
                contains_eager(Proposal.topic).options(
                    contains_eager(Topic.call).contains_eager(Call.programme), *_SPARED
                ),
            ),
            joinedload(Assignment.expert).joinedload(Expert.account),
            joinedload(Assignment.report).options(*of_report),
        )
    )  # fmt: skip


def _opened(assignment: Assignment, consensus: Consensus | None, *, now: datetime) -> Opened:
    return Opened(assignment, consensus, facts.access_of(assignment, consensus, now=now))


def consensus_of(proposal_id: int) -> Consensus | None:
    """The consensus of a proposal with scores and answers."""
    return db.session.scalar(
        select(Consensus)
        .where(Consensus.proposal_id == proposal_id)
        .options(selectinload(Consensus.scores), selectinload(Consensus.opinions))
    )


def remarks(consensus_id: int) -> Sequence[Remark]:
    """The discussion of a consensus, first words first."""
    return db.session.scalars(select(Remark).where(Remark.consensus_id == consensus_id).order_by(Remark.id)).all()


def scored(report_id: int) -> Sequence[ReportScore]:
    """Scores and comments of a report as they are stored now; their criteria are those of the topic, read before."""
    return db.session.scalars(_scores(), {"report": report_id}).all()


@cache
def _scores() -> Select[ReportScore]:
    return (
        select(ReportScore)
        .where(ReportScore.report_id == bindparam("report"))
        .order_by(ReportScore.criterion_id)
        .options(lazyload(ReportScore.criterion))
        .execution_options(populate_existing=True)
    )


def assignments_of(proposal_id: int) -> Sequence[Assignment]:
    """All assignments of a proposal with experts and reports, in the order of assignment."""
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.proposal_id == proposal_id)
        .order_by(Assignment.id)
        .options(
            joinedload(Assignment.expert).joinedload(Expert.account),
            joinedload(Assignment.report).selectinload(Report.scores),
        )
    ).all()


def managed_proposal(actor: Actor, number: int, *, now: datetime) -> Proposal:
    """A proposal under evaluation, for its programme's managers. NotFound for others and until the deadline."""
    proposal = db.session.scalar(
        select(Proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Proposal.number == number, Proposal.state == ProposalState.SUBMITTED, closing_sql() <= now)
        .options(
            contains_eager(Proposal.topic).contains_eager(Topic.call).contains_eager(Call.programme),
            contains_eager(Proposal.topic).selectinload(Topic.criteria),
        )
    )
    if proposal is None:
        raise NotFound
    may_manage(actor, programme=proposal.topic.call.programme.code).require()
    return proposal


def managed_assignment(actor: Actor, number: int, assignment_id: int, *, now: datetime) -> Assignment:
    """One assignment of a managed proposal. Raises NotFound."""
    proposal = managed_proposal(actor, number, now=now)
    found = next((each for each in assignments_of(proposal.id) if each.id == assignment_id), None)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the evaluation of one proposal is."""

    proposal: Proposal
    acronym: str
    experts: int
    answered: int
    submitted: int
    late: int
    rapporteur: str | None
    consensus: ConsensusState | None


def progress(topic: Topic, *, now: datetime, late_only: bool = False, text: str = "") -> Select[Proposal]:
    """One row for each competing proposal of a topic: the columns of ``Progress``. Not ordered."""
    own = Assignment.proposal_id == Proposal.id
    active = and_(own, Assignment.state.in_(_ACTIVE))

    def count(*where: ColumnElement[bool]) -> ColumnElement[int]:
        return (
            select(func.count()).select_from(Assignment).outerjoin(Report, Report.assignment_id == Assignment.id)
            .where(active, *where).scalar_subquery()
        )  # fmt: skip

    rapporteur = (
        select(Account.name)
        .join(Expert, Expert.account_id == Account.id)
        .join(Assignment, Assignment.expert_id == Expert.id)
        .where(active, Assignment.rapporteur)
        .limit(1)
        .scalar_subquery()
    )
    state = select(Consensus.state).where(Consensus.proposal_id == Proposal.id).scalar_subquery()
    overdue = is_late(now)
    statement = select(
        Proposal, _acronym(), count(), count(Assignment.state == AssignmentState.ACCEPTED),
        count(Report.state == ReportState.SUBMITTED), count(overdue), rapporteur, state,
    ).where(competes_in(topic, now))  # fmt: skip
    if late_only:
        statement = statement.where(Proposal.id.in_(late_proposals(now)))
    if text:
        statement = statement.where(
            Proposal.acronym.icontains(text, autoescape=True) | (Proposal.number == whole(text))
        )
    return statement


def _acronym() -> ColumnElement[str]:
    return (
        select(Submission.content["acronym"].astext)
        .where(Submission.proposal_id == Proposal.id)
        .order_by(Submission.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def is_late(now: datetime) -> ColumnElement[bool]:
    """Assignments whose report was due before ``now`` and is not handed in (reports outer-joined)."""
    return and_(Assignment.due_at < now, or_(Report.id.is_(None), Report.state == ReportState.DRAFT))


def late_proposals(now: datetime) -> Select[int]:
    """Proposals with a late report."""
    return (
        select(Assignment.proposal_id)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .where(Assignment.state.in_(_ACTIVE), is_late(now))
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """The evaluation of a topic in figures."""

    proposals: int
    assigned: int
    submitted: int
    late: int
    approved: int


def totals(topic: Topic, *, now: datetime) -> Totals:
    """Counts over a topic, in one statement."""
    competing = select(Proposal.id).where(competes_in(topic, now)).cte("competing")  # looked for once
    reports = (
        select(
            func.count(),
            func.count().filter(Report.state == ReportState.SUBMITTED),
            func.count().filter(is_late(now)),
        )
        .select_from(Assignment)
        .join(competing, competing.c.id == Assignment.proposal_id)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .where(Assignment.state.in_(_ACTIVE))
        .subquery()
    )
    approved = (
        select(func.count())
        .select_from(Consensus)
        .join(competing, competing.c.id == Consensus.proposal_id)
        .where(Consensus.state == ConsensusState.APPROVED)
    )
    number = select(func.count()).select_from(competing)
    row = db.session.execute(select(number.scalar_subquery(), reports, approved.scalar_subquery())).one()
    return Totals(*(int(value) for value in row))


@dataclass(frozen=True, slots=True)
class Load:
    """An accepted expert of a topic with what is on their desk."""

    expert: Expert
    max_load: int
    assigned: int
    submitted: int

    @property
    def free(self) -> bool:
        """Whether another proposal fits."""
        return self.assigned < self.max_load


def loads(topic_id: int) -> list[Load]:
    """Experts who accepted the invitation, with their load in this topic, by name."""
    mine = (
        select(
            Assignment.expert_id,
            func.count().label("assigned"),
            func.count().filter(Report.state == ReportState.SUBMITTED).label("submitted"),
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .where(Proposal.topic_id == topic_id, Assignment.state.in_(_ACTIVE))
        .group_by(Assignment.expert_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Expert, Invitation.max_load, func.coalesce(mine.c.assigned, 0), func.coalesce(mine.c.submitted, 0))
        .join(Invitation, Invitation.expert_id == Expert.id)
        .join(Expert.account)
        .outerjoin(mine, mine.c.expert_id == Expert.id)
        .where(Invitation.topic_id == topic_id, Invitation.state == InvitationState.ACCEPTED)
        .order_by(Account.name, Expert.id)
        .options(contains_eager(Expert.account))
    )
    return [Load(*row) for row in rows]


def scores_of(proposal_ids: Sequence[int]) -> dict[int, dict[str, Decimal]]:
    """Agreed scores by proposal and criterion's code, for the rows of a page."""
    return _agreed(Consensus.proposal_id.in_(proposal_ids))


def approved_scores(topic_id: int) -> dict[int, dict[str, Decimal]]:
    """Agreed scores by proposal and criterion's code, of approved consensus reports."""
    return _agreed(Proposal.topic_id == topic_id)


def _agreed(where: ColumnElement[bool]) -> dict[int, dict[str, Decimal]]:
    rows = db.session.execute(
        select(Consensus.proposal_id, Criterion.code, ConsensusScore.score)
        .join(ConsensusScore, ConsensusScore.consensus_id == Consensus.id)
        .join(Criterion, Criterion.id == ConsensusScore.criterion_id)
        .join(Proposal, Proposal.id == Consensus.proposal_id)
        .where(where, Consensus.state == ConsensusState.APPROVED)
    )
    found: dict[int, dict[str, Decimal]] = {}
    for proposal_id, code, score in rows:
        if score is not None:
            found.setdefault(proposal_id, {})[code] = score
    return found


def in_order(rows: Select[Proposal]) -> list[Proposal]:
    """Proposals by their numbers."""
    return list(db.session.scalars(rows.order_by(Proposal.number)))
