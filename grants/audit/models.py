"""Audit events and the head of their chain. The database numbers and chains them (see the first migration)."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Index, String

from grants.db import Base, Instant, Json, Mapped, mapped_column


class AuditEvent(Base):
    """One thing that happened. Rows are never changed or removed; triggers refuse both.

    ``content`` is the canonical JSON (RFC 8785) of all other facts and the only thing that the hash covers
    beside number and predecessor; the columns repeat parts of it for reading and are compared on verifying.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("length(hash) = 64 AND length(previous) = 64", name="hashes_are_sha256"),
        Index("ix_audit_event_object", "object_kind", "object_key", "number"),  # events_of
        Index("ix_audit_event_actor", "actor_id", "number"),  # events_page by person
    )
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    actor_id: Mapped[int | None]  # None: a visitor, a job or a command
    actor_name: Mapped[str]
    address: Mapped[str | None]  # None: not by the network
    action: Mapped[str] = mapped_column(String(80))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_key: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str]
    facts: Mapped[Json]
    content: Mapped[str]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The one row that names the last event: makes a cut tail visible and lets one writer chain at a time."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
