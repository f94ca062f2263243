"""Who assigns: the programme's managers."""

from __future__ import annotations

from grants.assigning.states import RunState
from grants.kernel.actor import Actor
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused


def may_assign(actor: Actor, *, programme: str) -> Verdict:
    """Ask for a run, stop it, look at it, say something of a pair."""
    return ALLOWED if actor.manages(programme) else HIDDEN


def may_take_over(actor: Actor, *, programme: str, state: RunState) -> Verdict:
    """Make the assignments of a run."""
    verdict = may_assign(actor, programme=programme)
    if verdict and state is not RunState.DONE:
        return refused("not-done", "There is no finished proposal to take over.")
    return verdict
