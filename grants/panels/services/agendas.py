"""The agenda of a meeting: proposals and breaks in their order, with planned minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select

from grants.audit.services import record
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.panels import access, rules
from grants.panels.models import AgendaItem, Meeting, Outcome, PanelProposal
from grants.panels.queries import meetings as queries
from grants.panels.queries.meetings import OpenedMeeting
from grants.panels.services.meetings import require_agreed, take_up
from grants.panels.states import MeetingState
from grants.proposals.models import Proposal

#: Minutes of one item, at most.
LONGEST = 600


def _require_editable(opened: OpenedMeeting, actor: Actor) -> None:
    access.may_manage(actor, programme=opened.access.programme).require()
    if not queries.is_editable(opened.meeting):
        raise Refused("closed", "The agenda of this meeting stays as it is.", status=409)


def _require_minutes(minutes: int) -> None:
    if not 0 < minutes <= LONGEST:
        raise Invalid(Finding("minutes", f"Give a number of minutes up to {LONGEST}.", "minutes"))


def add_items(
    opened: OpenedMeeting, *, numbers: Sequence[int] = (), minutes: int, actor: Actor, now: datetime
) -> int:
    """Put proposals of the panel on the agenda, at its end: those with these ``numbers``, else all that are on no
    agenda yet. How many. Raises Refused, Invalid."""
    _require_editable(opened, actor)
    _require_minutes(minutes)
    meeting = opened.meeting
    on_one = exists().where(
        AgendaItem.proposal_id == Proposal.id, AgendaItem.meeting_id == Meeting.id,
        Meeting.state != MeetingState.CANCELLED if not numbers else Meeting.id == meeting.id,
    )  # fmt: skip
    statement = (
        select(Proposal.id)
        .join(PanelProposal, PanelProposal.proposal_id == Proposal.id)
        .where(PanelProposal.panel_id == opened.panel.id, ~on_one)
        .order_by(Proposal.number)
    )
    found = db.session.scalars(statement.where(Proposal.number.in_(numbers)) if numbers else statement).all()
    if not found or len(found) < len(set(numbers)):
        words = "Some of these are not in this panel, or on this agenda." if numbers else "All are on an agenda."
        raise Invalid(Finding("not-addable", words, "numbers"))
    place = _end(meeting)
    for index, each in enumerate(found):
        db.session.add(AgendaItem(meeting_id=meeting.id, position=place + index, proposal_id=each, minutes=minutes))
    _changed(opened, "panel_meeting.items_added", actor, now, count=len(found))
    if meeting.state is MeetingState.OPEN:
        added = [each for each in queries.items(meeting.id) if each.proposal_id in set(found)]
        require_agreed(added)
        take_up(opened, added, now=now)
    return len(found)


def add_break(opened: OpenedMeeting, *, title: str, minutes: int, actor: Actor, now: datetime) -> None:
    """A break, or anything else that is no proposal, at the end of the agenda. Raises Refused, Invalid."""
    _require_editable(opened, actor)
    _require_minutes(minutes)
    if not title.strip():
        raise Invalid(Finding("no-title", "Give it a name, such as Lunch.", "title"))
    place = _end(opened.meeting)
    db.session.add(
        AgendaItem(meeting_id=opened.meeting.id, position=place, title=title.strip()[:120], minutes=minutes)
    )
    _changed(opened, "panel_meeting.break_added", actor, now)


def _end(meeting: Meeting) -> int:
    last = db.session.scalar(select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id))
    return (last or 0) + 1


def move(opened: OpenedMeeting, item_id: int, *, up: bool, actor: Actor, now: datetime) -> None:
    """One place up or down. Raises Refused, NotFound."""
    _require_editable(opened, actor)
    rows = _rows(opened)
    _one(rows, item_id)
    _renumber(rows, rules.moved([each.id for each in rows], item_id, up=up))
    _changed(opened, "panel_meeting.order", actor, now)


def suggest_order(opened: OpenedMeeting, *, by: str, actor: Actor, now: datetime) -> None:
    """Proposals by their agreed ``total`` or by number; breaks keep their places. Raises Refused."""
    _require_editable(opened, actor)
    items, rows = queries.items(opened.meeting.id), _rows(opened)
    lines = [rules.Line(each.id, each.number or 0, each.total) for each in items if each.proposal_id is not None]
    ordered = iter(rules.suggested(lines, by=by))
    _renumber(rows, [each.id if each.proposal_id is None else next(ordered) for each in rows])
    _changed(opened, "panel_meeting.order", actor, now, by=by)


def set_minutes(opened: OpenedMeeting, item_id: int, minutes: int, *, actor: Actor, now: datetime) -> None:
    """How long one item takes. Raises Refused, NotFound, Invalid."""
    _require_editable(opened, actor)
    _require_minutes(minutes)
    _one(_rows(opened), item_id).minutes = minutes
    _changed(opened, "panel_meeting.minutes", actor, now)


def remove_item(opened: OpenedMeeting, item_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an item off. Raises NotFound, Refused once the panel found something on it in this meeting."""
    _require_editable(opened, actor)
    item = _one(_rows(opened), item_id)
    said = exists().where(Outcome.meeting_id == opened.meeting.id, Outcome.proposal_id == item.proposal_id)
    if item.proposal_id is not None and db.session.scalar(select(said)):
        raise Refused("has-outcome", "The panel found something on this proposal: it stays.", status=409)
    db.session.delete(item)
    _changed(opened, "panel_meeting.item_removed", actor, now)


def _rows(opened: OpenedMeeting) -> list[AgendaItem]:
    mine = AgendaItem.meeting_id == opened.meeting.id
    return list(db.session.scalars(select(AgendaItem).where(mine).order_by(AgendaItem.position, AgendaItem.id)))


def _one(rows: Sequence[AgendaItem], item_id: int) -> AgendaItem:
    found = next((each for each in rows if each.id == item_id), None)
    if found is None:
        raise NotFound
    return found


def _renumber(rows: Sequence[AgendaItem], order: Sequence[int]) -> None:
    places = {identity: place for place, identity in enumerate(order, start=1)}
    for each in rows:
        each.position = places[each.id]


def _changed(opened: OpenedMeeting, action: str, actor: Actor, now: datetime, **facts: object) -> None:
    opened.meeting.version += 1
    db.session.flush()
    record(opened.meeting.ref(), action, actor=actor, now=now, facts=dict(facts))
