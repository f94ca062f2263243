"""Who may see and change profiles of experts and invitations."""

from __future__ import annotations

from grants.experts.states import InvitationState
from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused


def may_have_profile(actor: Actor) -> Verdict:
    """Describe oneself as an expert: who has the role."""
    return ALLOWED if actor.has(Role.EVALUATOR) else HIDDEN


def may_invite(actor: Actor, *, programme: str) -> Verdict:
    """See the pool of a topic and invite to it: the programme's managers, before the deadline too."""
    return ALLOWED if actor.manages(programme) else HIDDEN


def may_see_registry(actor: Actor) -> Verdict:
    """See all profiles: managers, who choose from them, and administrators."""
    return ALLOWED if actor.has(Role.MANAGER) or actor.has(Role.ADMINISTRATOR) else HIDDEN


def may_read_cv(actor: Actor, *, expert_account: int) -> Verdict:
    """The CV: its expert, and who sees the profile in the registry."""
    return ALLOWED if actor.id == expert_account and actor.signed_in else may_see_registry(actor)


def may_change_cv(actor: Actor, *, expert_account: int) -> Verdict:
    """Nobody puts a CV into another's profile."""
    return may_have_profile(actor) if actor.id == expert_account else HIDDEN


def may_import(actor: Actor) -> Verdict:
    """Take a table of experts over: administrators, since it makes accounts and gives a role."""
    return ALLOWED if actor.has(Role.ADMINISTRATOR) else HIDDEN


def may_validate(actor: Actor, *, expert_account: int) -> Verdict:
    """Validate or return a profile: who sees the registry, for others than themselves."""
    if actor.id == expert_account:
        return refused("own-profile", "This is your own profile: another officer validates it.")
    return may_see_registry(actor)


def may_decide_conflicts(actor: Actor, *, programme: str) -> Verdict:
    """See conflicts of experts with proposals and decide on them: the programme's managers."""
    return ALLOWED if actor.manages(programme) else HIDDEN


def may_answer(actor: Actor, *, expert_account: int, state: InvitationState) -> Verdict:
    """Accept or decline: the invited person, once."""
    if actor.id != expert_account or not actor.has(Role.EVALUATOR):
        return HIDDEN
    if state is InvitationState.CANCELLED:
        return refused("cancelled", "The funder has taken this invitation back.")
    if state is not InvitationState.INVITED:
        return refused("answered", "You have answered this invitation already. Write to the programme manager.")
    return ALLOWED
