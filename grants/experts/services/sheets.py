"""Tables of experts: asked for, sent in, taken over when somebody has looked at what they would change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from grants.db import db, refresh_locked
from grants.documents.models import Document
from grants.experts import access
from grants.experts.models import ExpertSheet
from grants.experts.states import EXPERT_SHEET, SheetKind, SheetState
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound, Refused
from grants.queue import AWAITED, defer


def ask_for_export(wanted: dict[str, Any], *, as_csv: bool, actor: Actor, now: datetime) -> ExpertSheet:
    """Have the worker write the registry as it is filtered. ``wanted``: see ``queries.Wanted``. Raises Refused."""
    access.may_see_registry(actor).require()
    if actor.id is None:
        raise NotFound
    sheet = ExpertSheet(
        kind=SheetKind.EXPORT,
        state=SheetState.WAITING,
        as_csv=as_csv,
        wanted=wanted,
        asked_by_id=actor.id,
        asked_at=now,
    )
    return _queued(sheet, "export_experts")


def sheet_received(document: Document, *, now: datetime) -> None:
    """A table passed the checks of files: the worker reads it and says what it would change."""
    if document.created_by_id is None:
        raise Refused("no-sender", "Nobody sent this file, so it is not read.")
    sheet = ExpertSheet(
        kind=SheetKind.IMPORT, state=SheetState.WAITING, as_csv=document.name.lower().endswith(".csv"), wanted={},
        asked_by_id=document.created_by_id, asked_at=now, document_id=document.id,
    )  # fmt: skip
    _queued(sheet, "read_experts")


def take_over_sheet(sheet: ExpertSheet, *, actor: Actor, now: datetime) -> None:
    """Take over what was looked at; the worker does it. Raises Refused for others, or where it is not ready."""
    access.may_import(actor).require()
    refresh_locked(sheet)
    EXPERT_SHEET.go(sheet, "take_over", actor=actor, now=now)
    db.session.flush()
    defer("import_experts", lock="experts", priority=AWAITED, sheet_id=sheet.id)


def _queued(sheet: ExpertSheet, task: str) -> ExpertSheet:
    db.session.add(sheet)
    db.session.flush()
    defer(task, priority=AWAITED, sheet_id=sheet.id)
    return sheet
