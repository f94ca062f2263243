"""Who may see and change programmes, calls and topics."""

from __future__ import annotations

from datetime import datetime

from grants.calls.states import CallState
from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused


def may_see_call(actor: Actor, *, state: CallState, programme: str) -> Verdict:
    """Published and cancelled calls are public; drafts are seen by the programme's managers."""
    if state is not CallState.DRAFT or actor.manages(programme):
        return ALLOWED
    return HIDDEN


def may_manage_call(actor: Actor, *, programme: str) -> Verdict:
    """Create, change, publish and correct: the programme's managers."""
    return ALLOWED if actor.manages(programme) else HIDDEN


def may_change_documents(actor: Actor, *, programme: str, state: CallState) -> Verdict:
    """Add and remove the call's documents, also after publication: each change is a published version."""
    if not actor.manages(programme):
        return HIDDEN
    if state is CallState.CANCELLED:
        return refused("cancelled", "This call is cancelled and stays as it is.")
    return ALLOWED


def may_change_topic(actor: Actor, *, programme: str, state: CallState, closed: bool) -> Verdict:
    """A topic may be corrected until its deadline; afterwards its rules are what proposals were made by."""
    if not actor.manages(programme):
        return HIDDEN
    if state is CallState.CANCELLED:
        return refused("cancelled", "This call is cancelled and stays as it is.")
    if closed and state is CallState.PUBLISHED:
        return refused("closed", "The deadline has passed: what was published stays as it is.")
    return ALLOWED


def may_ask(actor: Actor, *, state: CallState, until: datetime | None, now: datetime) -> Verdict:
    """Ask a question about a published call: signed-in people, until the call's closing date for questions."""
    if state is not CallState.PUBLISHED:
        return refused("not-published", "Questions are taken on published calls only.")
    if until is None or now >= until:
        return refused("questions-closed", "Questions are no longer taken. Those that were answered stand below.")
    if not actor.signed_in:
        return refused("sign-in", "Sign in to ask a question.")
    return ALLOWED


def may_create_programme(actor: Actor) -> Verdict:
    """Administrators make programmes, for they decide who manages them; managers change theirs."""
    if actor.has(Role.ADMINISTRATOR) or actor.has(Role.MANAGER):
        return ALLOWED
    return HIDDEN
