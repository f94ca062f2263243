"""Letters waiting, sent and given up."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text

from grants.db import Base, Instant, Mapped, mapped_column, type_id


class Letter(Base):
    """One message to one person.

    ``key`` makes it unique (``rule:object:due instant:recipient`` for reminders). The state is computed:
    sent, given up, waiting, or being sent (leased).
    """

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name="one_fate"),
        Index("ix_letter_due", "due_at", postgresql_where=text("sent_at IS NULL AND failed_at IS NULL")),  # claim_due
        Index("ix_letter_object", "object_kind", "object_key"),  # letters_about
        Index("ix_letter_account", "account_id", "id"),  # letters_to
    )
    id: Mapped[type_id]
    key: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(60))  # the letter's template
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: no account (yet)
    address: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    object_kind: Mapped[str] = mapped_column(String(40))
    object_key: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[Instant]
    due_at: Mapped[Instant]
    leased_until: Mapped[Instant | None]  # None: never tried
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[Instant | None]  # None: not yet
    failed_at: Mapped[Instant | None]  # None: not given up
    last_error: Mapped[str] = mapped_column(default="", server_default="")
