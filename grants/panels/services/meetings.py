"""Meetings of a panel: planned, told, opened, closed, their minutes approved; who leaves for which proposal."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from grants.audit.services import record
from grants.db import db
from grants.evaluation import services as evaluation
from grants.evaluation.states import ConsensusState
from grants.experts import services as experts
from grants.experts.facts import Weighing
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.panels import access, facts, mails, rules
from grants.panels.models import Attendance, Leaving, Meeting
from grants.panels.queries import meetings as queries
from grants.panels.queries.meetings import Item, OpenedMeeting
from grants.panels.queries.panels import OpenedPanel
from grants.panels.states import MEETING, MeetingState


def plan_meeting(
    opened: OpenedPanel, *, starts_at: datetime, place: str = "", actor: Actor, now: datetime
) -> Meeting:
    """Plan a meeting; nobody is told before ``invite``. Raises NotFound, Invalid for a time that has passed."""
    access.may_manage(actor, programme=opened.access.programme).require()
    _require_future(starts_at, now)
    made = Meeting(panel=opened.panel, starts_at=starts_at, place=place.strip(), state=MeetingState.PLANNED)
    db.session.add(made)
    db.session.flush()
    told = {"panel": opened.panel.id, "starts_at": starts_at.isoformat()}
    record(made.ref(), "panel_meeting.planned", actor=actor, now=now, facts=told)
    return made


def _require_future(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise Invalid(Finding("passed", "Choose a time that is still to come.", "starts_at"))


def change_meeting(
    opened: OpenedMeeting, *, starts_at: datetime, place: str, seen: int, actor: Actor, now: datetime
) -> None:
    """Another time or place; who was invited is told. Raises Refused once it is opened, Stale, Invalid."""
    access.may_manage(actor, programme=opened.access.programme).require()
    meeting = opened.meeting
    if meeting.state is not MeetingState.PLANNED:
        raise Refused("not-planned", "This meeting has begun or is cancelled: its time stays.", status=409)
    if meeting.version != seen:
        raise Stale(current={}, yours={}, version=meeting.version)
    _require_future(starts_at, now)
    before = meeting.starts_at
    meeting.starts_at, meeting.place, meeting.version = starts_at, place.strip(), meeting.version + 1
    db.session.flush()
    told = {"before": before.isoformat(), "after": starts_at.isoformat()}
    record(meeting.ref(), "panel_meeting.changed", actor=actor, now=now, facts=told)
    if meeting.invited_at is not None:
        mails.changed(meeting, now=now)


def invite(opened: OpenedMeeting, *, actor: Actor, now: datetime) -> None:
    """Send the invitations: from now on members see the meeting with what is theirs of the agenda. Raises Refused,
    Invalid where nobody sits on the panel."""
    access.may_manage(actor, programme=opened.access.programme).require()
    meeting = opened.meeting
    if meeting.state is not MeetingState.PLANNED:
        raise Refused("not-planned", "This meeting has begun or is cancelled.", status=409)
    if not opened.panel.members:
        raise Invalid(Finding("no-members", "Nobody sits on this panel yet.", "members"))
    meeting.invited_at, meeting.version = now, meeting.version + 1
    db.session.flush()
    record(meeting.ref(), "panel_meeting.invited", actor=actor, now=now, facts={"members": len(opened.panel.members)})
    mails.invited(meeting, now=now)


def cancel(opened: OpenedMeeting, *, reason: str, actor: Actor, now: datetime) -> None:
    """Call a planned meeting off; who was invited is told. Raises Refused, Invalid without a reason."""
    access.may_manage(actor, programme=opened.access.programme).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", "reason"))
    MEETING.go(opened.meeting, "cancel", actor=actor, now=now, reason=reason.strip())
    opened.meeting.version += 1
    db.session.flush()
    if opened.meeting.invited_at is not None:
        mails.cancelled(opened.meeting, now=now)


def open_meeting(opened: OpenedMeeting, *, actor: Actor, now: datetime) -> None:
    """The panel sits: its phase of the evaluation begins for the proposals of the agenda, and who has a conflict
    leaves for each. Raises Refused, and Invalid where the agenda has no proposal or one without approved consensus.
    """
    access.may_lead(actor, opened.access).require()
    items = [each for each in queries.items(opened.meeting.id) if each.proposal_id is not None]
    if not items:
        raise Invalid(Finding("no-items", "Put proposals on the agenda first.", "agenda"))
    require_agreed(items, hidden=_hidden(opened, items, actor, now=now))
    if queries.any_frozen(opened.meeting.id):
        words = "The ranked list with proposals of this agenda is prepared or decided: they come before no panel."
        raise Invalid(Finding("frozen", words, "agenda"))
    opened.meeting.opened_at = opened.meeting.opened_at or now
    MEETING.go(opened.meeting, "open", actor=actor, now=now, proposals=len(items))
    db.session.flush()
    take_up(opened, items, now=now)


def _hidden(opened: OpenedMeeting, items: Sequence[Item], actor: Actor, *, now: datetime) -> set[int]:
    """Proposals that must not exist for the actor: a chair with a conflict."""
    me = opened.member(actor.id)
    if me is None or actor.manages(opened.access.programme):
        return set()
    ids = [each.proposal_id for each in items if each.proposal_id is not None]
    return {proposal for proposal, _ in facts.ties([me.expert], ids, opened.topic, now=now)}


def require_agreed(items: Sequence[Item], *, hidden: Container[int | None] = ()) -> None:
    """Raises Invalid with the proposals whose consensus is not approved: a panel looks at agreed reports.

    ``hidden``: proposals that are not named to who asks.
    """
    found = [each for each in items if each.consensus is not ConsensusState.APPROVED]
    waiting = [str(each.number) for each in found if each.proposal_id not in hidden]
    if len(waiting) < len(found):
        waiting = [*waiting[:9], "a proposal that you do not see"]
    if found:
        words = (
            f"The consensus of these proposals is not approved: {', '.join(waiting[:10])}. Take them off the agenda."
        )
        raise Invalid(Finding("no-consensus", words, "agenda", source=rules.SOURCE))


def take_up(opened: OpenedMeeting, items: Sequence[Item], *, now: datetime) -> None:
    """What follows when proposals come before a panel that sits: the phase of the evaluation, and who leaves."""
    ids = [each.proposal_id for each in items if each.proposal_id is not None]
    evaluation.begin_panel_review(ids, now=now)
    _note_leaving(opened, ids, now=now)


def _note_leaving(opened: OpenedMeeting, proposal_ids: Sequence[int], *, now: datetime) -> None:
    """Record who leaves for what; what is recorded stays."""
    members = opened.panel.members
    tied = facts.ties([each.expert for each in members], proposal_ids, opened.topic, now=now)
    by_expert = {each.expert_id: each.id for each in members}
    rows = [
        {"meeting_id": opened.meeting.id, "proposal_id": proposal, "member_id": by_expert[expert], "at": now,
         "reason": tie.reason}
        for (proposal, expert), tie in tied.items()
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Leaving).on_conflict_do_nothing(constraint="uq_panel_leaving_once"), rows)


def note_attendance(
    opened: OpenedMeeting, said: Mapping[int, tuple[bool, str]], *, note: str, actor: Actor, now: datetime
) -> None:
    """Who is there, by member, with the reason of who is not; and what the minutes say besides.

    Raises Refused while the meeting is not open, Invalid for an absence without a reason.
    """
    access.may_lead(actor, opened.access).require()
    meeting = opened.meeting
    if meeting.state is not MeetingState.OPEN:
        raise Refused("not-open", "Attendance is noted while the meeting is open.", status=409)
    known = {each.id: each.expert.account.name for each in opened.panel.members}
    found = [
        Finding("no-reason", f"Say why {known[each]} is absent.", f"reason-{each}")
        for each, (present, reason) in said.items() if each in known and not present and not reason.strip()
    ]  # fmt: skip
    if found:
        raise Invalid(found)
    for each, (present, reason) in said.items():
        if each in known:
            new = {"present": present, "reason": "" if present else reason.strip()}
            statement = insert(Attendance).values(meeting_id=meeting.id, member_id=each, **new)
            db.session.execute(statement.on_conflict_do_update(constraint="uq_panel_attendance_once", set_=new))
    meeting.note, meeting.version = note.strip(), meeting.version + 1
    db.session.flush()
    there = sum(present for present, _ in said.values())
    told = {"present": there, "absent": len(said) - there}
    record(meeting.ref(), "panel_meeting.attendance", actor=actor, now=now, facts=told)


def close_meeting(opened: OpenedMeeting, *, actor: Actor, now: datetime) -> None:
    """The panel has sat; conflicts that came up since are recorded too. Raises Refused, and Invalid while it is not
    noted of each member whether they were there."""
    access.may_lead(actor, opened.access).require()
    noted = {each.member_id for each in queries.noted(opened.meeting.id) if each.proposal_id is None}
    missing = [each.expert.account.name for each in opened.panel.members if each.id not in noted]
    if missing and opened.meeting.state is MeetingState.OPEN:
        words = f"Note whether they were there: {', '.join(missing[:10])}."
        raise Invalid(Finding("no-attendance", words, "attendance", source=rules.SOURCE))
    ids = [each.proposal_id for each in queries.items(opened.meeting.id) if each.proposal_id is not None]
    MEETING.go(opened.meeting, "close", actor=actor, now=now)
    opened.meeting.closed_at = now
    _note_leaving(opened, ids, now=now)
    db.session.flush()


def reopen_meeting(opened: OpenedMeeting, *, reason: str, actor: Actor, now: datetime) -> None:
    """The panel goes on, before its minutes are approved. Raises Refused, Invalid without a reason."""
    access.may_manage(actor, programme=opened.access.programme).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", "reason"))
    MEETING.go(opened.meeting, "reopen", actor=actor, now=now, reason=reason.strip())
    opened.meeting.closed_at = None
    db.session.flush()


def approve_minutes(opened: OpenedMeeting, *, actor: Actor, now: datetime) -> None:
    """The chair signs the minutes: they stay as they are.

    Raises Refused, also while a change of scores waits for a second officer: the minutes would not be whole.
    """
    meeting = opened.meeting
    access.may_approve_minutes(actor, opened.access, meeting.state).require()
    if any(each.state.value == "proposed" for each in queries.outcomes(meeting.id)):
        raise Refused("waits", "A change of scores waits for a second officer.", status=409)
    meeting.approved_at, meeting.approved_by_id = now, actor.id
    MEETING.go(meeting, "approve", actor=actor, now=now)
    db.session.flush()


def decide_conflict(
    opened: OpenedMeeting, proposal_id: int, expert_id: int, *, allow: bool, reason: str, actor: Actor, now: datetime
) -> None:
    """Let a member stay for a proposal of the agenda in spite of a manageable conflict, or forbid it.

    Raises NotFound where the pair is not of this meeting, Invalid without a reason or where a conflict disqualifies.
    """
    access.may_manage(actor, programme=opened.access.programme).require()
    member = next((each for each in opened.panel.members if each.expert_id == expert_id), None)
    proposal = queries.proposal_of(opened.meeting.id, proposal_id)
    if member is None or proposal is None:
        raise NotFound
    weighed = Weighing([member.expert], [proposal.id], opened.topic, now=now).pair(proposal.id, expert_id)
    experts.decide_conflict(proposal, member.expert, weighed.found, allow=allow, reason=reason, actor=actor, now=now)
