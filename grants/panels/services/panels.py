"""Setting up panels: who sits on them, which proposals they look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError

from grants.accounts.queries import managers_of
from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.panels import access, facts, mails, rules
from grants.panels.models import (
    AgendaItem,
    Attendance,
    CrossReading,
    Hearing,
    Leaving,
    Meeting,
    Outcome,
    Panel,
    PanelMember,
    PanelProposal,
)
from grants.panels.queries import meetings
from grants.panels.queries import panels as queries
from grants.panels.queries.panels import OpenedPanel
from grants.panels.states import SAT, HearingState, MeetingState, NoteState
from grants.proposals.models import Proposal


def make_panel(topic: Topic, *, name: str, remote: bool, place: str = "", actor: Actor, now: datetime) -> Panel:
    """A new panel of a topic. Raises NotFound for strangers, Invalid without a name or where the topic has it."""
    access.may_manage(actor, programme=topic.call.programme.code).require()
    made = Panel(topic=topic, name=name.strip(), remote=remote, place=place.strip(), created_at=now)
    _keep(made)
    record(made.ref(), "panel.made", actor=actor, now=now, facts={"topic": topic.identifier})
    return made


def change_panel(
    opened: OpenedPanel, *, name: str, remote: bool, place: str, chair_id: int | None, seen: int, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Name, place and chair. The chair is a member or an officer of the programme.

    Raises NotFound, Stale, Invalid.
    """
    access.may_manage(actor, programme=opened.access.programme).require()
    panel = opened.panel
    if panel.version != seen:
        raise Stale(current={}, yours={}, version=panel.version)
    officers = {each.id for each in managers_of(opened.access.programme)}
    if chair_id is not None and chair_id not in opened.access.members | officers:
        raise Invalid(Finding("no-chair", "Choose a member or an officer of the programme.", "chair"))
    panel.name, panel.remote, panel.place, panel.chair_id = name.strip(), remote, place.strip(), chair_id
    panel.version += 1
    _keep(panel)
    record(panel.ref(), "panel.changed", actor=actor, now=now, facts={"version": panel.version, "chair": chair_id})


def _keep(panel: Panel) -> None:
    if not panel.name:
        raise Invalid(Finding("no-name", "Give the panel a name.", "name"))
    try:
        with db.session.begin_nested():
            db.session.add(panel)
            db.session.flush()
    except IntegrityError:
        raise Invalid(Finding("same-name", "The topic has a panel of this name.", "name")) from None


def name_member(opened: OpenedPanel, expert_id: int, *, reason: str = "", actor: Actor, now: datetime) -> PanelMember:
    """Let an expert of the topic's pool sit on the panel.

    Raises Invalid where they are not in the pool or sit already, and where the balance of the panel speaks against
    it, unless an officer gives a ``reason``. The panel must be locked. Source: domain.md 8.4.
    """
    access.may_manage(actor, programme=opened.access.programme).require()
    panel = opened.panel
    expert = next((each for each in queries.candidates(panel) if each.id == expert_id), None)
    if expert is None:
        raise Invalid(Finding("no-such-expert", "Choose somebody from the list.", "expert"))
    *seats, candidate = facts.seats(panel, [*(each.expert for each in panel.members), expert])
    year = facts.year_of(panel.topic)
    against = rules.seat_findings(candidate, seats, facts.limits(panel.topic), year=year)
    if against and not reason.strip():
        raise Invalid(against)
    why = reason.strip() if against else ""
    made = PanelMember(expert=expert, named_at=now, named_by_id=actor.id or 0, reason=why)
    panel.members.append(made)
    db.session.flush()
    told = {"expert": expert.id, "against": [each.code for each in against]}
    record(panel.ref(), "panel.member_named", actor=actor, now=now, reason=why, facts=told)
    for each in meetings.of_panel(panel.id):
        if each.state is MeetingState.PLANNED and each.invited_at is not None:
            mails.invited(each, now=now, only=expert.account)
    return made


