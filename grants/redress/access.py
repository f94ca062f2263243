"""Who asks for a review, who reads it, who rules on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.proposals.states import MemberRole
from grants.ranking.rules import Notice
from grants.redress.states import OPEN, DeskState, RequestState, RoundState

_OF_COMMITTEE = "You are on the committee, which advises: other managers of the programme decide."


@dataclass(frozen=True, slots=True)
class RequestAccess:
    """What the decisions need to know. ``proposed_by``: of the ruling that waits for its confirmation, None: none."""

    programme: str
    state: RequestState
    committee: frozenset[int] = field(default_factory=frozenset)
    proposed_by: int | None = None


def may_ask(member: MemberRole | None, *, notice: Notice, state: RequestState | None, now: datetime) -> Verdict:
    """Write and send a request: the main contact, once, in time. ``state``: of the request there is, None: none."""
    if member is not MemberRole.MAIN_CONTACT:
        return HIDDEN
    if state not in {None, RequestState.DRAFT}:
        return refused("asked-already", "You asked for a review of this proposal already, and can do so once.")
    if now < notice.sent_at:
        return HIDDEN
    if not notice.redress_open(now):
        return refused("late", "The time to ask for a review is over.")
    return ALLOWED


def may_withdraw(member: MemberRole | None, state: RequestState) -> Verdict:
    """Take a request back: the main contact, until it is decided."""
    if member is not MemberRole.MAIN_CONTACT:
        return HIDDEN
    return ALLOWED if state in OPEN else refused("not-open", "This request is not open any more.")


def may_see(actor: Actor, facts: RequestAccess) -> Verdict:
    """Read a request that was sent, as the funder: its managers, auditors, and the members of its committee."""
    if facts.state is RequestState.DRAFT:
        return HIDDEN
    seen = actor.manages(facts.programme) or actor.has(Role.AUDITOR) or actor.id in facts.committee
    return ALLOWED if seen else HIDDEN


def may_rule(actor: Actor, facts: RequestAccess) -> Verdict:
    """Propose what is next: admissibility of a new request, the outcome of an admissible one.

    A manager on the committee advises and does not decide. Source: domain.md 8.6.
    """
    verdict = _may_go_on(actor, facts)
    if verdict and actor.id in facts.committee:
        return refused("committee", _OF_COMMITTEE)
    return verdict


def _may_go_on(actor: Actor, facts: RequestAccess) -> Verdict:
    if not actor.manages(facts.programme) or facts.state is RequestState.DRAFT:
        return HIDDEN
    if facts.state not in OPEN:
        return refused("closed", "This request is closed.")
    if facts.proposed_by is not None:
        return refused("waits", "A ruling waits for its confirmation. Send it back to propose another one.")
    return ALLOWED


def may_confirm(actor: Actor, facts: RequestAccess) -> Verdict:
    """Confirm a ruling: a manager of the programme who did not propose it (four eyes)."""
    verdict = may_send_back(actor, facts)
    if verdict and actor.id in facts.committee:
        return refused("committee", _OF_COMMITTEE)
    if verdict and actor.id == facts.proposed_by:
        return refused("four-eyes", "You proposed this: another manager of the programme confirms it.")
    return verdict


def may_send_back(actor: Actor, facts: RequestAccess) -> Verdict:
    """Send a proposed ruling back: the managers, also who proposed it."""
    if not actor.manages(facts.programme) or facts.state is RequestState.DRAFT:
        return HIDDEN
    if facts.proposed_by is None:
        return refused("nothing-waits", "Nothing waits for a confirmation here.")
    return ALLOWED


def may_name_members(actor: Actor, facts: RequestAccess) -> Verdict:
    """Choose the committee: the managers, while an admissible request waits for an outcome."""
    verdict = _may_go_on(actor, facts)
    if verdict and facts.state is not RequestState.ADMISSIBLE:
        return refused("not-admissible", "Decide first whether the request is admissible.")
    return verdict


def may_note_opinion(actor: Actor, facts: RequestAccess) -> Verdict:
    """Write the committee's opinion: its members, until an outcome is proposed."""
    if not (verdict := may_see(actor, facts)):
        return verdict
    if actor.id not in facts.committee:
        return refused("no-member", "The members of the committee write its opinion.")
    if facts.state is not RequestState.ADMISSIBLE or facts.proposed_by is not None:
        return refused("closed", "The opinion stays as it is.")
    return ALLOWED


