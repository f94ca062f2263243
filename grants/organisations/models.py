"""Organisations, the people who act for them, who controls them, their bank accounts and likely duplicates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, String, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import relationship

from grants.db import Base, Instant, Mapped, Score, mapped_column, type_id
from grants.kernel.links import Ref
from grants.organisations.rules import FIRST_OWN_PIC, Entry, fold, trigrams
from grants.organisations.states import OrganisationKind, PairState, ValidationState

pic_sequence = Sequence("organisation_pic", start=FIRST_OWN_PIC, metadata=Base.metadata)


def _text(length: int) -> Any:
    return mapped_column(String(length), default="", server_default="")


def _flag() -> Any:
    return mapped_column(default=False, server_default="false")


class Organisation(Base):
    """A legal entity. ``pic``: 9 digits; ours are assigned from 7…, imported ones kept (domain.md 5).

    ``country`` is ISO 3166-1 alpha-2 (GR and GB, not EL and UK). ``state`` is its validation. ``legal_name`` is in
    Latin letters where the organisation has such a name, ``original_name`` in its own script. ``folded`` and
    ``trigrams`` hold all its names for finding and follow them by themselves. One that was merged into another
    keeps everything and points to it by ``superseded_by_id``.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("pic ~ '^[0-9]{9}$'", name="pic_has_nine_digits"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_is_alpha2"),
        CheckConstraint("superseded_by_id <> id", name="superseded_by_another"),
        CheckConstraint("(superseded_by_id IS NULL) = (superseded_at IS NULL)", name="instant_if_superseded"),
        CheckConstraint(
            "(controlled_outside_eu IS NULL) = (control_declared_at IS NULL)", name="control_has_an_instant"
        ),
        # find, candidates. Without a list of pending entries: many read, few write, and a search after an import must
        # not wade through what came in
        Index("ix_organisation_trigrams", "trigrams", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_organisation_vat", "vat", postgresql_where=text("vat <> ''")),  # by_identifier
        Index("ix_organisation_ror", "ror", postgresql_where=text("ror <> ''")),  # by_identifier
        Index("ix_organisation_lei", "lei", postgresql_where=text("lei <> ''")),  # by_identifier
        Index("ix_organisation_superseded_by", "superseded_by_id"),
        Index("ix_organisation_handed_in", "id", postgresql_where=text("state = 'handed_in'")),  # waiting
    )
    id: Mapped[type_id]
    pic: Mapped[str] = mapped_column(String(9), unique=True)
    state: Mapped[ValidationState] = mapped_column(default=ValidationState.DECLARED, server_default="declared")
    legal_name: Mapped[str] = mapped_column(String(300))
    original_name: Mapped[str] = _text(300)
    short_name: Mapped[str] = _text(60)
    former_names: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    legal_form: Mapped[str] = _text(120)
    registration_number: Mapped[str] = _text(60)
    vat: Mapped[str] = _text(20)
    ror: Mapped[str] = _text(9)
    lei: Mapped[str] = _text(20)
    country: Mapped[str] = mapped_column(String(2))
    address: Mapped[str] = _text(300)
    postcode: Mapped[str] = _text(20)
    city: Mapped[str] = _text(120)
    nuts: Mapped[str] = _text(5)
    website: Mapped[str] = _text(300)
    kind: Mapped[OrganisationKind]
    sme: Mapped[bool] = _flag()
    public_body: Mapped[bool] = _flag()
    nonprofit: Mapped[bool] = _flag()
    law_enforcement: Mapped[bool] = _flag()
    natural_person: Mapped[bool] = _flag()
    international: Mapped[bool] = _flag()
    controlled_outside_eu: Mapped[bool | None]  # None: not declared
    control_declared_at: Mapped[Instant | None]  # None: not declared
    control_declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: not declared
    validation_reason: Mapped[str] = mapped_column(default="", server_default="")  # why it was refused
    created_at: Mapped[Instant]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: imported
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # None: it is current
    superseded_at: Mapped[Instant | None]  # None: it is current
    folded: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    trigrams: Mapped[list[str]] = mapped_column(
        ARRAY(String(3)), default=list, server_default=text("'{}'"), deferred=True
    )
    owners: Mapped[list[OrganisationOwner]] = relationship(
        order_by="OrganisationOwner.position", cascade="all, delete-orphan"
    )

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("organisation", self.pic)

    def papers(self) -> Ref:
        """Whose its papers are."""
        return Ref("organisation", str(self.id))

    def names(self) -> str:
        """All names by which it is found."""
        former = self.former_names or []  # None: not written yet
        return " ".join(filter(None, (self.legal_name, self.original_name, self.short_name, *former)))

    def entry(self) -> Entry:
        """What is compared when duplicates are looked for."""
        identifiers = {name: getattr(self, name) for name in ("vat", "ror", "lei", "registration_number")}
        names = filter(None, (self.legal_name, self.original_name))
        return Entry(self.country, tuple(trigrams(fold(name)) for name in names), identifiers)


@event.listens_for(Organisation, "before_insert")
@event.listens_for(Organisation, "before_update")
def _make_findable(_mapper: object, _connection: object, organisation: Organisation) -> None:
    """Names are folded wherever they are written, so that no way of writing them forgets it."""
    organisation.folded = " ".join(dict.fromkeys(fold(organisation.names()).split()))
    organisation.trigrams = sorted(trigrams(organisation.folded))


class Representative(Base):
    """A person who acts for an organisation."""

    __tablename__ = "representative"
    __table_args__ = (UniqueConstraint("organisation_id", "account_id", name="uq_representative_once"),)
    id: Mapped[type_id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    since: Mapped[Instant]


class RepresentativeInvitation(Base):
    """A person who was asked to act for an organisation, by address, and has not answered. Answered ones are gone:
    the trail keeps them."""

    __tablename__ = "representative_invitation"
    __table_args__ = (
        UniqueConstraint("organisation_id", "email", name="uq_representative_invitation_once"),
        CheckConstraint("email = lower(email)", name="email_is_lower"),
    )
    id: Mapped[type_id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    email: Mapped[str] = mapped_column(String(254), index=True)
    invited_at: Mapped[Instant]
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    organisation: Mapped[Organisation] = relationship()


class OrganisationOwner(Base):
    """Who owns an organisation, as its ownership control declaration says (domain.md 4.3, Art. 22(5))."""

    __tablename__ = "organisation_owner"
    __table_args__ = (
        UniqueConstraint("organisation_id", "position", name="uq_organisation_owner_position"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_is_alpha2"),
    )
    id: Mapped[type_id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    country: Mapped[str] = mapped_column(String(2))


class BankAccount(Base):
    """An account that money may go to. Never changed: a new one takes the place of one that is removed.

    Seen whole by ``access.may_see_bank`` only, masked by others; stands in no list and no trail (security.md 1).
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        Index(
            "uq_bank_account_once",
            "organisation_id",
            "iban",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )
    id: Mapped[type_id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    iban: Mapped[str] = mapped_column(String(34))
    bic: Mapped[str] = _text(11)
    holder: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[Instant]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    removed_at: Mapped[Instant | None]  # None: in use


class DuplicatePair(Base):
    """Two entries that may be one organisation; ``first_id`` is the lower. What an officer decided stays."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id", name="uq_duplicate_pair_once"),
        CheckConstraint("first_id < second_id", name="first_is_lower"),
        CheckConstraint("similarity BETWEEN 0 AND 1", name="similarity_is_a_share"),
        Index("ix_duplicate_pair_second", "second_id"),
        Index("ix_duplicate_pair_open", "similarity", "id", postgresql_where=text("state = 'proposed'")),  # pairs
    )
    id: Mapped[type_id]
    first_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[PairState] = mapped_column(default=PairState.PROPOSED)
    similarity: Mapped[Score]
    agree: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    contradict: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    found_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]  # None: waits for an officer
    first: Mapped[Organisation] = relationship(foreign_keys=first_id)
    second: Mapped[Organisation] = relationship(foreign_keys=second_id)

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("duplicate", str(self.id))
