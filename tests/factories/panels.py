"""Panels, meetings, hearings and observers for tests, made through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.panels.models import Hearing, Meeting, Observer, Outcome, Panel
from grants.panels.queries import meetings as meeting_queries
from grants.panels.queries import panels as panel_queries
from grants.panels.queries import proposals as item_queries
from grants.panels.queries.meetings import OpenedMeeting
from grants.panels.queries.panels import OpenedPanel
from grants.panels.queries.proposals import OpenedItem
from grants.panels.services import agendas, hearings, meetings, observing, outcomes, panels
from grants.panels.services.hearings import Wanted
from grants.panels.states import HearingKind
from grants.proposals.models import Proposal
from tests.factories.evaluation import LATER
from tests.factories.people import person

#: When the panels of these tests sit.
SITS = LATER + timedelta(days=10)


def panel_of(
    topic: Topic, members: Sequence[Expert], proposals: Sequence[Proposal], *, manager: Actor, name: str = "PE1",
    chair: int | None = None, now: datetime = LATER,
) -> Panel:  # fmt: skip
    """A panel with members, proposals and a chair."""
    made = panels.make_panel(topic, name=name, remote=True, place="https://meet.example.org", actor=manager, now=now)
    for each in members:
        panels.name_member(opened_panel(made, manager), each.id, actor=manager, now=now)
    if proposals:
        panels.add_proposals(
            opened_panel(made, manager), numbers=[each.number for each in proposals], actor=manager, now=now
        )
    if chair is not None:
        panels.change_panel(
            opened_panel(made, manager), name=name, remote=True, place=made.place, chair_id=chair, seen=made.version,
            actor=manager, now=now,
        )  # fmt: skip
    return made


def opened_panel(panel: Panel, actor: Actor) -> OpenedPanel:
    """The panel as this person opens it, locked."""
    return panel_queries.opened(actor, panel.id, locked=True)


def opened_meeting(meeting: Meeting, actor: Actor) -> OpenedMeeting:
    """The meeting as this person opens it, locked."""
    return meeting_queries.opened(actor, meeting.id, locked=True)


def opened_item(panel: Panel, proposal: Proposal, actor: Actor, *, now: datetime = SITS) -> OpenedItem:
    """The proposal before its panel as this person opens it, locked."""
    return item_queries.opened(actor, panel.id, proposal.number, now=now, locked=True)


def planned(panel: Panel, *, manager: Actor, invited: bool = True, now: datetime = LATER) -> Meeting:
    """A meeting with all proposals of the panel on its agenda."""
    made = meetings.plan_meeting(opened_panel(panel, manager), starts_at=SITS, actor=manager, now=now)
    agendas.add_items(opened_meeting(made, manager), minutes=20, actor=manager, now=now)
    if invited:
        meetings.invite(opened_meeting(made, manager), actor=manager, now=now)
    return made


def sits(panel: Panel, *, manager: Actor, now: datetime = SITS) -> Meeting:
    """A meeting that is open."""
    made = planned(panel, manager=manager)
    meetings.open_meeting(opened_meeting(made, manager), actor=manager, now=now)
    return made


def closed(meeting: Meeting, *, manager: Actor, now: datetime = SITS) -> None:
    """Everybody was there; the meeting is over."""
    opened = opened_meeting(meeting, manager)
    said = {each.id: (True, "") for each in opened.panel.members}
    meetings.note_attendance(opened, said, note="", actor=manager, now=now)
    meetings.close_meeting(opened_meeting(meeting, manager), actor=manager, now=now)


def changed(
    panel: Panel, proposal: Proposal, scores: dict[str, str], *, actor: Actor, now: datetime = SITS
) -> Outcome:
    """New scores that are recorded and wait for a second officer."""
    typed = {code: (score, "As all others of this kind.") for code, score in scores.items()}
    opened = opened_item(panel, proposal, actor, now=now)
    return outcomes.record_outcome(opened, typed, change=True, remark="", actor=actor, now=now)


def asked(
    panel: Panel, proposal: Proposal, *, manager: Actor, questions: Sequence[str] = ("Who leads package 2?",),
    starts_at: datetime | None = None, now: datetime = SITS,
) -> Hearing:  # fmt: skip
    """A hearing that is sent: in writing, or an interview where it has a beginning."""
    kind = HearingKind.WRITING if starts_at is None else HearingKind.INTERVIEW
    wanted = Wanted(
        kind=kind, questions=questions, answer_by=now + timedelta(days=5), starts_at=starts_at,
        minutes=30 if starts_at else None, place="Room 2" if starts_at else "",
    )  # fmt: skip
    return hearings.send_hearing(
        opened_item(panel, proposal, manager, now=now), wanted, seen=0, actor=manager, now=now
    )


def observer_of(topic: Topic, *, manager: Actor, account: Account | None = None, now: datetime = LATER) -> Observer:
    """Somebody who observes the topic and has not signed yet."""
    who = account or person()
    return observing.name_observer(topic, who.email, actor=manager, now=now)
