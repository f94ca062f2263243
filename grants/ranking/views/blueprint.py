"""One blueprint for all pages of ranked lists, and what their addresses ask for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.kernel.numbers import whole
from grants.ranking import facts, queries, rules
from grants.ranking.models import Ranking
from grants.web import guards

bp = Blueprint("ranking", __name__)
STAFF = (Role.MANAGER, Role.AUDITOR)
CHANGED = "The list changed since you opened it. Look at it as it is now, then go on."


@bp.url_defaults
def _same_batch(_endpoint: str, values: dict[str, Any]) -> None:
    """Whoever works on a batch stays in it: the links and forms of its pages carry its number."""
    if request and "batch" in request.args and "identifier" in values:
        values.setdefault("batch", request.args["batch"])


def topic_of(actor: Actor, identifier: str) -> tuple[Topic, Ranking | None]:
    """The topic with the list that the address asks for: that of the topic, or of one batch."""
    topic = calls.topic_for_work(actor, identifier)
    _, batch = batches_of(topic)
    return topic, queries.seen_ranking(actor, topic, batch.cut_off if batch else None)


def batches_of(topic: Topic) -> tuple[list[rules.Batch], rules.Batch | None]:
    """All batches of a topic with cut-offs, and the one that the address asks for. Raises NotFound."""
    found = facts.batches_of(topic, now=guards.received_at())
    if not found:
        return [], None
    wanted = request.args.get("batch")
    try:
        return found, rules.chosen(found, whole(wanted) if wanted else None)
    except LookupError as problem:
        raise NotFound from problem


def ranked_of(actor: Actor, identifier: str) -> tuple[Topic, Ranking]:
    topic, ranking = topic_of(actor, identifier)
    if ranking is None:
        raise NotFound
    return topic, ranking


def list_url(identifier: str) -> str:
    return url_for(".ranked", identifier=identifier)
