"""Conflicts that came to light after a proposal was given out, for the managers: what they are, what the expert had
opened by then, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, func, or_, select
from sqlalchemy.orm import contains_eager

from grants.audit.models import AuditEvent
from grants.db import db
from grants.documents.models import Document
from grants.documents.rules import KINDS
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, FoundConflict
from grants.experts.models import ConflictDecision, Expert
from grants.experts.states import DecisionState
from grants.kernel.errors import NotFound
from grants.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class Opening:
    """A file of the proposal that the expert opened: how often, first and last."""

    name: str
    kind: str
    first: datetime
    last: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Row:
    """One conflict with its pair. ``waits``: an officer has to decide on it."""

    found: FoundConflict
    decision: ConflictDecision | None
    openings: list[Opening] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Manageable, still there, of an expert at work, and no decision covers it."""
        covered = self.decision is not None and (
            self.decision.state is DecisionState.FORBIDDEN or self.found.code in self.decision.codes
        )
        at_work = self.found.assignment.state in ACTIVE
        return at_work and not (self.found.disqualifying or self.found.gone_at or covered)


def of_topic(topic_id: int) -> Select[FoundConflict]:
    """The conflicts found since in one topic, with expert and proposal. Not ordered."""
    return (
        select(FoundConflict)
        .join(FoundConflict.assignment)
        .join(Assignment.proposal)
        .join(Assignment.expert)
        .join(Expert.account)
        .where(Proposal.topic_id == topic_id)
        .options(
            contains_eager(FoundConflict.assignment).options(
                contains_eager(Assignment.proposal), contains_eager(Assignment.expert).contains_eager(Expert.account)
            )
        )
    )


def one(topic_id: int, found_id: int) -> FoundConflict:
    """One of the topic's. Raises NotFound."""
    found = db.session.scalar(of_topic(topic_id).where(FoundConflict.id == found_id))
    if found is None:
        raise NotFound
    return found


def with_facts(found: Sequence[FoundConflict]) -> list[Row]:
    """What was decided about each pair, and what its expert had opened. Three statements."""
    decisions, openings = _decisions(found), _openings(found)
    return [
        Row(
            each,
            decisions.get((each.assignment.proposal_id, each.assignment.expert_id)),
            openings.get((str(each.assignment.proposal.number), each.assignment.expert.account_id), []),
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """``present``: conflicts that still hold; ``waiting``: those on which nothing is decided."""

    present: int
    waiting: int


def counts(topic_id: int) -> Counts:
    """For the topic's pages; one statement."""
    covered = or_(
        ConflictDecision.state == DecisionState.FORBIDDEN, FoundConflict.code == any_(ConflictDecision.codes)
    )  # fmt: skip
    undecided = or_(ConflictDecision.id.is_(None), ~covered)
    waiting = and_(~FoundConflict.disqualifying, Assignment.state.in_(ACTIVE), undecided)
    row = db.session.execute(
        select(func.count(), func.count().filter(waiting))
        .select_from(FoundConflict)
        .join(FoundConflict.assignment)
        .join(Assignment.proposal)
        .outerjoin(ConflictDecision, _of_pair())
        .where(Proposal.topic_id == topic_id, FoundConflict.gone_at.is_(None))
    ).one()
    return Counts(*row)


def _of_pair() -> ColumnElement[bool]:
    """Decisions that stand about the pair of an assignment."""
    return and_(
        ConflictDecision.proposal_id == Assignment.proposal_id, ConflictDecision.expert_id == Assignment.expert_id,
        ConflictDecision.state != DecisionState.OPEN,
    )  # fmt: skip


def _decisions(found: Sequence[FoundConflict]) -> dict[tuple[int, int], ConflictDecision]:
    rows = db.session.scalars(
        select(ConflictDecision)
        .join(Assignment, _of_pair())
        .where(Assignment.id.in_([each.assignment_id for each in found]))
    )
    return {(each.proposal_id, each.expert_id): each for each in rows}


def _openings(found: Sequence[FoundConflict]) -> dict[tuple[str, int], list[Opening]]:
    """By number of the proposal and account of the expert, the first first. From the audit trail."""
    document = AuditEvent.facts["document"].astext
    rows = db.session.execute(
        select(
            AuditEvent.object_key, AuditEvent.actor_id, document, func.min(AuditEvent.at), func.max(AuditEvent.at),
            func.count(),
        )
        .where(
            AuditEvent.object_kind == "proposal", AuditEvent.action == "document.opened",
            AuditEvent.object_key.in_({str(each.assignment.proposal.number) for each in found}),
            AuditEvent.actor_id.in_({each.assignment.expert.account_id for each in found}),
        )
        .group_by(AuditEvent.object_key, AuditEvent.actor_id, document)
        .order_by(func.min(AuditEvent.at))
    ).all()  # fmt: skip
    files = db.session.scalars(select(Document).where(Document.public_id.in_([UUID(row[2]) for row in rows])))
    known = {str(each.public_id): each for each in files}
    by_pair: dict[tuple[str, int], list[Opening]] = {}
    for number, account, identity, first, last, times in rows:
        file = known.get(identity)
        name, kind = (file.name, KINDS[file.kind].label) if file else ("A file that is gone", "")
        by_pair.setdefault((number, account), []).append(Opening(name, kind, first, last, times))
    return by_pair