@dataclass(frozen=True, slots=True)
class RoundAccess:
    """``proposed_by``: of the scores and the decision that wait for their confirmation, None: nothing waits."""

    programme: str
    state: RoundState
    proposed_by: int | None = None


def may_see_round(actor: Actor, facts: RoundAccess) -> Verdict:
    """Read the new round with its experts and scores: the programme's managers, and auditors."""
    return ALLOWED if actor.manages(facts.programme) or actor.has(Role.AUDITOR) else HIDDEN


def may_write_round(actor: Actor, facts: RoundAccess) -> Verdict:
    """Name experts, write down and propose what they agreed on: the managers, while the round is open."""
    if not actor.manages(facts.programme):
        return HIDDEN
    if facts.state is RoundState.PROPOSED:
        return refused("waits", "The new scores wait for their confirmation. Send them back to change them.")
    if facts.state is RoundState.CONFIRMED:
        return refused("confirmed", "The new scores are confirmed and stay as they are.")
    return ALLOWED


def may_send_back_round(actor: Actor, facts: RoundAccess) -> Verdict:
    """Send proposed scores back: the managers, also who proposed them."""
    if not actor.manages(facts.programme):
        return HIDDEN
    if facts.state is not RoundState.PROPOSED:
        return refused("nothing-waits", "Nothing waits for a confirmation here.")
    return ALLOWED


def may_confirm_round(actor: Actor, facts: RoundAccess) -> Verdict:
    """Confirm new scores and decision: a manager of the programme who did not propose them (four eyes)."""
    verdict = may_send_back_round(actor, facts)
    if verdict and actor.id == facts.proposed_by:
        return refused("four-eyes", "You proposed this: another manager of the programme confirms it.")
    return verdict


@dataclass(frozen=True, slots=True)
class DeskAccess:
    """``account``: the expert's. ``round``: the state of the new round."""

    account: int
    state: DeskState
    round: RoundState


def may_see_desk(actor: Actor, facts: DeskAccess) -> Verdict:
    """One's own place in a new round, until its result is confirmed; with a conflict it does not exist."""
    own = actor.has(Role.EVALUATOR) and actor.id == facts.account
    closed = facts.state is DeskState.CONFLICTED or facts.round is RoundState.CONFIRMED
    return HIDDEN if closed or not own else ALLOWED


def may_answer(actor: Actor, facts: DeskAccess) -> Verdict:
    """Declare that there is no conflict of interest."""
    verdict = may_see_desk(actor, facts)
    if verdict and facts.state is not DeskState.ASKED:
        return refused("answered", "You have declared already that you have no conflict of interest.")
    return verdict


def may_step_back(actor: Actor, facts: DeskAccess) -> Verdict:
    """Declare a conflict of interest, however late."""
    return may_see_desk(actor, facts)


def may_read_proposal(actor: Actor, facts: DeskAccess) -> Verdict:
    """Read the files: only after the declaration that there is no conflict."""
    verdict = may_see_desk(actor, facts)
    if verdict and facts.state is DeskState.ASKED:
        return refused("not-accepted", "First declare that you have no conflict of interest.")
    return verdict


def may_write_report(actor: Actor, facts: DeskAccess) -> Verdict:
    """Write one's own report, until it is handed in or scores are proposed."""
    verdict = may_read_proposal(actor, facts)
    if verdict and (facts.state is DeskState.HANDED_IN or facts.round is not RoundState.OPEN):
        return refused("handed-in", "Your report is handed in and stays as it is.")
    return verdict
