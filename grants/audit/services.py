"""Writing events. ``record`` queues; the rows go in as the last act before commit.

Queueing keeps the chain's lock short (it is held from the insert to the commit) and always last, so that it
cannot deadlock with the locks that services take on what people edit.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.links import Ref
from grants.kernel.states import set_recorder

_QUEUE = "audit_events"


def record(
    ref: Ref, action: str, *, actor: Actor, now: datetime, reason: str = "", facts: dict[str, Any] | None = None
) -> None:
    """Queue one event for the running transaction. ``facts``: what JSON can hold; Decimals and dates as text."""
    content = {
        "at": now.astimezone(UTC).isoformat(),
        "actor_id": actor.id,
        "actor_name": actor.name,
        "address": actor.address,
        "action": action,
        "object_kind": ref.kind,
        "object_key": ref.key,
        "reason": reason,
        "facts": _plain(facts or {}),
    }
    row = {**content, "at": now, "content": rfc8785.dumps(content).decode(), "number": 0, "previous": "", "hash": ""}
    db.session.info.setdefault(_QUEUE, []).append(row)


def _plain(value: Any) -> Any:
    """``value`` in types that canonical JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    """Insert what was queued; the database numbers and chains each row."""
    rows = session.info.pop(_QUEUE, None)
    if rows:
        session.execute(insert(AuditEvent), rows)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    """What was undone leaves no event."""
    session.info.pop(_QUEUE, None)


set_recorder(record)
