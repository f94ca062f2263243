"""Reading the trail: events of one object, pages of events, and the check of the whole chain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select

from grants.audit import withheld
from grants.audit.models import AuditEvent, AuditHead
from grants.audit.rules import START, Break, Link, breaks
from grants.db import db
from grants.kernel.links import Ref

_COLUMNS = ("actor_id", "actor_name", "address", "action", "object_kind", "object_key", "reason", "facts")


def events_of(ref: Ref) -> Select[AuditEvent]:
    """The events of one object, newest first."""
    about = (AuditEvent.object_kind == ref.kind, AuditEvent.object_key == ref.key)
    return select(AuditEvent).where(*about).order_by(AuditEvent.number.desc())


def events(*, text: str = "", kind: str = "") -> Select[AuditEvent]:
    """Events that may be shown, narrowed by kind of object and by a text in action, actor or key. Not ordered."""
    rows = select(AuditEvent).where(withheld.shown())
    if kind:
        rows = rows.where(AuditEvent.object_kind == kind)
    if text:
        columns = AuditEvent.action, AuditEvent.actor_name, AuditEvent.object_key
        rows = rows.where(
            columns[0].icontains(text, autoescape=True)
            | columns[1].icontains(text, autoescape=True)
            | (columns[2] == text)
        )
    return rows


def event_with(ref: Ref, action: str, *, name: str, value: int | str) -> AuditEvent | None:
    """The last event of an object's action that has this fact."""
    fact = AuditEvent.facts[name].astext == str(value)
    found = events_of(ref).where(AuditEvent.action == action, fact).order_by(None)
    return db.session.scalar(found.order_by(AuditEvent.number.desc()).limit(1))


def head() -> tuple[int, str]:
    """Number and hash of the last event; 0 and the start value where there is none."""
    row = db.session.scalar(select(AuditHead))
    return (row.number, row.hash) if row else (0, START)


def verify() -> Iterator[Break]:
    """Every break in the stored chain, streamed."""
    expected = head()
    rows = db.session.scalars(select(AuditEvent).order_by(AuditEvent.number).execution_options(yield_per=1000))
    return breaks((_link(row) for row in rows), head=expected)


def _link(row: AuditEvent) -> Link:
    try:
        content: dict[str, Any] = json.loads(row.content)
    except ValueError:
        content = {}
    agree = content.get("at") == row.at.isoformat() and all(content.get(c) == getattr(row, c) for c in _COLUMNS)
    return Link(row.number, row.previous, row.hash, row.content, agree)


def missing_head(known: str) -> list[str]:
    """What is wrong with a head that an auditor kept (``NUMBER:HASH``): nothing, or one line."""
    number, _, digest = known.partition(":")
    if not number.isdigit():
        return [f"head {known!r} is not NUMBER:HASH"]
    stored = db.session.scalar(select(AuditEvent.hash).where(AuditEvent.number == int(number)))
    return [] if stored == digest else [f"event {number} is not the one that was kept: the chain was rewritten"]