def remove_member(opened: OpenedPanel, member_id: int, *, actor: Actor, now: datetime) -> None:
    """Take somebody off the panel. Raises NotFound, and Refused once they took part or handed in a note."""
    access.may_manage(actor, programme=opened.access.programme).require()
    panel = opened.panel
    member = next((each for each in panel.members if each.id == member_id), None)
    if member is None:
        raise NotFound
    handed_in = exists().where(CrossReading.member_id == member.id, CrossReading.state == NoteState.SUBMITTED)
    there = exists().where(Attendance.member_id == member.id)
    left = exists().where(Leaving.member_id == member.id)
    if db.session.scalar(select(handed_in | there | left)):
        message = "This member took part already: the minutes name them."
        raise Refused("took-part", message, status=409)
    db.session.execute(delete(CrossReading).where(CrossReading.member_id == member.id))
    if panel.chair_id == member.expert.account_id:
        panel.chair_id = None
    panel.members.remove(member)
    db.session.flush()
    record(panel.ref(), "panel.member_removed", actor=actor, now=now, facts={"expert": member.expert_id})


def add_proposals(
    opened: OpenedPanel, *, numbers: Sequence[int] = (), consensus: bool = False, actor: Actor, now: datetime
) -> int:
    """Give proposals of the topic to the panel: those with these ``numbers``, else all that are in no panel, or those
    whose ``consensus`` is approved. How many. Raises Invalid where a number does not fit, or there is none.
    """
    access.may_manage(actor, programme=opened.access.programme).require()
    refresh_locked(opened.topic)  # two officers at once give a proposal to one panel
    found = queries.assignable(opened.topic, now=now, consensus=consensus, numbers=numbers)
    if len(found) < len(set(numbers)):
        words = "Some of these numbers are no proposals of the topic under evaluation, or another panel has them."
        raise Invalid(Finding("not-assignable", words, "numbers"))
    if not found:
        raise Invalid(Finding("nothing", "There is no such proposal that is in no panel.", "numbers"))
    panel = opened.panel
    db.session.add_all(PanelProposal(panel_id=panel.id, proposal_id=each, assigned_at=now) for each in found)
    db.session.flush()
    record(panel.ref(), "panel.proposals_added", actor=actor, now=now, facts={"count": len(found)})
    return len(found)


def remove_proposal(opened: OpenedPanel, number: int, *, actor: Actor, now: datetime) -> None:
    """Take a proposal from the panel, and off agendas that are planned.

    Raises NotFound, and Refused once the panel met about it, somebody wrote a note, or a hearing was sent.
    """
    access.may_manage(actor, programme=opened.access.programme).require()
    place = db.session.scalar(
        select(PanelProposal)
        .join(Proposal, Proposal.id == PanelProposal.proposal_id)
        .where(PanelProposal.panel_id == opened.panel.id, Proposal.number == number)
        .with_for_update(of=PanelProposal)
    )
    if place is None:
        raise NotFound
    mine = place.proposal_id
    met = exists().where(
        AgendaItem.proposal_id == mine, AgendaItem.meeting_id == Meeting.id, Meeting.state.in_(SAT)
    )  # fmt: skip
    noted = exists().where(CrossReading.proposal_id == mine)
    heard = exists().where(Hearing.proposal_id == mine, Hearing.state != HearingState.CANCELLED)
    found = exists().where(Outcome.proposal_id == mine)
    if db.session.scalar(select(met | noted | heard | found)):
        raise Refused("under-way", "The panel has begun with this proposal: it stays.", status=409)
    planned = select(Meeting.id).where(
        Meeting.panel_id == opened.panel.id, Meeting.state.in_((MeetingState.PLANNED, MeetingState.CANCELLED))
    )
    db.session.execute(delete(AgendaItem).where(AgendaItem.proposal_id == mine, AgendaItem.meeting_id.in_(planned)))
    db.session.delete(place)
    db.session.flush()
    record(opened.panel.ref(), "panel.proposal_removed", actor=actor, now=now, facts={"proposal": number})
