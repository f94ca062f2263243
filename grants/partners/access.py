"""Who may publish, read, hide and answer entries of the partner search."""

from __future__ import annotations

from collections.abc import Collection

from grants.kernel.actor import Actor
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.partners.states import EntryState

CLOSED = refused("closed", "The deadline of this topic has passed, so its partner search is over.")


def may_publish(actor: Actor, *, organisation_id: int | None, closed: bool) -> Verdict:
    """Publish for oneself or for an organisation that one acts for, until the topic's deadline."""
    if not actor.signed_in:
        return HIDDEN
    if organisation_id is not None and organisation_id not in actor.organisations:
        return refused("not-representative", "Only people who act for an organisation may publish for it.")
    return CLOSED if closed else ALLOWED


def is_author(actor: Actor, *, author: int, organisation_id: int | None) -> bool:
    """The person who published, and everybody who acts for the organisation now."""
    return actor.signed_in and (actor.id == author or organisation_id in actor.organisations)


def may_read(
    actor: Actor, *, author: int, organisation_id: int | None, programme: str, state: EntryState, closed: bool
) -> Verdict:
    """Public until the deadline; hidden, withdrawn and past ones are for their authors and the managers."""
    if state is EntryState.PUBLISHED and not closed:
        return ALLOWED
    own = is_author(actor, author=author, organisation_id=organisation_id)
    return ALLOWED if own or actor.manages(programme) else HIDDEN


def may_change(actor: Actor, *, author: int, organisation_id: int | None) -> Verdict:
    """Withdraw and publish again: the authors."""
    return ALLOWED if is_author(actor, author=author, organisation_id=organisation_id) else HIDDEN


def may_contact(
    actor: Actor, *, author: int, organisation_id: int | None, state: EntryState, closed: bool
) -> Verdict:
    """Write to the author, and report: everybody signed in but the authors themselves, while it is public."""
    if not actor.signed_in or state is not EntryState.PUBLISHED:
        return HIDDEN
    if is_author(actor, author=author, organisation_id=organisation_id):
        return refused("own-entry", "This is your own entry.")
    return CLOSED if closed else ALLOWED


def may_manage(actor: Actor, *, programme: str) -> Verdict:
    """Hide entries, see reports, set limits: the programme's managers."""
    return ALLOWED if actor.manages(programme) else HIDDEN


def may_converse(actor: Actor, parties: Collection[int]) -> Verdict:
    """Letters are read and answered by the two who write them."""
    return ALLOWED if actor.signed_in and actor.id in parties else HIDDEN
