"""Who may change an organisation: those who act for it. All signed-in people may find one."""

from __future__ import annotations

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused


def may_find(actor: Actor) -> Verdict:
    """Search by name or PIC."""
    return ALLOWED if actor.signed_in else HIDDEN


def may_change(actor: Actor, organisation_id: int) -> Verdict:
    """Change the legal data."""
    if organisation_id in actor.organisations or actor.has(Role.ADMINISTRATOR):
        return ALLOWED
    return refused("not-representative", "Only people who act for this organisation may change it.")
