"""One request for a review in the demo: sent by a main contact after the letters, admitted by two managers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from grants.db import db
from grants.demo.decisions import INFORMED
from grants.demo.loaded import Loaded, Step, read_anew
from grants.demo.plan import topic_key
from grants.demo.texts import Stage
from grants.kernel.actor import Actor
from grants.proposals.models import Proposal
from grants.proposals.queries import main_contacts
from grants.proposals.states import MemberRole
from grants.ranking.models import Placement
from grants.ranking.queries import result_of
from grants.ranking.services import note_opened
from grants.ranking.states import Decision
from grants.redress import queries, services
from grants.redress.models import Request
from grants.redress.states import Says

_DAY = timedelta(days=1)
SENT, PROPOSED, ADMITTED = INFORMED + 2 * _DAY, INFORMED + 4 * _DAY, INFORMED + 5 * _DAY
_TEXT = (
    "The notes of the consensus meeting say that one expert left before the second criterion was discussed. The call "
    "says that all experts of a proposal take part in the whole discussion. We ask to look at how this criterion was "
    "agreed on."
)
_REASON = "The request came in time, and it is about a step of the procedure, not about the judgement of the experts."


def steps(loaded: Loaded) -> Iterator[Step]:
    """One request, on the first topic that is decided and did not fund everybody."""
    used = {each.topic for each in loaded.plan.proposals}
    for call in loaded.plan.calls:
        for key in (topic_key(call, topic) for topic in call.topics if call.stage is Stage.DECIDED):
            if key in used:
                yield from _topic(loaded, key, call.programme)


def _topic(loaded: Loaded, key: str, programme: str) -> Iterator[Step]:
    end = loaded.deadline(key)
    first, second = loaded.manager(programme), loaded.manager(programme, second=True)
    yield end + SENT, lambda: _send(loaded, key)
    yield end + PROPOSED, lambda: _propose(loaded, key, first)
    yield end + ADMITTED, lambda: _confirm(loaded, key, second)


def _send(loaded: Loaded, key: str) -> None:
    """By the main contact of the best one that is not on the main list, unless somebody asked already."""
    read_anew()
    now = loaded.deadline(key) + SENT
    proposal = db.session.scalars(
        select(Proposal)
        .join(Placement, Placement.proposal_id == Proposal.id)
        .where(Proposal.topic_id == loaded.topics[key], Placement.decision != Decision.MAIN)
        .order_by(Placement.place)
        .limit(1)
    ).one_or_none()
    if proposal is None or db.session.scalar(select(Request.id).limit(1)) is not None:
        return
    contact = main_contacts([proposal.id])[proposal.id]
    actor = Actor(id=contact.id, name=contact.name, email=contact.email)
    opened = loaded.deadline(key) + INFORMED + _DAY
    note_opened(result_of(proposal), member=MemberRole.MAIN_CONTACT, actor=actor, now=opened)
    criterion = proposal.topic.criteria[1].code
    services.send_request(
        queries.own(actor, proposal.number, now=now),
        {"subject": "criterion", "criterion": criterion, "text": _TEXT}, seen=0, actor=actor, now=now,
    )  # fmt: skip


def _asked(loaded: Loaded, key: str) -> int | None:
    """The number of the topic's proposal of which a review is asked for."""
    read_anew()
    return db.session.scalar(
        select(Proposal.number)
        .join(Request, Request.proposal_id == Proposal.id)
        .where(Proposal.topic_id == loaded.topics[key])
    )


def _propose(loaded: Loaded, key: str, manager: Actor) -> None:
    if number := _asked(loaded, key):
        opened, now = queries.opened(manager, number, locked=True), loaded.deadline(key) + PROPOSED
        services.propose_ruling(opened, Says.ADMISSIBLE, criteria=(), reason=_REASON, actor=manager, now=now)


def _confirm(loaded: Loaded, key: str, manager: Actor) -> None:
    if number := _asked(loaded, key):
        opened = queries.opened(manager, number, locked=True)
        services.confirm_ruling(opened, actor=manager, now=loaded.deadline(key) + ADMITTED)
