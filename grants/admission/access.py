"""Who may give more time, and who decides what is admitted."""

from __future__ import annotations

from datetime import datetime

from grants.kernel.actor import Actor
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused


def may_extend(actor: Actor, *, programme: str) -> Verdict:
    """Propose more time for one proposal, or refuse that: the programme's managers."""
    return ALLOWED if actor.manages(programme) else HIDDEN


def may_confirm(actor: Actor, *, programme: str, proposed_by: int) -> Verdict:
    """Confirm it: another manager than the one who proposed it (four eyes, design: security, 15)."""
    if not actor.manages(programme):
        return HIDDEN
    if actor.id == proposed_by:
        return refused("same-person", "You proposed this yourself: another manager has to confirm it.")
    return ALLOWED


def may_admit(
    actor: Actor, *, programme: str, closes_at: datetime, now: datetime, told: bool, decided: bool
) -> Verdict:
    """Decide on rules and admission: the programme's managers, from the deadline until the applicants are told."""
    if not actor.manages(programme) or now < closes_at:
        return HIDDEN
    if told:
        return refused("told", "The applicants were told of this decision. A review of it goes through redress.")
    if decided:
        return refused("decided", "The result of this proposal was sent: its admission stays as it is.")
    return ALLOWED
