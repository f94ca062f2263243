"""Who may have to be reminded of what, and the runs of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from grants.accounts.models import Account
from grants.calls.models import Call, CallVersion, Topic, TopicDeadline
from grants.calls.states import CallState
from grants.db import db
from grants.evaluation.models import Assignment, Report
from grants.evaluation.states import AssignmentState, ReportState
from grants.experts.models import Expert, Invitation
from grants.experts.queries import Wanted, registry
from grants.experts.rules import USUAL_MONTHS
from grants.experts.states import InvitationState
from grants.projects.clocks import to_grant
from grants.projects.models import Project
from grants.projects.states import ProjectState
from grants.proposals.models import Member, Proposal
from grants.proposals.queries import closing_sql, unsubmitted_changes
from grants.proposals.rules import CUT_OFFS
from grants.proposals.states import MemberRole, ProposalState
from grants.ranking.models import Ranking
from grants.ranking.rules import Clock, clock
from grants.reminders.models import JobRun
from grants.reporting.models import Deliverable, ReportingPeriod
from grants.reporting.queries import Thing
from grants.reporting.states import DueState


@dataclass(frozen=True, slots=True)
class Unsubmitted:
    """A proposal whose draft differs from what was submitted, with its main contact."""

    proposal: Proposal
    contact: Account
    deadline: datetime


def unsubmitted(*, now: datetime, within: timedelta) -> Sequence[Unsubmitted]:
    """Drafts never submitted or changed since, whose deadline comes within this time: their own, see
    ``proposals.rules.closing``, or the next cut-off that a draft can still meet. Withdrawn ones are left out."""
    next_one = select(func.min(TopicDeadline.at)).where(TopicDeadline.topic_id == Topic.id, TopicDeadline.at > now)
    open_end = and_(Topic.deadline_model.in_(CUT_OFFS), Proposal.cut_off.is_(None), Proposal.extended_until.is_(None))
    due = case((open_end, next_one.scalar_subquery()), else_=closing_sql())
    rows = db.session.execute(
        select(Proposal, Account, due)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Member, (Member.proposal_id == Proposal.id) & (Member.role == MemberRole.MAIN_CONTACT))
        .join(Account, Account.id == Member.account_id)
        .where(due > now, due <= now + within, Topic.opens_at <= now, Proposal.trial.is_(False))
        .where(Call.state == CallState.PUBLISHED, Account.disabled_at.is_(None), unsubmitted_changes())
        .options(contains_eager(Proposal.topic).contains_eager(Topic.call))
        .order_by(Proposal.number)
    )
    return [Unsubmitted(row[0], row[1], row[2]) for row in rows]


@dataclass(frozen=True, slots=True)
class Correction:
    """A published correction of a call, with somebody who works on a draft that it concerns."""

    version: CallVersion
    call: Call
    number: int
    acronym: str
    account: Account


def corrections(*, since: datetime, now: datetime) -> list[Correction]:
    """Corrections since an instant, once for each member of each draft or submitted proposal that was begun before
    and may still be changed."""
    rows = db.session.execute(
        select(CallVersion, Call, Proposal.number, Proposal.acronym, Account)
        .join(Call, Call.id == CallVersion.call_id)
        .join(Topic, Topic.call_id == Call.id)
        .join(Proposal, Proposal.topic_id == Topic.id)
        .join(Member, Member.proposal_id == Proposal.id)
        .join(Account, Account.id == Member.account_id)
        .where(CallVersion.number > 1, CallVersion.published_at > since, CallVersion.published_at <= now)
        .where(Proposal.created_at < CallVersion.published_at, closing_sql() > now, Proposal.trial.is_(False))
        .where(Call.state == CallState.PUBLISHED, Account.disabled_at.is_(None))
        .order_by(CallVersion.id, Proposal.number, Account.id)
    )
    return [Correction(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration of interests that is valid for so many ``months``: the fewest that a topic wants for which the
    expert accepted and whose deadline came after it; without such a topic a year."""

    expert: Expert
    months: int


def ending_declarations(*, since: datetime, until: datetime) -> list[Declaration]:
    """Declarations of experts in the registry that end between two instants, with account."""
    wanted = (
        select(func.min(Topic.declaration_months))
        .join(Invitation, Invitation.topic_id == Topic.id)
        .where(Invitation.expert_id == Expert.id, Invitation.state == InvitationState.ACCEPTED)
        .where(Topic.deadline > Expert.declared_at)
        .correlate(Expert)
        .scalar_subquery()
    )
    months = cast(func.coalesce(wanted, USUAL_MONTHS), Integer)
    ends = Expert.declared_at + func.make_interval(0, months)
    rows = db.session.execute(
        registry(Wanted()).add_columns(months).where(ends > since, ends <= until).order_by(Expert.id)
    )
    return [Declaration(row[0], row[1]) for row in rows]


