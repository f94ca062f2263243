"""Documents for tests: accepted, with or without bytes in the store."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from grants.accounts.models import Account
from grants.calls import facts, queries
from grants.calls.facts import PAPER
from grants.calls.models import Call, CallVersion
from grants.calls.services import attach_document
from grants.calls.states import CallState
from grants.db import db
from grants.documents.models import Document
from grants.documents.states import DocumentState
from tests.conftest import NOW
from uploads.intake import keep


def published_once(call: Call) -> None:
    """The version that every published call has; the factory of topics makes none."""
    if call.state is CallState.PUBLISHED and not queries.versions_of(call.id):
        db.session.add(
            CallVersion(
                call_id=call.id, number=1, published_at=NOW, reason="First publication", content=facts.content(call),
                changes=[],
            )
        )  # fmt: skip
        db.session.flush()


def paper_of(
    call: Call, manager: Account, *, name: str = "Guide.pdf", content: bytes = b"", store: Any = None
) -> Document:
    """An accepted document of a call, added by its manager."""
    published_once(call)
    digest = uuid4().hex * 2
    key = keep(store.storage, content, "application/pdf") if store else f"objects/{digest[:2]}/{digest}"
    made = Document(
        public_id=uuid4(), owner_kind="call", owner_key=call.papers().key, kind=PAPER, name=name,
        state=DocumentState.ACCEPTED, media_type="application/pdf", size=len(content) or 10,
        sha256=key.rpartition("/")[2], pages=2, findings=[], created_by_id=manager.id,
        incoming_key="incoming/" + uuid4().hex, object_key=key, created_at=NOW, accepted_at=NOW,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    attach_document(made, now=NOW)
    return made
