"""Changing who sees what when: the whole table of a topic at once."""

from __future__ import annotations

from datetime import datetime

from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db, refresh_locked
from grants.evaluation import access
from grants.evaluation.visibility import Table, stored_of, table_findings
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused


def set_visibility(topic: Topic, table: Table, *, seen: int, actor: Actor, now: datetime) -> None:
    """Keep the table; it counts from the next look on. Flushes.

    Raises NotFound for strangers, Invalid for phases out of order, Refused (``stale``) where somebody changed the
    table since version ``seen``.
    """
    access.may_manage(actor, programme=topic.call.programme.code).require()
    if found := table_findings(table):
        raise Invalid(found)
    refresh_locked(topic)
    if topic.visibility_version != seen:
        raise Refused("stale", "Somebody changed this table meanwhile. Load the page again.", status=409)
    before, after = topic.visibility, stored_of(table)
    topic.visibility, topic.visibility_version = after, seen + 1
    record(topic.ref(), "evaluation.visibility", actor=actor, now=now, facts={"before": before, "after": after})
    db.session.flush()
