"""Panel review in the demo: a panel for each topic under evaluation, invited to a meeting that is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from grants.db import db
from grants.demo.loaded import Loaded, Step, at, read_anew
from grants.demo.people import SIGN_INS
from grants.demo.plan import topic_key
from grants.demo.texts import Stage
from grants.evaluation.models import Consensus
from grants.evaluation.states import ConsensusState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.panels.models import Panel, PanelProposal
from grants.panels.queries import meetings as meetings_read
from grants.panels.queries import panels as panels_read
from grants.panels.queries import proposals as proposals_read
from grants.panels.services import agendas, hearings, meetings, observing, panels, reading
from grants.panels.services.hearings import Wanted
from grants.panels.states import HearingKind
from grants.proposals.models import Proposal

_HOUR = timedelta(hours=1)
_MEMBERS = 5
_QUESTIONS = (
    "The proposal names two ways to reach people who use the service. Which of them carries the work plan?",
    "Who of the consortium does the tasks of the work package on testing, and with how many person-months?",
)
_SIGNS_IN = frozenset(each.email for each in SIGN_INS)


def steps(loaded: Loaded) -> Iterator[Step]:
    """A panel with a cross-reader and a hearing for each of these topics; somebody observes the first."""
    used = {each.topic for each in loaded.plan.proposals}
    first = True
    for call in loaded.plan.calls:
        for key in (topic_key(call, topic) for topic in call.topics if call.stage is Stage.EVALUATION):
            if key in used:
                yield from _topic(loaded, key, loaded.manager(call.programme), observed=first)
                first = False


def _topic(loaded: Loaded, key: str, manager: Actor, *, observed: bool) -> Iterator[Step]:
    made, asked = loaded.now - 20 * _HOUR, loaded.now - 16 * _HOUR
    yield made, lambda: _panel(loaded, key, manager, now=made)
    yield asked, lambda: _work(loaded, key, manager, now=asked)
    if observed:
        yield asked, lambda: _observer(loaded, key, manager, now=asked)


def _has_agreed(topic_id: int) -> bool:
    """Whether a consensus of the topic is approved."""
    approved = (Proposal.topic_id == topic_id, Consensus.state == ConsensusState.APPROVED)
    return db.session.scalar(select(Consensus.id).join(Consensus.proposal).where(*approved).limit(1)) is not None


def _panel(loaded: Loaded, key: str, manager: Actor, *, now: datetime) -> None:
    read_anew()
    topic = loaded.topic(key)
    made = panels.make_panel(
        topic, name="Crime and society", remote=True, place="https://meet.example.org/crime", actor=manager, now=now
    )
    known = sorted(panels_read.candidates(made), key=lambda each: each.account.email not in _SIGNS_IN)
    reason = "There is nobody else who knows the field."
    for each in known[:_MEMBERS]:
        opened = panels_read.managed(manager, made.id)
        panels.name_member(opened, each.id, reason=reason, actor=manager, now=now)
    opened = panels_read.managed(manager, made.id)
    panels.change_panel(
        opened, name=made.name, remote=True, place=made.place, chair_id=known[0].account_id, seen=made.version,
        actor=manager, now=now,
    )  # fmt: skip
    panels.add_proposals(opened, consensus=_has_agreed(topic.id), actor=manager, now=now)
    meeting = meetings.plan_meeting(opened, starts_at=at(loaded.now, 9, 10), actor=manager, now=now)
    agenda = meetings_read.managed(manager, meeting.id)
    agendas.add_items(agenda, minutes=25, actor=manager, now=now)
    agendas.add_break(agenda, title="Lunch", minutes=45, actor=manager, now=now)
    meetings.invite(agenda, actor=manager, now=now)


def _work(loaded: Loaded, key: str, manager: Actor, *, now: datetime) -> None:
    """Somebody cross-reads the first proposal, and its applicants are asked."""
    read_anew()
    panel_id, number = db.session.execute(
        select(Panel.id, Proposal.number)
        .join(PanelProposal, PanelProposal.panel_id == Panel.id)
        .join(Proposal, Proposal.id == PanelProposal.proposal_id)
        .where(Panel.topic_id == loaded.topics[key])
        .order_by(Proposal.number)
        .limit(1)
    ).one()
    opened = panels_read.managed(manager, panel_id)
    item = proposals_read.opened(manager, panel_id, number, now=now)
    for each in opened.panel.members:
        try:
            reading.name_reader(opened, item, each.id, actor=manager, now=now)
        except Invalid:  # evaluated it, or has a conflict: the next one
            continue
        break
    wanted = Wanted(HearingKind.WRITING, _QUESTIONS, answer_by=at(loaded.now, 6, 17))
    hearings.send_hearing(item, wanted, seen=0, actor=manager, now=now)


def _observer(loaded: Loaded, key: str, manager: Actor, *, now: datetime) -> None:
    read_anew()
    observing.name_observer(loaded.topic(key), "claire@demo.example", actor=manager, now=now)
