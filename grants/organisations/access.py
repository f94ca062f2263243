"""Who may find, change, validate and merge organisations, and who sees their papers and bank accounts."""

from __future__ import annotations

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.organisations.states import ValidationState


def may_find(actor: Actor) -> Verdict:
    """Search by name or number."""
    return ALLOWED if actor.signed_in else HIDDEN


def may_change(actor: Actor, organisation_id: int) -> Verdict:
    """Change the legal data, declare who controls it, appoint and remove people."""
    if organisation_id in actor.organisations or actor.has(Role.ADMINISTRATOR):
        return ALLOWED
    return refused("not-representative", "Only people who act for this organisation may change it.")


def is_officer(actor: Actor) -> Verdict:
    """Look at duplicates and at what waits for validation: the funder's staff. Hidden from everybody else."""
    return ALLOWED if actor.has(Role.MANAGER) or actor.has(Role.ADMINISTRATOR) else HIDDEN


def may_see_papers(actor: Actor, organisation_id: int) -> Verdict:
    """Papers are for the organisation's own people and for those who judge them."""
    return ALLOWED if organisation_id in actor.organisations else is_officer(actor)


def may_change_papers(actor: Actor, organisation_id: int, state: ValidationState) -> Verdict:
    """Papers are added and removed by the organisation's people until they are handed in."""
    if organisation_id not in actor.organisations:
        return HIDDEN
    if state in {ValidationState.HANDED_IN, ValidationState.VALIDATED}:
        message = "The papers are handed in and stay as they are. Wait for the answer of the funder."
        return refused("papers-handed-in", message)
    return ALLOWED


def may_validate(actor: Actor, organisation_id: int) -> Verdict:
    """An officer who does not act for the organisation: nobody proves their own papers."""
    if not (verdict := is_officer(actor)):
        return verdict
    if organisation_id in actor.organisations:
        return refused("own-organisation", "You act for this organisation, so another officer must decide.")
    return ALLOWED


def may_see_bank(actor: Actor, organisation_id: int) -> Verdict:
    """Whole account numbers: the organisation's people, and programme managers, who prepare payments.

    Administrators keep people and letters running and need no account number. Source: security.md 1.
    """
    if organisation_id in actor.organisations or actor.has(Role.MANAGER):
        return ALLOWED
    return HIDDEN


def may_change_bank(actor: Actor, organisation_id: int) -> Verdict:
    """Only the organisation's own people: an account that staff could change is how money goes to a thief."""
    return ALLOWED if organisation_id in actor.organisations else HIDDEN
