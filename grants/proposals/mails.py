"""Letters about proposals, to their main contact."""

from __future__ import annotations

from datetime import datetime

from grants.notifications import letters
from grants.proposals import queries
from grants.proposals.models import Proposal, Submission


def receipt(submission: Submission, proposal: Proposal, *, now: datetime) -> None:
    """Confirms a submitted version with the hash of each file."""
    _write(
        "receipt", proposal, f"receipt:{proposal.number}:{submission.number}", now=now, submission=submission,
        zone=proposal.topic.call.zone, deadline=proposal.topic.deadline,
    )  # fmt: skip


def withdrawn(proposal: Proposal, *, now: datetime) -> None:
    """Confirms a withdrawal and says how to undo it."""
    key = f"withdrawn:{proposal.number}:{now.isoformat()}"
    _write("withdrawn", proposal, key, now=now, zone=proposal.topic.call.zone, deadline=proposal.topic.deadline)


def _write(kind: str, proposal: Proposal, key: str, *, now: datetime, **facts: object) -> None:
    contact = queries.main_contacts([proposal.id])[proposal.id]
    letters.write(
        kind, key=key, address=contact.email, about=proposal.ref(), now=now, account_id=contact.id, name=contact.name,
        proposal=proposal, **facts,  # type: ignore[arg-type]
    )  # fmt: skip
