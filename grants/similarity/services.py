"""Asking for comparisons, and what an officer notes about a pair."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.queue import defer
from grants.similarity import queries
from grants.similarity.models import SimilarPair

#: One comparison at a time: two at once would not see each other's texts.
LOCK = "similarity"
_WAITS = text("SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND lock = :lock)")


def ask_for_comparisons(*, now: datetime) -> dict[str, int]:
    """Let the worker compare what came in, once its deadline has passed. Repeating is harmless."""
    if not queries.waits_for_comparison(now=now) or db.session.scalar(_WAITS, {"lock": LOCK}):
        return {"queued": 0}
    defer("compare_texts", lock=LOCK)
    return {"queued": 1}


def look_at(pair: SimilarPair, *, note: str, actor: Actor, now: datetime) -> None:
    """Write down that somebody looked at a pair, and what they found; again where they find more. Raises Invalid."""
    note = note.strip()
    if not note:
        raise Invalid(Finding("no-note", "Write what you found, also where it is nothing.", place="note"))
    refresh_locked(pair)
    pair.looked_at, pair.looked_by_id, pair.note = now, actor.id, note
    numbers = [each.proposal.number for each in (pair.first, pair.second)]
    facts = {"proposals": numbers, "kind": pair.kind, "share": pair.share, "note": note}
    record(pair.ref(), "similarity.looked_at", actor=actor, now=now, facts=facts)
    db.session.flush()
