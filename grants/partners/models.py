"""Entries of the partner search, letters about them, reports, and a programme's limits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, Uuid
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import Base, Instant, Mapped, mapped_column, type_id
from grants.kernel.links import Ref
from grants.organisations.models import Organisation
from grants.partners.states import EntryKind, EntryState


class PartnerEntry(Base):
    """An offer or a request on a topic, by a person for themselves or for an organisation.

    ``folded`` holds title, text and keywords in Latin letters, for finding in any script.
    """

    __tablename__ = "partner_entry"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_is_alpha2"),
        CheckConstraint("(state = 'hidden') = (hidden_because <> '')", name="hidden_with_a_reason"),
        Index("ix_partner_entry_search", "search", postgresql_using="gin"),  # public
        Index("ix_partner_entry_topic", "topic_id", "id"),  # public
        Index("ix_partner_entry_author", "author_id", "published_at"),  # own, published_since
        Index("ix_partner_entry_organisation", "organisation_id"),  # own, holdings
    )
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    kind: Mapped[EntryKind]
    state: Mapped[EntryState] = mapped_column(default=EntryState.PUBLISHED)
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # None: for oneself
    country: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str]
    keywords: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=sql_text("'{}'"))
    hidden_because: Mapped[str] = mapped_column(default="", server_default="")
    published_at: Mapped[Instant]
    folded: Mapped[str] = mapped_column(deferred=True)
    search: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', folded)", persisted=True), deferred=True
    )
    topic: Mapped[Topic] = relationship()
    author: Mapped[Account] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("partner_entry", str(self.id))

    @property
    def by(self) -> str:
        """Who stands behind it, in words."""
        return self.organisation.legal_name if self.organisation else self.author.name


class PartnerConversation(Base):
    """What one person and the author of one entry write to each other; addresses are no part of it."""

    __tablename__ = "partner_conversation"
    __table_args__ = (
        UniqueConstraint("entry_id", "asker_id", name="uq_partner_conversation_once"),
        Index("ix_partner_conversation_asker", "asker_id"),  # conversations_of
    )
    id: Mapped[type_id]
    public_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("partner_entry.id"))
    asker_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    begun_at: Mapped[Instant]
    entry: Mapped[PartnerEntry] = relationship()
    asker: Mapped[Account] = relationship()
    letters: Mapped[list[PartnerLetter]] = relationship(order_by="PartnerLetter.id", back_populates="conversation")


class PartnerLetter(Base):
    """One letter of a conversation. ``shares_address``: its author offers their address to the other."""

    __tablename__ = "partner_letter"
    __table_args__ = (
        Index("ix_partner_letter_conversation", "conversation_id", "id"),
        Index("ix_partner_letter_author", "author_id", "sent_at"),  # letters_since
    )
    id: Mapped[type_id]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("partner_conversation.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str]
    shares_address: Mapped[bool] = mapped_column(default=False, server_default="false")
    sent_at: Mapped[Instant]
    author: Mapped[Account] = relationship()
    conversation: Mapped[PartnerConversation] = relationship(back_populates="letters")


class PartnerReport(Base):
    """Somebody thinks that an entry should not be public."""

    __tablename__ = "partner_report"
    __table_args__ = (
        UniqueConstraint("entry_id", "account_id", name="uq_partner_report_once"),
        Index("ix_partner_report_account", "account_id", "at"),  # reports_since
    )
    id: Mapped[type_id]
    entry_id: Mapped[int] = mapped_column(ForeignKey("partner_entry.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    at: Mapped[Instant]


class PartnerLimits(Base):
    """A programme's own limits for one person and day; without a row the usual ones hold (``rules.Limits``)."""

    __tablename__ = "partner_limits"
    __table_args__ = (CheckConstraint("entries >= 0 AND letters >= 0 AND reports >= 0", name="limits_not_negative"),)
    id: Mapped[type_id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), unique=True)
    entries: Mapped[int]
    letters: Mapped[int]
    reports: Mapped[int]