def unreported(*, since: datetime, until: datetime) -> Sequence[Assignment]:
    """Accepted assignments without a submitted report that are due between two instants, with expert and topic."""
    return db.session.scalars(
        select(Assignment)
        .join(Assignment.proposal)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .join(Assignment.expert)
        .join(Expert.account)
        .where(
            Assignment.state == AssignmentState.ACCEPTED,
            Assignment.due_at > since,
            Assignment.due_at <= until,
            Proposal.decided_at.is_(None),
            Account.disabled_at.is_(None),
            or_(Report.id.is_(None), Report.state == ReportState.DRAFT),
        )
        .options(
            contains_eager(Assignment.proposal).joinedload(Proposal.topic).joinedload(Topic.call),
            contains_eager(Assignment.expert).contains_eager(Expert.account),
        )
        .order_by(Assignment.id)
    ).all()


@dataclass(frozen=True, slots=True)
class DueThing:
    """A deliverable or periodic report that is not handed in, with the project and its main contact."""

    thing: Deliverable | ReportingPeriod
    project: Project
    contact: Account


def not_handed_in(*, first: date, last: date) -> list[DueThing]:
    """What running projects have to hand in on the days from ``first`` to ``last``."""
    return [*_pending(Deliverable, first, last), *_pending(ReportingPeriod, first, last)]


def _pending(table: type[Thing], first: date, last: date) -> list[DueThing]:
    rows = db.session.execute(
        select(table, Project, Account)
        .join(Project, Project.id == table.project_id)
        .join(Project.proposal)
        .join(Member, (Member.proposal_id == Proposal.id) & (Member.role == MemberRole.MAIN_CONTACT))
        .join(Account, Account.id == Member.account_id)
        .where(
            Project.state == ProjectState.RUNNING,
            table.state == DueState.PENDING,
            table.due_on >= first,
            table.due_on <= last,
            Account.disabled_at.is_(None),
        )
        .options(
            contains_eager(Project.proposal)
            .joinedload(Proposal.topic)
            .joinedload(Topic.call)
            .joinedload(Call.programme)
        )
        .order_by(table.id)
    )
    return [DueThing(row[0], row[1], row[2]) for row in rows]


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock of a topic that comes to its end. ``to_sign``: agreements that are not signed, 0 where it is about
    telling the result."""

    topic: Topic
    kind: str
    what: str
    clock: Clock
    to_sign: int = 0


def running_clocks(*, now: datetime, within: timedelta) -> list[RunningClock]:
    """Clocks of published topics with proposals that end within this time and are not met yet."""
    found = [
        RunningClock(each, "inform", "telling the applicants the result",
                     clock(each.deadline, months=each.inform_months, zone=ZoneInfo(each.call.zone)))
        for each in _ending(Topic.inform_months, ~_informed(), now=now, within=within)
    ]  # fmt: skip
    ending = _ending(Topic.grant_months, _informed(), now=now, within=within)
    counted = to_grant(ending, now=now)
    for each in ending:
        if each.id in counted and counted[each.id].waiting:
            runs = clock(each.deadline, months=each.grant_months, zone=ZoneInfo(each.call.zone))
            what = "signing the grant agreements"
            found.append(RunningClock(each, "grant", what, runs, to_sign=counted[each.id].waiting))
    return found


def _informed() -> ColumnElement[bool]:
    last = or_(Ranking.cut_off.is_(None), Ranking.cut_off == Topic.deadline)  # of a topic with batches
    return exists().where(Ranking.topic_id == Topic.id, last, Ranking.informed_at.is_not(None))


def _ending(
    months: InstrumentedAttribute[int], which: ColumnElement[bool], *, now: datetime, within: timedelta
) -> Sequence[Topic]:
    """Topics whose clock ends about then; the rule knows the very day."""
    ends = Topic.deadline + func.make_interval(0, cast(months, Integer))
    handed_in = exists().where(Proposal.topic_id == Topic.id, Proposal.state == ProposalState.SUBMITTED)
    return db.session.scalars(
        select(Topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Call.state == CallState.PUBLISHED, which, handed_in)
        .where(ends > now - timedelta(days=2), ends <= now + within)
        .options(contains_eager(Topic.call).contains_eager(Call.programme))
        .order_by(Topic.id)
    ).all()


def is_draft(proposal: Proposal) -> bool:
    """Whether nothing of it was ever submitted."""
    return proposal.state is ProposalState.DRAFT


def job_runs() -> Sequence[JobRun]:
    """The last run of each job, by name."""
    return db.session.scalars(select(JobRun).order_by(JobRun.name)).all()
