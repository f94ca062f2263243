"""Who may see and do what to one proposal, as applicant or as the funder. Evaluators: see ``evaluation.access``.

Drafts are their members' alone; the funder sees what was submitted, after the deadline (design: security, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.proposals.states import MemberRole, ProposalState


class PartKind(StrEnum):
    """What a draft consists of. ``whole``: everything at once, as checks, versions and receipts show it."""

    WHOLE = "whole"
    GENERAL = "general"
    CONSORTIUM = "consortium"
    BUDGET = "budget"
    SECTION = "section"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a draft that is read and written by itself. ``participant``: whose it is, None: the whole proposal's.
    ``section``: the key of a section of Part A."""

    kind: PartKind
    participant: int | None = None
    section: str = ""


WHOLE = Part(PartKind.WHOLE)
GENERAL, CONSORTIUM, FILES = Part(PartKind.GENERAL), Part(PartKind.CONSORTIUM), Part(PartKind.FILES)


class Reach(IntEnum):
    """How far a member gets with a part."""

    NOTHING = 0
    READS = 1
    WRITES = 2


@dataclass(frozen=True, slots=True)
class ProposalAccess:
    """What the decisions need to know. ``member``: the actor's role in the proposal, None for strangers.

    ``deadline``: from which it is late, see ``rules.closing``. ``decided``: the funder has decided on it and the
    letters are out. ``trial``: a manager tries the application; it is never handed in. ``participants``: those that
    the actor is the contact of. ``partners_read_all``: whether the coordinator shows partners the rest.
    """

    state: ProposalState
    programme: str
    opens_at: datetime
    deadline: datetime
    member: MemberRole | None
    decided: bool = False
    trial: bool = False
    participants: frozenset[int] = frozenset()
    partners_read_all: bool = True

    def open_at(self, now: datetime) -> bool:
        """Whether the topic takes proposals: the deadline itself is late (domain.md 3)."""
        return self.opens_at <= now < self.deadline


_REACH = {
    MemberRole.MAIN_CONTACT: Reach.WRITES,
    MemberRole.CONTACT: Reach.WRITES,
    MemberRole.READER: Reach.READS,
}
_OWN_ONLY = "The coordinator shows partners what belongs to their own organisation only."


def reach(facts: ProposalAccess, part: Part) -> Reach:
    """How far a member of this role gets with this part: the one place where that is decided.

    The contact of a partner writes the budget and the sections of their organisations and reads the rest where the
    coordinator chose so.
    """
    if facts.member is None:
        return Reach.NOTHING
    if facts.member is not MemberRole.PARTNER_CONTACT:
        return _REACH[facts.member]
    if part.participant is not None and part.participant in facts.participants:
        return Reach.WRITES
    return Reach.READS if facts.partners_read_all else Reach.NOTHING


def part_of(place: str) -> Part:
    """The part in which a finding stands: ``general.title``, ``budget.7.A``, ``sections.KEY.7.FIELD``, ``part_b``.

    >>> part_of("budget.7.A").participant
    7
    """
    kind, *rest = place.split(".")
    if kind == "sections":
        owner = int(rest[1]) if len(rest) > 1 and rest[1].isdigit() else None
        return Part(PartKind.SECTION, owner, rest[0] if rest else "")
    if kind == "budget":
        return Part(PartKind.BUDGET, int(rest[0]) if rest and rest[0].isdigit() else None)
    return {"general": GENERAL, "consortium": CONSORTIUM}.get(kind, FILES)


def may_read_part(actor: Actor, facts: ProposalAccess, part: Part, *, now: datetime) -> Verdict:
    """Read one part: members by their reach, the funder as ``may_see`` says."""
    if not (verdict := may_see(actor, facts, now=now)):
        return verdict
    if facts.member is not None and reach(facts, part) < Reach.READS:
        return refused("own-part-only", _OWN_ONLY)
    return ALLOWED


def may_edit_part(actor: Actor, facts: ProposalAccess, part: Part, *, now: datetime) -> Verdict:
    """Change one part of the draft: members who write it, while the topic is open."""
    if not (verdict := may_read_part(actor, facts, part, now=now)):
        return verdict
    if facts.member is None:
        return refused("not-member", "Only the applicants may change a proposal.")
    if reach(facts, part) < Reach.WRITES:
        if facts.member is MemberRole.PARTNER_CONTACT:
            return refused("not-own-part", "You may change what belongs to your own organisation.")
        return refused("reader", "You may read this proposal. Ask its main contact if you want to write.")
    if now >= facts.deadline:
        return refused("deadline-passed", "The deadline has passed: the proposal stays as it was submitted.")
    if now < facts.opens_at and not facts.trial:
        return refused("not-open", "The topic is not open yet.")
    return ALLOWED


def is_member(facts: ProposalAccess) -> Verdict:
    """What only the people of the proposal see: each other, who is there now, the history of the draft."""
    return ALLOWED if facts.member is not None else HIDDEN


def may_manage_people(facts: ProposalAccess) -> Verdict:
    """Invite, remove, choose what partners read, hand the role over: the main contact, after the deadline too, as
    people change their work at any time."""
    if facts.member is MemberRole.MAIN_CONTACT:
        return ALLOWED
    return is_member(facts) and refused("not-main-contact", "Only the main contact decides who works on a proposal.")


def may_see(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Know of the proposal: number, acronym, title, deadline. Its parts: ``may_read_part``."""
    if facts.member is not None:
        return ALLOWED
    submitted = facts.state is not ProposalState.DRAFT
    if submitted and facts.deadline <= now and actor.manages(facts.programme):
        return ALLOWED
    if submitted and facts.decided and actor.has(Role.AUDITOR):
        return ALLOWED
    return HIDDEN


def may_read(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Read the whole proposal with its files, checks, versions and receipts."""
    return may_read_part(actor, facts, WHOLE, now=now)


def may_edit(actor: Actor, facts: ProposalAccess, *, now: datetime) -> Verdict:
    """Change the whole draft: members who write, while the topic is open."""
    return may_edit_part(actor, facts, WHOLE, now=now)


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
    """Receipts name all partners and the sum: they are read by whoever may read the whole proposal."""
    return may_read(actor, facts, now=now)
