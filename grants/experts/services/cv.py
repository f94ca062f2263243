"""The CV of an expert: one PDF, replaced or removed by the expert alone. Source: domain.md 8.4."""

from __future__ import annotations

from datetime import datetime

from grants.accounts.queries import actor_now
from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.documents import queries as documents
from grants.documents.models import Document
from grants.experts import access, queries
from grants.experts.models import Expert
from grants.experts.states import PROFILE, ProfileState
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound


def attach_cv(document: Document, *, now: datetime) -> None:
    """An accepted file is the CV from now on, instead of an earlier one; a profile that an officer had compared with
    that one is opened again. Raises Refused for who is no evaluator any more."""
    expert = db.session.get_one(Expert, int(document.owner_key))
    refresh_locked(expert)
    actor = actor_now(document.created_by_id or 0)
    access.may_change_cv(actor, expert_account=expert.account_id).require()
    for earlier in documents.documents_of(expert.papers(), kind=queries.CV):
        if earlier.id != document.id:
            earlier.removed_at = now
    if expert.state in {ProfileState.VALIDATED, ProfileState.RETURNED}:
        PROFILE.go(expert, "change", actor=actor, now=now)
    expert.changed_at = now
    db.session.flush()
    record(expert.ref(), "expert.cv_added", actor=actor, now=now, facts={"sha256": document.sha256})


def remove_cv(expert: Expert, *, actor: Actor, now: datetime) -> None:
    """No CV any more; the file's bytes go with the next sweep. Raises NotFound where there is none, or for others."""
    access.may_change_cv(actor, expert_account=expert.account_id).require()
    refresh_locked(expert)
    document = queries.cv_of(expert)
    if document is None:
        raise NotFound
    document.removed_at = now
    db.session.flush()
    record(expert.ref(), "expert.cv_removed", actor=actor, now=now, facts={"sha256": document.sha256})
