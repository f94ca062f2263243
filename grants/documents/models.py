"""Rows about files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from grants.db import Base, Instant, Json, Mapped, mapped_column, type_id
from grants.documents.states import DocumentState
from grants.kernel.links import Ref


class Document(Base):
    """One uploaded file of one owner (``owner_kind`` and ``owner_key``, as in a Ref).

    ``name`` is only shown; the object lies under its hash. ``findings``: why it was refused.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("(state = 'accepted') = (object_key IS NOT NULL)", name="accepted_has_an_object"),
        Index("ix_document_owner", "owner_kind", "owner_key", "kind"),  # documents_of
        Index(
            "ix_document_waiting", "created_at", postgresql_where=text("state IN ('expected', 'checking')")
        ),  # sweep
        Index("ix_document_object_key", "object_key"),  # in_use
    )
    id: Mapped[type_id]
    public_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    owner_kind: Mapped[str] = mapped_column(String(40))
    owner_key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    part: Mapped[str] = mapped_column(String(40), default="", server_default="")  # which of several it answers
    name: Mapped[str] = mapped_column(String(255))
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.EXPECTED)
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes: promised first, then counted
    sha256: Mapped[str | None] = mapped_column(String(64))  # None: not checked yet
    pages: Mapped[int | None]  # None: not a PDF, or not checked yet
    measures: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True)
    )  # of its first pages, see uploads.inspection.layout; None: not measured
    findings: Mapped[Json] = mapped_column(default=list)
    incoming_key: Mapped[str] = mapped_column(String(200))
    multipart_id: Mapped[str | None]  # None: one single PUT
    object_key: Mapped[str | None] = mapped_column(String(200))  # None: not accepted
    created_at: Mapped[Instant]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: made by the system
    accepted_at: Mapped[Instant | None]  # None: not accepted
    removed_at: Mapped[Instant | None]  # None: still listed with its owner

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("document", str(self.public_id))
