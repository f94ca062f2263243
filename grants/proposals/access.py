"""Who may see and do what to one proposal, as applicant or as the funder. Evaluators: see ``evaluation.access``.

Drafts are their members' alone; the funder sees what was submitted, after the deadline (design: security, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.proposals.states import MemberRole, ProposalState


@dataclass(frozen=True, slots=True)
class ProposalAccess:
    """What the decisions need to know. ``member``: the actor's role in the proposal, None for strangers.

    ``deadline``: from which it is late, see ``rules.closing``. ``decided``: the funder has decided on it and the
    letters are out. ``trial``: a manager tries the application; it is never handed in.
    """

    state: ProposalState
    programme: str
    opens_at: datetime
    deadline: datetime
    member: MemberRole | None
    decided: bool = False
    trial: bool = False

    def open_at(self, now: datetime) -> bool:
        """Whether the topic takes proposals: the deadline itself is late (domain.md 3)."""
        return self.opens_at <= now < self.deadline


def may_see(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Read the proposal with its files."""
    if facts.member is not None:
        return ALLOWED
    submitted = facts.state is not ProposalState.DRAFT
    if submitted and facts.deadline <= now and actor.manages(facts.programme):
        return ALLOWED
    if submitted and facts.decided and actor.has(Role.AUDITOR):
        return ALLOWED
    return HIDDEN


def may_edit(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Change the draft: members who write, while the topic is open."""
    if facts.member is None:
        return may_see(actor, facts, now=now) and refused("not-member", "Only the applicants may change a proposal.")
    if facts.member is MemberRole.READER:
        return refused("reader", "You may read this proposal. Ask its main contact if you want to write.")
    if now >= facts.deadline:
        return refused("deadline-passed", "The deadline has passed: the proposal stays as it was submitted.")
    if now < facts.opens_at and not facts.trial:
        return refused("not-open", "The topic is not open yet.")
    return ALLOWED


def may_submit(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Hand in a version: the main contact, before the deadline."""
    verdict = may_edit(actor, facts, now=now)
    if not verdict:
        return verdict
    if facts.member is not MemberRole.MAIN_CONTACT:
        return refused("not-main-contact", "Only the main contact submits. Ask them to do it.")
    if facts.trial:
        return refused("trial", "This is a trial of the application: it is checked, and never handed in.")
    return ALLOWED


def may_withdraw(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Withdraw, or undo that: the main contact, before the deadline (domain.md 6)."""
    verdict = may_submit(actor, facts, now=now)
    if verdict and facts.state is ProposalState.DRAFT:
        return refused("not-submitted", "Nothing was submitted, so there is nothing to withdraw.")
    return verdict


def may_preview(facts: ProposalAccess) -> Verdict:
    """The draft as a print: its members. The funder reads what was submitted, never what was not."""
    return ALLOWED if facts.member is not None else HIDDEN


def may_see_receipt(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Receipts are read by whoever may see the proposal."""
    return may_see(actor, facts, now=now)
