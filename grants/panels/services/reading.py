"""Cross-reading: who reads, the note with proposed marks; and a member's declaration of a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.evaluation import facts as evaluated
from grants.evaluation.rules import parse_score
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.panels import access, mails, rules
from grants.panels.facts import evaluators, ties
from grants.panels.models import CrossReading, Leaving, PanelConflict, PanelMember
from grants.panels.queries.panels import OpenedPanel
from grants.panels.queries.proposals import OpenedItem
from grants.panels.states import CROSS_READING, MeetingState, NoteState

#: Characters of a note.
LONGEST = 10_000


def name_reader(
    panel: OpenedPanel, opened: OpenedItem, member_id: int, *, actor: Actor, now: datetime
) -> CrossReading:
    """Ask a member to cross-read. Raises Invalid for no member, an evaluator of it, a conflict, or a second time."""
    access.may_manage(actor, programme=panel.access.programme).require()
    member = next((each for each in panel.panel.members if each.id == member_id), None)
    if member is None:
        raise Invalid(Finding("no-member", "Choose a member of the panel.", "member"))
    proposal = opened.proposal
    if tied := ties([member.expert], [proposal.id], panel.topic, now=now):
        reason = next(iter(tied.values())).reason
        words = f"{member.expert.account.name} has a conflict of interest: {reason}"
        raise Invalid(Finding("conflict", words, "member", source=rules.BALANCE))
    if member.expert_id in evaluators(proposal.id):
        words = f"{member.expert.account.name} evaluated this proposal: somebody else cross-reads it."
        raise Invalid(Finding("evaluated", words, "member", source=rules.SOURCE))
    mine = (CrossReading.proposal_id == proposal.id, CrossReading.member_id == member.id)
    if db.session.scalar(select(CrossReading.id).where(*mine)) is not None:
        raise Invalid(Finding("reads-already", f"{member.expert.account.name} cross-reads it already.", "member"))
    made = CrossReading(proposal_id=proposal.id, member=member, asked_at=now, changed_at=now, state=NoteState.DRAFT)
    db.session.add(made)
    db.session.flush()
    told = {"proposal": proposal.number, "expert": member.expert_id}
    record(panel.panel.ref(), "panel.reader_named", actor=actor, now=now, facts=told)
    mails.cross_reading(panel.panel, member, made, now=now)
    return made


def remove_reader(opened: OpenedItem, member_id: int, *, actor: Actor, now: datetime) -> None:
    """Ask them no more. Raises NotFound, and Refused once the note is handed in."""
    access.may_manage(actor, programme=opened.access.panel.programme).require()
    mine = (CrossReading.proposal_id == opened.proposal.id, CrossReading.member_id == member_id)
    found = db.session.scalar(select(CrossReading).where(*mine).with_for_update())
    if found is None:
        raise NotFound
    if found.state is NoteState.SUBMITTED:
        raise Refused("submitted", "This note is handed in: it stays.", status=409)
    db.session.delete(found)
    db.session.flush()
    told = {"proposal": opened.proposal.number, "member": member_id}
    record(opened.panel.ref(), "panel.reader_removed", actor=actor, now=now, facts=told)


def save_note(
    opened: OpenedItem, note: str, marks: Mapping[str, str], *, seen: int, actor: Actor, now: datetime
) -> CrossReading:
    """Keep note and marks as typed, however incomplete. Raises Refused, Stale, and Invalid for what is no score."""
    access.may_write_note(actor, opened.access).require()
    reading = _own(opened)
    refresh_locked(reading)
    if reading.state is not NoteState.DRAFT:
        raise Refused("submitted", "You handed in this note.", status=409)
    if reading.version != seen:
        raise Stale(current={"note": reading.note}, yours={"note": note}, version=reading.version)
    found, kept = [], {}
    for each in evaluated.criteria(opened.proposal):
        try:
            score = parse_score(marks.get(each.code, ""), each)
        except ValueError as problem:
            found.append(Finding("score", f"{each.name}: {problem}", f"marks.{each.code}"))
            continue
        if score is not None:
            kept[each.code] = marks[each.code].strip().replace(",", ".")
    if len(note) > LONGEST:
        found.append(Finding("long-note", f"Write at most {LONGEST} characters.", "note"))
    if found:
        raise Invalid(found)
    reading.note, reading.marks, reading.version, reading.changed_at = note, kept, reading.version + 1, now
    db.session.flush()
    return reading


def submit_note(
    opened: OpenedItem, note: str, marks: Mapping[str, str], *, seen: int, actor: Actor, now: datetime
) -> None:
    """Hand the note in: it is locked. Marks are proposed only where the reader would change something.

    Raises Refused, Stale, and Invalid without a note.
    """
    reading = save_note(opened, note, marks, seen=seen, actor=actor, now=now)
    if not note.strip():
        raise Invalid(Finding("no-note", "Write a short note.", "note"))
    reading.submitted_at = now
    CROSS_READING.go(reading, "submit", actor=actor, now=now, version=reading.version)
    db.session.flush()


def _own(opened: OpenedItem) -> CrossReading:
    if opened.note is None:
        raise NotFound
    return opened.note


def declare_conflict(opened: OpenedItem, *, reason: str, actor: Actor, now: datetime) -> None:
    """A member has a conflict: from now on the proposal does not exist for them. Raises NotFound, Invalid."""
    access.may_declare(actor, opened.access).require()
    member = _seat(opened)
    if not reason.strip():
        message = "Say in a few words what the conflict is: the funder needs it to decide on others."
        raise Invalid(Finding("no-reason", message, "reason"))
    made = PanelConflict(
        proposal_id=opened.proposal.id, expert_id=member.expert_id, reason=reason.strip(), declared_at=now
    )
    db.session.add(made)
    db.session.execute(
        delete(CrossReading).where(
            CrossReading.proposal_id == opened.proposal.id, CrossReading.member_id == member.id,
            CrossReading.state == NoteState.DRAFT,
        )
    )  # fmt: skip
    if opened.meeting is not None and opened.meeting.state is MeetingState.OPEN:  # they leave at once
        leaves = insert(Leaving).values(
            meeting_id=opened.meeting.id, proposal_id=opened.proposal.id, member_id=member.id,
            reason=f"Declared: {reason.strip()}", at=now,
        )  # fmt: skip
        db.session.execute(leaves.on_conflict_do_nothing(constraint="uq_panel_leaving_once"))
    db.session.flush()
    told = {"proposal": opened.proposal.number, "expert": member.expert_id}
    record(made.ref(), "panel_conflict.declared", actor=actor, now=now, reason=reason.strip(), facts=told)


def _seat(opened: OpenedItem) -> PanelMember:
    if opened.me is None:
        raise NotFound
    return opened.me
