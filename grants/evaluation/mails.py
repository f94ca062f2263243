"""Letters of the evaluation. None to an expert names another expert; none to an applicant is written here."""

from __future__ import annotations

from datetime import datetime

from grants.accounts.models import Account
from grants.accounts.queries import managers_of
from grants.evaluation.models import Assignment, Consensus
from grants.notifications import letters


def assigned(assignment: Assignment, *, now: datetime) -> None:
    """Asks an expert to evaluate one proposal; its title is read after signing in."""
    _to_expert("assignment", assignment, now=now)


def removed(assignment: Assignment, *, now: datetime) -> None:
    """Tells an expert that a proposal is taken from them."""
    _to_expert("assignment_removed", assignment, now=now)


def returned(assignment: Assignment, *, reason: str, now: datetime) -> None:
    """Tells an expert why their report comes back."""
    _to_expert("report_returned", assignment, now=now, reason=reason)


def consensus_opened(assignment: Assignment, *, now: datetime) -> None:
    """Tells rapporteur and others that the consensus begins."""
    _to_expert("consensus_opened", assignment, now=now)


def consensus_proposed(assignment: Assignment, *, now: datetime) -> None:
    """Asks an expert whether they agree."""
    _to_expert("consensus_proposed", assignment, now=now)


def consensus_reopened(assignment: Assignment, *, reason: str, now: datetime) -> None:
    """Tells an expert that the consensus is written on, and why."""
    _to_expert("consensus_reopened", assignment, now=now, reason=reason)


def conflict_declared(assignment: Assignment, *, now: datetime) -> None:
    """Tells the programme's managers that somebody else is needed."""
    proposal = assignment.proposal
    for manager in managers_of(proposal.topic.call.programme.code):
        _write("conflict_declared", assignment, manager, now=now, expert=assignment.expert.account.name)


def conflict_to_decide(assignment: Assignment, *, now: datetime) -> None:
    """Tells the programme's managers that a conflict was found which they decide on. Which one, the page says."""
    for manager in managers_of(assignment.proposal.topic.call.programme.code):
        _write("conflict_to_decide", assignment, manager, now=now)


def late(assignment: Assignment, *, now: datetime) -> bool:
    """Reminds an expert of a late report, at most once a day. Whether the letter is new."""
    to, topic = assignment.expert.account, assignment.proposal.topic
    return letters.write(
        "report_late", key=f"report_late:{assignment.id}:{now.date().isoformat()}", address=to.email,
        about=assignment.ref(), now=now, account_id=to.id, name=to.name, assignment=assignment,
        number=assignment.proposal.number, topic=topic, zone=topic.call.zone,
    )  # fmt: skip


def expert_wanted(assignment: Assignment, *, reason: str, now: datetime) -> None:
    """Tells the programme's managers that the rapporteur asks for one more expert."""
    for manager in managers_of(assignment.proposal.topic.call.programme.code):
        _write("expert_wanted", assignment, manager, now=now, reason=reason)


def consensus_ready(consensus: Consensus, *, now: datetime) -> None:
    """Tells the managers that everybody has answered the proposed consensus."""
    proposal = consensus.proposal
    for manager in managers_of(proposal.topic.call.programme.code):
        letters.write(
            "consensus_ready", key=f"consensus_ready:{consensus.id}:{manager.id}:{now.isoformat()}",
            address=manager.email, about=consensus.ref(), now=now, account_id=manager.id, name=manager.name,
            proposal=proposal,
        )  # fmt: skip


def _to_expert(kind: str, assignment: Assignment, *, now: datetime, **more: object) -> None:
    _write(kind, assignment, assignment.expert.account, now=now, **more)


def _write(kind: str, assignment: Assignment, to: Account, *, now: datetime, **more: object) -> None:
    topic = assignment.proposal.topic
    letters.write(
        kind, key=f"{kind}:{assignment.id}:{to.id}:{now.isoformat()}", address=to.email, about=assignment.ref(),
        now=now, account_id=to.id, name=to.name, assignment=assignment, number=assignment.proposal.number,
        topic=topic, zone=topic.call.zone, **more,  # type: ignore[arg-type]
    )  # fmt: skip
