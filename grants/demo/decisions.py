"""Ranked lists, decisions and letters of the demo, and the grants that come out of them, as steps in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from grants.db import db
from grants.demo.loaded import Loaded, Step, read_anew
from grants.demo.plan import topic_key
from grants.demo.texts import DemoCall, DemoTopic, Stage
from grants.kernel.actor import Actor
from grants.projects import services as projects
from grants.ranking import queries
from grants.ranking import services as ranking
from grants.ranking.models import Ranking

_DAY = timedelta(days=1)
#: After the deadline: the list, its decision by the committee, the letters, the preparation of grants.
COMPUTED, DECIDED, INFORMED, PREPARED = 36 * _DAY, 47 * _DAY, 56 * _DAY, 63 * _DAY
CONFIRMED = timedelta(hours=20)


def steps(loaded: Loaded) -> Iterator[Step]:
    """Everything from the ranked list to grants in preparation, for the calls that are decided."""
    for call in loaded.plan.calls:
        if call.stage in {Stage.DECIDED, Stage.RUNNING}:
            for topic in call.topics:
                yield from _topic(loaded, call, topic)


def _topic(loaded: Loaded, call: DemoCall, topic: DemoTopic) -> Iterator[Step]:
    key, manager = topic_key(call, topic), loaded.manager(call.programme)
    if not any(each.topic == key for each in loaded.plan.proposals):
        return
    end = loaded.deadline(key)
    yield end + COMPUTED, lambda: _compute(loaded, key, manager)
    yield end + DECIDED, lambda: _decide(loaded, key, manager)
    yield end + INFORMED, lambda: _inform(loaded, key, manager)
    yield end + PREPARED, lambda: _prepare(loaded, key, manager)


def _compute(loaded: Loaded, key: str, manager: Actor) -> None:
    read_anew()
    ranking.compute_ranking(loaded.topic(key), actor=manager, now=loaded.deadline(key) + COMPUTED)


def _decide(loaded: Loaded, key: str, manager: Actor) -> None:
    found = _ranking(loaded, key)
    at = loaded.deadline(key) + DECIDED
    ranking.prepare_decision(found, seen=found.version, actor=manager, now=at)
    (programme,) = manager.programmes
    second = loaded.manager(programme, second=True)
    ranking.confirm_decision(found, seen=found.version, actor=second, now=at + CONFIRMED)


def _inform(loaded: Loaded, key: str, manager: Actor) -> None:
    found = _ranking(loaded, key)
    count = len(queries.all_placements(found.id))
    ranking.send_letters(found, count=count, actor=manager, now=loaded.deadline(key) + INFORMED)


def _prepare(loaded: Loaded, key: str, manager: Actor) -> None:
    read_anew()
    made = projects.prepare_grants(loaded.topic(key), actor=manager, now=loaded.deadline(key) + PREPARED)
    loaded.projects |= {each.number for each in made}


def _ranking(loaded: Loaded, key: str) -> Ranking:
    read_anew()
    return db.session.scalars(select(Ranking).where(Ranking.topic_id == loaded.topics[key])).one()
