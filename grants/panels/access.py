"""Who sees what of panels, of one proposal before its panel, of hearings, and what observers read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from grants.evaluation.states import ConsensusState
from grants.evaluation.visibility import Aspect
from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.panels.states import TOLD, HearingKind, HearingState, MeetingState, NoteState, ObserverState
from grants.proposals.states import MemberRole


def may_manage(actor: Actor, *, programme: str) -> Verdict:
    """Set up panels, meetings, hearings, observers: the programme's managers."""
    return ALLOWED if actor.manages(programme) else HIDDEN


@dataclass(frozen=True, slots=True)
class PanelAccess:
    """``chair`` and ``members``: accounts; the chair is one of the members, or an officer."""

    programme: str
    chair: int | None = None
    members: frozenset[int] = frozenset()

    def leads(self, actor: Actor) -> bool:
        """Whether the actor chairs this panel and still may: an officer of the programme, or one of the experts."""
        named = actor.id is not None and actor.id == self.chair
        return named and (actor.manages(self.programme) or self.sits(actor))

    def sits(self, actor: Actor) -> bool:
        """Whether the actor is one of the experts."""
        return actor.id in self.members and actor.has(Role.EVALUATOR)


def may_see(actor: Actor, facts: PanelAccess) -> Verdict:
    """Learn of the panel and its meetings: managers, the chair, members."""
    return ALLOWED if actor.manages(facts.programme) or facts.leads(actor) or facts.sits(actor) else HIDDEN


def may_lead(actor: Actor, facts: PanelAccess) -> Verdict:
    """Open and close a meeting, note who is there, read its minutes: managers and the chair."""
    if actor.manages(facts.programme) or facts.leads(actor):
        return ALLOWED
    return refused("not-chair", "The chair or an officer does this.") if facts.sits(actor) else HIDDEN


def may_approve_minutes(actor: Actor, facts: PanelAccess, state: MeetingState) -> Verdict:
    """Sign the minutes: the chair, once the meeting is closed."""
    if not (verdict := may_lead(actor, facts)):
        return verdict
    if not facts.leads(actor):
        return refused("not-chair", "The chair approves the minutes.")
    if state is not MeetingState.CLOSED:
        return refused("not-closed", "The minutes are approved once, after the meeting is closed.")
    return ALLOWED


@dataclass(frozen=True, slots=True)
class ItemAccess:
    """One proposal before its panel, for one actor.

    ``conflicted``: something ties the actor to it. ``note``: of the actor's cross-reading, None: not a cross-reader.
    ``on_table``: on the agenda of a meeting that the panel was invited to. ``meeting``: its last one that was not
    cancelled. ``own_report_missing``: the actor evaluates it and has not handed in. ``shows``: the visibility
    table's word. ``declared``: the actor declared a conflict as a member; it binds officers too. ``frozen``: in a
    list whose decision is prepared or made. ``evaluates``: the actor is one of its evaluators. ``proposed_by``: of
    the change that waits.
    """

    panel: PanelAccess
    conflicted: bool = False
    note: NoteState | None = None
    on_table: bool = False
    meeting: MeetingState | None = None
    consensus: ConsensusState | None = None
    own_report_missing: bool = False
    shows: frozenset[Aspect] = field(default_factory=frozenset)
    frozen: bool = False
    declared: bool = False
    evaluates: bool = False
    proposed_by: int | None = None


def may_read_item(actor: Actor, facts: ItemAccess) -> Verdict:
    """Read the proposal as the panel does: managers; members and chair without a conflict, once it is before them.

    A member with a conflict does not even learn that the proposal is there. Source: domain.md 8.4.
    """
    if actor.manages(facts.panel.programme):
        return ALLOWED
    if not may_see(actor, facts.panel) or facts.conflicted:
        return HIDDEN
    if facts.note is None and not facts.on_table:
        return HIDDEN
    return ALLOWED if Aspect.OWN in facts.shows else HIDDEN


def may_read_report(actor: Actor, facts: ItemAccess) -> Verdict:
    """Read the consensus report: whoever reads the proposal, once it is approved."""
    verdict = may_read_item(actor, facts)
    if verdict and facts.consensus is not ConsensusState.APPROVED:
        return refused("no-consensus", "The consensus is not approved yet.")
    if verdict and facts.own_report_missing and not actor.manages(facts.panel.programme):
        return refused("report-first", "Hand in your own report first.")
    return verdict


def may_write_note(actor: Actor, facts: ItemAccess) -> Verdict:
    """Write a cross-reading note: the cross-reader, until it is handed in."""
    verdict = may_read_report(actor, facts)
    if not verdict:
        return verdict
    if facts.evaluates:
        return refused("evaluates", "You evaluate this proposal: somebody else cross-reads it.")
    if facts.note is None:
        return refused("no-reader", "The cross-readers of this proposal write notes.")
    if facts.note is NoteState.SUBMITTED:
        return refused("submitted", "You handed in this note.")
    return ALLOWED


