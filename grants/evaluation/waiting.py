"""What waits for a person in evaluations: an expert's next steps, a manager's topics. For first pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from grants.admission.queries import competes
from grants.calls.models import Call, Programme, Topic
from grants.db import db
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, Consensus, Opinion, Report
from grants.evaluation.queries import is_late
from grants.evaluation.states import AssignmentState, ConsensusState, ReportState
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.proposals.models import Proposal
from grants.proposals.queries import blind_sql

_ACTIVE = tuple(ACTIVE)


class Step(StrEnum):
    """What an expert is asked to do next with one proposal."""

    DECLARE = "declare"
    REPORT = "report"
    WRITE = "write"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class NextStep:
    """One proposal on the desk that waits for the expert. ``late``: its report was due; ``acronym``: empty in a blind
    evaluation."""

    assignment_id: int
    number: int
    acronym: str
    due_at: datetime
    zone: str
    step: Step
    late: bool


def next_steps(actor: Actor, *, now: datetime, limit: int) -> list[NextStep]:
    """What an expert has to do, the most urgent first; one statement. Proposals that wait for others are left out."""
    answered = select(Opinion.assignment_id).where(Opinion.assignment_id == Assignment.id).exists()
    step = case(
        (Assignment.state == AssignmentState.PROPOSED, literal(Step.DECLARE.value)),
        (or_(Report.id.is_(None), Report.state == ReportState.DRAFT), literal(Step.REPORT.value)),
        (and_(Assignment.rapporteur, Consensus.state == ConsensusState.DRAFT), literal(Step.WRITE.value)),
        (
            and_(~Assignment.rapporteur, Consensus.state == ConsensusState.PROPOSED, ~answered),
            literal(Step.ANSWER.value),
        ),
    )
    rows = db.session.execute(
        select(
            Assignment.id, Proposal.number, case((blind_sql(), literal("")), else_=Proposal.acronym),
            Assignment.due_at, Call.zone, step,
            and_(Assignment.state == AssignmentState.ACCEPTED, is_late(now)),
        )
        .join(Assignment.expert)
        .join(Assignment.proposal)
        .join(Topic, Topic.id == Proposal.topic_id)
        .join(Call, Call.id == Topic.call_id)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .outerjoin(Consensus, Consensus.proposal_id == Proposal.id)
        .where(
            Expert.account_id == actor.id, Assignment.state.in_(_ACTIVE), Proposal.decided_at.is_(None),
            step.is_not(None),
        )
        .order_by(Assignment.due_at, Assignment.id)
        .limit(limit)
    ).all()  # fmt: skip
    return [
        NextStep(identity, number, acronym, due_at, zone, Step(what), late)
        for identity, number, acronym, due_at, zone, what, late in rows
    ]


@dataclass(frozen=True, slots=True)
class TopicUnderWay:
    """A topic whose evaluation goes on, in figures. ``short``: proposals with fewer experts than the topic asks for;
    ``to_open`` and ``to_approve``: consensus reports that wait for the manager; ``late``: reports."""

    identifier: str
    title: str
    proposals: int
    approved: int
    short: int
    to_open: int
    to_approve: int
    late: int


def topics_under_way(actor: Actor, *, now: datetime, limit: int) -> Sequence[TopicUnderWay]:
    """Topics of the actor's programmes whose deadline has passed and whose letters are not sent; one statement."""

    def count(*where: ColumnElement[bool]) -> ColumnElement[int]:
        return (
            select(func.count()).select_from(Assignment).outerjoin(Report, Report.assignment_id == Assignment.id)
            .where(Assignment.proposal_id == Proposal.id, Assignment.state.in_(_ACTIVE), *where).scalar_subquery()
        )  # fmt: skip

    answers = select(func.count()).where(Opinion.consensus_id == Consensus.id).scalar_subquery()
    each = (
        select(
            Proposal.topic_id, Consensus.state.label("consensus"), answers.label("answers"), count().label("seats"),
            count(Report.state == ReportState.SUBMITTED).label("in_hand"), count(is_late(now)).label("late"),
        )
        .outerjoin(Consensus, Consensus.proposal_id == Proposal.id)
        .join(Proposal.topic)
        .where(competes(now), Proposal.decided_at.is_(None))
        .subquery()
    )  # fmt: skip
    complete = and_(each.c.seats >= Topic.experts_per_proposal, each.c.in_hand == each.c.seats)
    proposed = and_(each.c.consensus == ConsensusState.PROPOSED, each.c.answers >= each.c.seats - 1)
    rows = db.session.execute(
        select(
            Topic.identifier, Topic.title, func.count(),
            func.count().filter(each.c.consensus == ConsensusState.APPROVED),
            func.count().filter(each.c.seats < Topic.experts_per_proposal),
            func.count().filter(each.c.consensus.is_(None), complete),
            func.count().filter(proposed), func.sum(each.c.late),
        )
        .join(each, each.c.topic_id == Topic.id)
        .join(Topic.call)
        .join(Call.programme)
        .where(Programme.code.in_(actor.programmes), Topic.first_deadline <= now)
        .group_by(Topic.id)
        .order_by(Topic.deadline, Topic.id)
        .limit(limit)
    ).all()  # fmt: skip
    return [
        TopicUnderWay(identifier, title, proposals, approved, short, to_open, to_approve, int(late))
        for identifier, title, proposals, approved, short, to_open, to_approve, late in rows
    ]
