"""Reading rows about files."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from grants.db import db
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.kernel.links import Ref


def document(public_id: UUID) -> Document | None:
    """One document."""
    return db.session.scalar(select(Document).where(Document.public_id == public_id))


def documents_of(owner: Ref, *, kind: str | None = None) -> Sequence[Document]:
    """Accepted documents of an owner that are still listed, in the order of their making."""
    rows = select(Document).where(
        Document.owner_kind == owner.kind,
        Document.owner_key == owner.key,
        Document.state == DocumentState.ACCEPTED,
        Document.removed_at.is_(None),
    )
    if kind:
        rows = rows.where(Document.kind == kind)
    return db.session.scalars(rows.order_by(Document.id)).all()


def waiting_keys(incoming_keys: Sequence[str]) -> set[str]:
    """Those of the keys whose document still waits for its file or its check."""
    waiting = (DocumentState.EXPECTED, DocumentState.CHECKING)
    rows = select(Document.incoming_key).where(Document.incoming_key.in_(incoming_keys), Document.state.in_(waiting))
    return set(db.session.scalars(rows))
