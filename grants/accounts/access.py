"""Who may see and change accounts and roles."""

from __future__ import annotations

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused


def may_administer(actor: Actor) -> Verdict:
    """See all people, grant and take back roles, disable accounts."""
    return ALLOWED if actor.has(Role.ADMINISTRATOR) else HIDDEN


def may_change_roles_of(actor: Actor, account_id: int) -> Verdict:
    """Nobody changes their own roles: a second administrator does."""
    if not actor.has(Role.ADMINISTRATOR):
        return HIDDEN
    if actor.id == account_id:
        return refused("own-roles", "Nobody changes their own roles. Ask another administrator.")
    return ALLOWED


def may_read_audit(actor: Actor) -> Verdict:
    """The trail is read by auditors and administrators."""
    return ALLOWED if actor.has(Role.AUDITOR) or actor.has(Role.ADMINISTRATOR) else HIDDEN
