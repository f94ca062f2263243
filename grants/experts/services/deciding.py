"""An officer's decision on the manageable conflicts of one expert with one proposal. Source: domain.md 8.4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.db import db, refresh_locked
from grants.experts import access, queries
from grants.experts.models import ConflictDecision, Expert
from grants.experts.rules import Conflict
from grants.experts.states import DECISION, DecisionState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.findings import Finding
from grants.proposals.models import Proposal


def decide_conflict(
    proposal: Proposal,
    expert: Expert,
    found: Sequence[Conflict],
    *,
    allow: bool,
    reason: str,
    condition: str = "",
    actor: Actor,
    now: datetime,
) -> ConflictDecision:
    """Allow the expert to evaluate in spite of what was ``found``, or forbid it. An allowance covers what was found
    when it was given and nothing that is found later.

    Raises Refused for others than the programme's managers, Invalid without a reason, and where a conflict
    disqualifies: no decision sets that aside.
    """
    access.may_decide_conflicts(actor, programme=proposal.topic.call.programme.code).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", place="reason"))
    if allow and any(each.disqualifying for each in found):
        message = "This conflict rules the expert out. No decision can allow it."
        raise Invalid(Finding("disqualifying", message, place="reason", source="domain.md 8.4"))
    decision = queries.decision_of(proposal.id, expert.id)
    if decision is None:
        decision = ConflictDecision(
            proposal=proposal, expert=expert, decided_by_id=actor.id, decided_at=now, state=DecisionState.OPEN
        )
        db.session.add(decision)
        db.session.flush()
    refresh_locked(decision)
    if decision.state is not DecisionState.OPEN:
        DECISION.go(decision, "reopen", actor=actor, now=now)
    decision.reason, decision.condition = reason.strip(), condition.strip()
    decision.codes = sorted({each.code for each in found if not each.disqualifying})
    decision.decided_by_id, decision.decided_at = actor.id or 0, now
    facts = {
        "proposal": proposal.number,
        "expert": expert.id,
        "codes": decision.codes,
        "condition": condition.strip(),
    }
    DECISION.go(decision, "allow" if allow else "forbid", actor=actor, now=now, reason=reason.strip(), **facts)
    db.session.flush()
    return decision


def take_back_decision(proposal: Proposal, expert: Expert, *, actor: Actor, now: datetime) -> None:
    """Nothing is decided any more: undecided conflicts block new assignments. Raises Refused, NotFound."""
    access.may_decide_conflicts(actor, programme=proposal.topic.call.programme.code).require()
    decision = queries.decision_of(proposal.id, expert.id)
    if decision is None:
        raise NotFound
    refresh_locked(decision)
    DECISION.go(decision, "reopen", actor=actor, now=now, proposal=proposal.number, expert=expert.id)
    db.session.flush()
