"""Organisations and their representatives."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Sequence, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR

from grants.db import Base, Instant, Mapped, mapped_column, type_id
from grants.kernel.links import Ref
from grants.organisations.rules import FIRST_OWN_PIC
from grants.organisations.states import OrganisationKind

pic_sequence = Sequence("organisation_pic", start=FIRST_OWN_PIC, metadata=Base.metadata)


class Organisation(Base):
    """A legal entity. ``pic``: 9 digits; ours are assigned from 7…, imported ones kept (domain.md 5).

    ``country`` is ISO 3166-1 alpha-2 (GR and GB, not EL and UK).
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("pic ~ '^[0-9]{9}$'", name="pic_has_nine_digits"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_is_alpha2"),
        Index("ix_organisation_search", "search", postgresql_using="gin"),  # find
    )
    id: Mapped[type_id]
    pic: Mapped[str] = mapped_column(String(9), unique=True)
    legal_name: Mapped[str] = mapped_column(String(300))
    short_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    country: Mapped[str] = mapped_column(String(2))
    city: Mapped[str] = mapped_column(String(120), default="", server_default="")
    website: Mapped[str] = mapped_column(String(300), default="", server_default="")
    kind: Mapped[OrganisationKind]
    sme: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[Instant]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: imported
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("to_tsvector('simple', legal_name || ' ' || short_name || ' ' || pic)", persisted=True),
        deferred=True,
    )

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("organisation", self.pic)


class Representative(Base):
    """A person who acts for an organisation."""

    __tablename__ = "representative"
    __table_args__ = (UniqueConstraint("organisation_id", "account_id", name="uq_representative_once"),)
    id: Mapped[type_id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    since: Mapped[Instant]
