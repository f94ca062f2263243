"""What an expert has evaluated before, counted from assignments: for officers, each in their own programmes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from grants.calls.models import Call, Programme, Topic
from grants.db import db
from grants.evaluation.models import Assignment, Report
from grants.evaluation.states import AssignmentState, ReportState
from grants.kernel.actor import Actor
from grants.proposals.models import Proposal

#: Topics shown, the newest first.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class PastTopic:
    """One topic: proposals assigned, reports handed in, of those after they were due, conflicts."""

    identifier: str
    title: str
    assigned: int
    handed_in: int
    late: int
    conflicts: int


def past_evaluations(actor: Actor, expert_id: int) -> Sequence[PastTopic]:
    """By topic of the actor's programmes; one statement. Other programmes' assignments are not even counted."""
    handed_in = Report.state == ReportState.SUBMITTED
    rows = db.session.execute(
        select(
            Topic.identifier, Topic.title, func.count(), func.count().filter(handed_in),
            func.count().filter(handed_in, Report.submitted_at > Assignment.due_at),
            func.count().filter(Assignment.state == AssignmentState.CONFLICTED),
        )
        .select_from(Assignment)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Topic, Topic.id == Proposal.topic_id)
        .join(Call, Call.id == Topic.call_id)
        .join(Programme, Programme.id == Call.programme_id)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .where(Assignment.expert_id == expert_id, Programme.code.in_(actor.programmes))
        .group_by(Topic.id)
        .order_by(Topic.deadline.desc(), Topic.id)
        .limit(SHOWN)
    )  # fmt: skip
    return [PastTopic(*row) for row in rows]
