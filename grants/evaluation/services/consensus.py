"""The consensus report: opened, written by the rapporteur, answered by the others, approved. Never a mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.evaluation import access, facts, mails, queries
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, Consensus, ConsensusScore, Opinion
from grants.evaluation.queries import Opened
from grants.evaluation.rules import approval_findings, consensus_findings, report_findings
from grants.evaluation.services import texts
from grants.evaluation.states import CONSENSUS, Answer, ConsensusState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding, blocking
from grants.proposals.models import Proposal


def open_consensus(proposal: Proposal, *, actor: Actor, now: datetime) -> Consensus:
    """Begin the consensus: comments of all individual reports are put together, scores stay empty.

    Raises Refused (not a manager, opened already) and Invalid with all that is missing. Source: domain.md 8.1.
    """
    access.may_manage(actor, programme=proposal.topic.call.programme.code).require()
    refresh_locked(proposal)
    if queries.consensus_of(proposal.id) is not None:
        raise Refused("opened", "The consensus is opened already. Reload the page.", status=409)
    assignments = queries.assignments_of(proposal.id)
    _require_reports(proposal, assignments)
    consensus = Consensus(proposal=proposal, opened_at=now, changed_at=now, state=ConsensusState.DRAFT)
    consensus.scores = _merged(proposal, assignments)
    db.session.add(consensus)
    db.session.flush()
    record(consensus.ref(), "consensus.opened", actor=actor, now=now, facts={"proposal": str(proposal.number)})
    for each in _active(assignments):
        mails.consensus_opened(each, now=now)
    return consensus


def _require_reports(proposal: Proposal, assignments: Sequence[Assignment]) -> None:
    known = facts.assignment_facts(assignments, None)
    if found := blocking(consensus_findings(known, experts=proposal.topic.experts_per_proposal)):
        raise Invalid(found)


def _merged(proposal: Proposal, assignments: Sequence[Assignment]) -> list[ConsensusScore]:
    names = facts.labels(assignments)
    merged = []
    for criterion in facts.criterion_rows(proposal):
        parts = [
            f"{names[each.id]}: {score.comment.strip()}"
            for each in _active(assignments)
            if each.report is not None
            for score in each.report.scores
            if score.criterion_id == criterion.id and score.comment.strip()
        ]
        merged.append(ConsensusScore(criterion_id=criterion.id, criterion=criterion, comment="\n\n".join(parts)))
    return merged


def _active(assignments: Sequence[Assignment]) -> list[Assignment]:
    return [each for each in assignments if each.state in ACTIVE]


def save_consensus(opened: Opened, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime) -> int:
    """Save the consensus as typed; the new version. Raises Refused, Stale, Invalid."""
    access.may_write_consensus(actor, opened.access).require()
    consensus = _consensus(opened)
    return texts.save(
        consensus,
        opened.assignment.proposal,
        values,
        seen=seen,
        editable=ConsensusState.DRAFT,
        by=actor.name,
        now=now,
    )


def propose_consensus(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Ask the others whether they agree. Raises Refused, and Invalid with all that is missing."""
    access.may_write_consensus(actor, opened.access).require()
    consensus, proposal = _consensus(opened), opened.assignment.proposal
    refresh_locked(consensus)
    db.session.refresh(consensus, ["scores"])
    _require_reports(proposal, queries.assignments_of(proposal.id))
    if found := blocking(report_findings(facts.judgements(consensus.scores), facts.criteria(proposal))):
        raise Invalid(found)
    consensus.reopened_because = ""
    CONSENSUS.go(consensus, "propose", actor=actor, now=now, version=consensus.version)
    for each in _active(queries.assignments_of(proposal.id)):
        if not each.rapporteur:
            mails.consensus_proposed(each, now=now)


def take_back_consensus(opened: Opened, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """The rapporteur writes on: answers given so far are removed. Raises Refused."""
    access.may_take_back(actor, opened.access).require()
    _reopen(_consensus(opened), reason=reason.strip() or "The rapporteur writes on.", actor=actor, now=now)


def reopen_consensus(consensus: Consensus, *, reason: str, actor: Actor, now: datetime) -> None:
    """The manager sends the proposed report back, with the reason. Raises Refused, Invalid."""
    access.may_manage(actor, programme=consensus.proposal.topic.call.programme.code).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say what should change: the experts read it.", place="reason"))
    _reopen(consensus, reason=reason.strip(), actor=actor, now=now)


def _reopen(consensus: Consensus, *, reason: str, actor: Actor, now: datetime) -> None:
    refresh_locked(consensus)
    CONSENSUS.go(consensus, "reopen", actor=actor, now=now, reason=reason)
    consensus.reopened_because = reason
    db.session.execute(delete(Opinion).where(Opinion.consensus_id == consensus.id))
    db.session.expire(consensus, ["opinions"])
    for each in _active(queries.assignments_of(consensus.proposal_id)):
        mails.consensus_reopened(each, reason=reason, now=now)


def give_opinion(opened: Opened, *, answer: Answer, text: str = "", actor: Actor, now: datetime) -> None:
    """One expert agrees, or not with a text that the report keeps; may be changed until approval.

    Raises Refused, and Invalid for a disagreement without a text. Source: domain.md 8.1.
    """
    access.may_give_opinion(actor, opened.access).require()
    if answer is Answer.DISAGREES and not text.strip():
        message = "Say where you disagree: the report keeps it as the minority view."
        raise Invalid(Finding("no-text", message, place="text"))
    consensus, assignment = _consensus(opened), opened.assignment
    refresh_locked(consensus)
    statement = insert(Opinion).values(
        consensus_id=consensus.id, assignment_id=assignment.id, answer=answer, text=text.strip(), at=now
    )
    new = {"answer": answer, "text": text.strip(), "at": now}
    db.session.execute(statement.on_conflict_do_update(constraint="uq_opinion_once", set_=new))
    db.session.expire(consensus, ["opinions"])
    record(assignment.ref(), f"consensus.{answer.value}", actor=actor, now=now, reason=text.strip())
    if not _left(consensus):
        mails.consensus_ready(consensus, now=now)


def _left(consensus: Consensus) -> list[Finding]:
    assignments = queries.assignments_of(consensus.proposal_id)
    criteria = facts.criteria(consensus.proposal)
    known = facts.assignment_facts(assignments, consensus)
    return blocking(approval_findings(facts.judgements(consensus.scores), criteria, known))


def approve_consensus(consensus: Consensus, *, actor: Actor, now: datetime) -> None:
    """The manager closes the evaluation of one proposal: its scores count for the ranking and are locked.

    Raises Refused, and Invalid with all that is missing.
    """
    proposal = consensus.proposal
    access.may_manage(actor, programme=proposal.topic.call.programme.code).require()
    refresh_locked(proposal)
    refresh_locked(consensus)
    _require_reports(proposal, queries.assignments_of(proposal.id))
    if found := _left(consensus):
        raise Invalid(found)
    consensus.approved_at = now
    scores = {code: str(score) for code, score in facts.scores(consensus.scores).items()}
    CONSENSUS.go(consensus, "approve", actor=actor, now=now, proposal=str(proposal.number), scores=scores)
    db.session.flush()


def _consensus(opened: Opened) -> Consensus:
    if opened.consensus is None:
        raise Refused("no-consensus", "The consensus is not opened yet.", status=409)
    return opened.consensus
