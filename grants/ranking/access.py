"""Who sees a ranked list, who decides on it, who reads the result of a proposal."""

from __future__ import annotations

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.ranking.states import RankingState


def may_see_ranking(actor: Actor, *, programme: str, state: RankingState | None) -> Verdict:
    """The programme's managers always; auditors once it is decided. ``state``: None before it is computed."""
    if actor.manages(programme):
        return ALLOWED
    decided = state in {RankingState.DECIDED, RankingState.INFORMED}
    return ALLOWED if decided and actor.has(Role.AUDITOR) else HIDDEN


def may_change_ranking(actor: Actor, *, programme: str, state: RankingState | None) -> Verdict:
    """Compute, note decisions, decide: the managers, while the list is open."""
    if not actor.manages(programme):
        return HIDDEN
    if state is RankingState.PREPARED:
        return refused(
            "prepared", "The decision is prepared and waits for a second manager. Send it back to change it."
        )
    if state is RankingState.DECIDED:
        return refused("decided", "The list is decided. Reopen it to change it, as long as no letter is sent.")
    if state is RankingState.INFORMED:
        return refused("informed", "The letters are sent: the list stays as it is.")
    return ALLOWED


def may_confirm(actor: Actor, *, programme: str, state: RankingState | None, prepared_by: int | None) -> Verdict:
    """Confirm a prepared decision: a manager of the programme who did not prepare it (four eyes)."""
    verdict = may_send_back(actor, programme=programme, state=state)
    if verdict and actor.id == prepared_by:
        return refused("four-eyes", "You prepared this decision: another manager of the programme confirms it.")
    return verdict


def may_send_back(actor: Actor, *, programme: str, state: RankingState | None) -> Verdict:
    """Send a prepared decision back, with a reason: the managers, also who prepared it."""
    if not actor.manages(programme):
        return HIDDEN
    if state is not RankingState.PREPARED:
        return refused("not-prepared", "Nothing waits for a confirmation here.")
    return ALLOWED


def may_send_letters(actor: Actor, *, programme: str, state: RankingState | None) -> Verdict:
    """Preview and send the letters, or reopen the list: the managers, once it is decided."""
    if not actor.manages(programme):
        return HIDDEN
    if state is RankingState.INFORMED:
        return refused("informed", "The letters are sent already.")
    if state is not RankingState.DECIDED:
        return refused("not-decided", "Decide on the list first.")
    return ALLOWED