def may_declare(actor: Actor, facts: ItemAccess) -> Verdict:
    """Say that there is a conflict: a member who reads the proposal."""
    verdict = may_read_item(actor, facts)
    return ALLOWED if verdict and facts.panel.sits(actor) else HIDDEN


def may_record(actor: Actor, facts: ItemAccess) -> Verdict:
    """Record what the panel found: an officer or the chair, while it sits, until the ranked list is prepared."""
    if not (verdict := may_read_item(actor, facts)):
        return verdict
    if not (verdict := may_lead(actor, facts.panel)):
        return verdict
    if facts.declared:
        return refused("conflict", "You declared a conflict of interest: somebody else does this.")
    if facts.meeting is not MeetingState.OPEN:
        return refused("not-open", "Open the meeting that has this proposal on its agenda first.")
    if facts.consensus is not ConsensusState.APPROVED:
        return refused("no-consensus", "The consensus is not approved yet.")
    if facts.frozen:
        return refused("frozen", "The ranked list is prepared or decided: its scores stay as they are.")
    if facts.proposed_by is not None:
        return refused("waits", "A change waits for a second officer. Send it back to record something else.")
    return ALLOWED


def may_send_back(actor: Actor, facts: ItemAccess) -> Verdict:
    """Send a change back: the managers, also who proposed it."""
    if not actor.manages(facts.panel.programme):
        return HIDDEN if not may_read_item(actor, facts) else refused("no-officer", "An officer does this.")
    if facts.proposed_by is None:
        return refused("nothing-waits", "Nothing waits for a confirmation here.")
    return ALLOWED


def may_confirm(actor: Actor, facts: ItemAccess) -> Verdict:
    """Confirm changed scores: a manager who did not record them (four eyes), until the ranked list is prepared."""
    verdict = may_send_back(actor, facts)
    if verdict and facts.declared:
        return refused("conflict", "You declared a conflict of interest: another manager does this.")
    if verdict and actor.id == facts.proposed_by:
        return refused("four-eyes", "You recorded this: another manager of the programme confirms it.")
    if verdict and facts.frozen:
        return refused("frozen", "The ranked list is prepared or decided: its scores stay as they are.")
    return verdict


@dataclass(frozen=True, slots=True)
class HearingAccess:
    """A hearing as applicants see it. ``member``: the actor's role in the proposal, None for others.

    ``reads_all``: the member reads more than a partner's own part.
    """

    member: MemberRole | None
    state: HearingState
    kind: HearingKind
    send_at: datetime | None
    answer_by: datetime | None
    reads_all: bool = True


def may_see_hearing(facts: HearingAccess, *, now: datetime) -> Verdict:
    """Read questions and slot: people of the proposal, from the time of sending on; nothing else of the panel."""
    told = facts.state in TOLD and facts.send_at is not None and facts.send_at <= now
    return ALLOWED if facts.member is not None and facts.reads_all and told else HIDDEN


def may_answer(facts: HearingAccess, *, now: datetime) -> Verdict:
    """Answer in writing: the main contact, in time, once."""
    if not (verdict := may_see_hearing(facts, now=now)):
        return verdict
    if facts.kind is not HearingKind.WRITING:
        return refused("interview", "These questions are talked about in the interview.")
    if facts.state is not HearingState.SENT:
        return refused("answered", "The answers are handed in.")
    if facts.member is not MemberRole.MAIN_CONTACT:
        return refused("not-main-contact", "The main contact answers.")
    if facts.answer_by is None or now >= facts.answer_by:
        return refused("late", "The time to answer is over.")
    return ALLOWED


def may_confirm_slot(facts: HearingAccess, *, now: datetime) -> Verdict:
    """Say that the interview suits: the main contact."""
    if not (verdict := may_see_hearing(facts, now=now)):
        return verdict
    if facts.kind is not HearingKind.INTERVIEW:
        return refused("writing", "There is no interview.")
    if facts.state is not HearingState.SENT:
        return refused("confirmed", "The time of the interview is confirmed.")
    if facts.member is not MemberRole.MAIN_CONTACT:
        return refused("not-main-contact", "The main contact confirms.")
    return ALLOWED


@dataclass(frozen=True, slots=True)
class ObserverAccess:
    """One observer of a topic: the account, how far the naming is. ``takes_part``: applies, or is invited, since."""

    account: int
    state: ObserverState
    takes_part: bool = False


def may_open_observation(actor: Actor, facts: ObserverAccess | None) -> Verdict:
    """Come to the observer's page: who is named, before the signature to sign, then to read; nobody
    who applies or evaluates in the topic by now."""
    named = facts is not None and actor.id == facts.account and facts.state is not ObserverState.REMOVED
    named = named and not (facts is not None and facts.takes_part)
    return ALLOWED if named else HIDDEN


def may_observe(actor: Actor, facts: ObserverAccess | None) -> Verdict:
    """Read process data and write the report: the one place where that is decided. Nothing else is an observer's."""
    verdict = may_open_observation(actor, facts)
    if verdict and facts is not None and facts.state is not ObserverState.SIGNED:
        return refused("not-signed", "First sign the statement of confidentiality.")
    return verdict
