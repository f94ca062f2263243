"""Asking for the comparison of the registry with the proposals that a topic received; the worker computes it."""

from __future__ import annotations

from datetime import datetime

from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db, refresh_locked
from grants.experts import access
from grants.experts.models import Comparison
from grants.kernel.actor import Actor
from grants.kernel.errors import Refused
from grants.queue import AWAITED, defer


def ask_for_likeness(topic: Topic, *, actor: Actor, now: datetime) -> None:
    """Compare anew; once more where experts or proposals have changed. Asking twice at a time is harmless.

    Raises Refused for others than the programme's managers, and before the first deadline: until then nobody but
    the applicants knows what will be sent.
    """
    access.may_invite(actor, programme=topic.call.programme.code).require()
    if now < topic.first_deadline:
        raise Refused("not-closed", "Proposals are compared after the deadline.", status=409)
    refresh_locked(topic)
    asked = db.session.get(Comparison, topic.id)
    if asked is None:
        asked = Comparison(topic_id=topic.id, asked_at=now, asked_by_id=actor.id or 0)
        db.session.add(asked)
    asked.asked_at, asked.asked_by_id, asked.done_at = now, actor.id or 0, None
    db.session.flush()
    record(topic.ref(), "topic.experts_compared", actor=actor, now=now)
    defer("compare_experts", lock=f"compare_experts:{topic.id}", priority=AWAITED, topic_id=topic.id)
