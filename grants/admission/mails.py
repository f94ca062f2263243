"""Letters about more time, exclusions and second stages, to main contacts."""

from __future__ import annotations

from datetime import datetime

from grants.admission.models import Admission, Extension
from grants.notifications import letters
from grants.proposals import queries as proposals
from grants.proposals.models import Proposal


def extended(extension: Extension, *, now: datetime) -> None:
    """Tells until when this one proposal is taken, and why."""
    proposal = extension.proposal
    _write("extended", proposal, f"extended:{extension.id}", now=now, extension=extension)


def excluded(admission: Admission, *, now: datetime) -> None:
    """Tells that the proposal is not evaluated, and why."""
    _write("excluded", admission.proposal, f"excluded:{admission.id}:{now.isoformat()}", now=now, admission=admission)


def second_stage(proposal: Proposal, first: Proposal, *, now: datetime) -> None:
    """Invites to hand in the full proposal."""
    _write("second_stage", proposal, f"second-stage:{proposal.number}", now=now, first=first)


def _write(kind: str, proposal: Proposal, key: str, *, now: datetime, **facts: object) -> None:
    contact = proposals.main_contacts([proposal.id])[proposal.id]
    letters.write(
        kind, key=key, address=contact.email, about=proposal.ref(), now=now, account_id=contact.id, name=contact.name,
        proposal=proposal, zone=proposal.topic.call.zone, deadline=proposals.closes_at(proposal), **facts,  # type: ignore[arg-type]
    )  # fmt: skip


def preview(admission: Admission) -> tuple[str, str]:
    """Subject and text of the letter about an exclusion, as it would be sent now."""
    proposal = admission.proposal
    return letters.render(
        "excluded", name="…", proposal=proposal, admission=admission, zone=proposal.topic.call.zone,
        deadline=proposals.closes_at(proposal),
    )  # fmt: skip
