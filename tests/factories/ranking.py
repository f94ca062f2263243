"""Decisions on ranked lists for tests, made through the services."""

from __future__ import annotations

from datetime import datetime

from grants.kernel.actor import Actor, Role
from grants.ranking import services
from grants.ranking.models import Ranking
from tests.factories.people import actor_of, person


def second_manager(ranking: Ranking) -> Actor:
    """Another manager of the programme."""
    code = ranking.topic.call.programme.code
    return actor_of(person("", Role.MANAGER, programme=code), Role.MANAGER, programme=code)


def decided(ranking: Ranking, *, manager: Actor, now: datetime) -> Ranking:
    """Prepared by this manager, confirmed by another."""
    services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=now)
    services.confirm_decision(ranking, seen=ranking.version, actor=second_manager(ranking), now=now)
    return ranking
