"""Finding organisations: by number, or by name in any case and script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, type_coerce, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import joinedload
from sqlalchemy.types import String

from grants.accounts.models import Account
from grants.db import db
from grants.documents import queries as documents
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.organisations.models import (
    BankAccount,
    DuplicatePair,
    Organisation,
    Representative,
    RepresentativeInvitation,
)
from grants.organisations.rules import (
    LIKELY,
    enough,
    fold,
    identifier_of,
    narrowing,
    telling,
    trigrams,
)
from grants.organisations.rules.folding import LIKE_ENOUGH
from grants.organisations.states import PairState, ValidationState

#: The kind of document that proves legal data.
PAPER = "organisation_paper"


def by_pic(pic: str) -> Organisation | None:
    """The organisation with this PIC; for one that was merged, the organisation that took it over."""
    found = db.session.scalar(select(Organisation).where(Organisation.pic == pic))
    while found is not None and found.superseded_by_id is not None:
        found = db.session.get_one(Organisation, found.superseded_by_id)
    return found


def superseded(pic: str) -> Organisation | None:
    """The entry under this PIC where it was merged into another."""
    rows = select(Organisation).where(Organisation.pic == pic, Organisation.superseded_by_id.is_not(None))
    return db.session.scalar(rows)


def taken_over(organisation_id: int) -> Sequence[Organisation]:
    """Entries that were merged into this one."""
    rows = select(Organisation).where(Organisation.superseded_by_id == organisation_id).order_by(Organisation.id)
    return db.session.scalars(rows).all()


def ids_by_pic(pics: Iterable[str]) -> dict[str, int]:
    """Identities by PIC; PICs of merged organisations lead to those that took them over."""
    return {pic: found.id for pic in pics if (found := by_pic(pic)) is not None}


def pic_of(organisation_id: int) -> str:
    """The PIC of an organisation by its identity."""
    return db.session.scalar(select(Organisation.pic).where(Organisation.id == organisation_id)) or ""


def find(text: str, *, limit: int = 20) -> Sequence[Organisation]:
    """By PIC, VAT number, ROR or LEI, else by beginnings of words in any case, script and order; best first.

    Where no name has all words, names that are like the text. Merged entries are found as what took them over.
    """
    if numbered := _by_identifier(text):
        return numbered[:limit]
    folded = fold(text)
    if not folded:
        return []
    found = db.session.scalars(by_words(folded).limit(limit)).all()
    return found or db.session.scalars(alike(folded).limit(limit)).all()


def _by_identifier(text: str) -> list[Organisation]:
    for known in identifier_of(text):
        if known.kind == "pic":
            found = [one] if (one := by_pic(known.value)) else []
        else:
            found = list(_current_with(known.kind, known.value))
        if found:
            return found
    return []


def _current_with(kind: str, value: str) -> Sequence[Organisation]:
    column = getattr(Organisation, kind)
    rows = select(Organisation).where(column == value, column != "", Organisation.superseded_by_id.is_(None))
    return db.session.scalars(rows.order_by(Organisation.id)).all()


def by_words(folded: str) -> Select[Organisation]:
    """Organisations with words that begin with each of these, closest length first.

    The index of trigrams narrows to a few names; the second condition decides.
    """
    rows = select(Organisation).where(
        Organisation.superseded_by_id.is_(None),
        Organisation.trigrams.contains(_texts(narrowing(folded))),
        *(func.concat(" ", Organisation.folded).contains(f" {word}", autoescape=True) for word in folded.split()),
    )
    return rows.order_by(func.length(Organisation.folded), Organisation.legal_name, Organisation.id)


def overlapping(wanted: frozenset[str], *, least: float) -> ColumnElement[bool]:
    """Whether names may have the share ``least`` of these trigrams: by the index, and none is missed."""
    meets: ColumnElement[bool] = Organisation.trigrams.overlap(_texts(telling(wanted, least=least)))
    return meets


def alike(folded: str) -> Select[Organisation]:
    """Names with most of the text's trigrams, best first: what a typing error leaves."""
    wanted = trigrams(folded)
    sign = func.unnest(Organisation.trigrams).table_valued("part").render_derived(name="sign")
    shared = (
        select(func.count())
        .select_from(sign)
        .where(sign.c.part.in_(sorted(wanted)))
        .correlate(Organisation)
        .scalar_subquery()
    )
    rows = select(Organisation).where(
        overlapping(wanted, least=LIKE_ENOUGH), Organisation.superseded_by_id.is_(None), shared >= enough(wanted)
    )
    return rows.order_by(shared.desc(), Organisation.legal_name, Organisation.id)


def _texts(values: Iterable[str]) -> Any:
    return type_coerce(sorted(values), ARRAY(String))


def candidates(organisation: Organisation) -> Sequence[Organisation]:
    """Current organisations that may be the same one: an identifier in common, or a like name in its country."""
    entry = organisation.entry()
    like = or_(*(overlapping(each, least=LIKELY) for each in entry.names))
    names = select(Organisation.id).where(Organisation.country == organisation.country, like)
    numbers = [
        select(Organisation.id).where(getattr(Organisation, kind) == value, getattr(Organisation, kind) != "")
        for kind, value in entry.identifiers.items()
        if value and kind != "registration_number"
    ]
    rows = select(Organisation).where(
        Organisation.id.in_(union(names, *numbers)), Organisation.superseded_by_id.is_(None)
    )
    return db.session.scalars(rows.where(Organisation.id != organisation.id)).all()


def of_account(account_id: int) -> Sequence[Organisation]:
    """Organisations that a person acts for."""
    own = select(Representative.organisation_id).where(Representative.account_id == account_id)
    return db.session.scalars(
        select(Organisation).where(Organisation.id.in_(own)).order_by(Organisation.legal_name, Organisation.id)
    ).all()


def representatives_of(organisation_id: int) -> Sequence[Account]:
    """People who act for an organisation."""
    people = select(Representative.account_id).where(Representative.organisation_id == organisation_id)
    return db.session.scalars(select(Account).where(Account.id.in_(people)).order_by(Account.name)).all()


def same_name(legal_name: str, country: str) -> Organisation | None:
    """An organisation of this very name and country: probably a duplicate."""
    name = func.lower(Organisation.legal_name) == legal_name.strip().lower()
    rows = select(Organisation).where(name, Organisation.country == country, Organisation.superseded_by_id.is_(None))
    return db.session.scalar(rows.limit(1))


def papers_of(organisation: Organisation) -> Sequence[Document]:
    """The papers that prove its legal data."""
    return documents.documents_of(organisation.papers(), kind=PAPER)


def paper_of(organisation: Organisation, document_id: UUID) -> Document:
    """One of its papers. Raises NotFound."""
    found = next((each for each in papers_of(organisation) if each.public_id == document_id), None)
    if found is None:
        raise NotFound
    return found


def bank_accounts_of(organisation_id: int) -> Sequence[BankAccount]:
    """Accounts in use. The caller asks ``access.may_see_bank`` before it shows more than masked numbers."""
    own = (BankAccount.organisation_id == organisation_id, BankAccount.removed_at.is_(None))
    return db.session.scalars(select(BankAccount).where(*own).order_by(BankAccount.id)).all()


def waiting() -> Select[Organisation]:
    """Organisations whose papers wait for an officer. Not ordered."""
    return select(Organisation).where(
        Organisation.state == ValidationState.HANDED_IN, Organisation.superseded_by_id.is_(None)
    )


def waiting_counts() -> tuple[int, int]:
    """How many organisations wait for validation, and how many pairs for a decision; one statement."""
    papers = select(func.count()).where(
        Organisation.state == ValidationState.HANDED_IN, Organisation.superseded_by_id.is_(None)
    )
    open_pairs = select(func.count()).where(DuplicatePair.state == PairState.PROPOSED)
    row = db.session.execute(select(papers.scalar_subquery(), open_pairs.scalar_subquery())).one()
    return row[0], row[1]


def pairs() -> Select[DuplicatePair]:
    """Pairs that an officer has not decided, with both organisations. Not ordered."""
    both = (joinedload(DuplicatePair.first), joinedload(DuplicatePair.second))
    return select(DuplicatePair).where(DuplicatePair.state == PairState.PROPOSED).options(*both)


def pair(pair_id: int) -> DuplicatePair:
    """One pair. Raises NotFound."""
    found = db.session.get(DuplicatePair, pair_id)
    if found is None:
        raise NotFound
    return found


def invitations_of(organisation_id: int) -> Sequence[RepresentativeInvitation]:
    """Who was asked to act for an organisation and has not answered."""
    rows = select(RepresentativeInvitation).where(RepresentativeInvitation.organisation_id == organisation_id)
    return db.session.scalars(rows.order_by(RepresentativeInvitation.email)).all()


def invitations_to(actor: Actor) -> Sequence[RepresentativeInvitation]:
    """Organisations that ask this person to act for them, by the confirmed address of the account."""
    rows = select(RepresentativeInvitation).where(RepresentativeInvitation.email == (actor.email or ""))
    return db.session.scalars(
        rows.options(joinedload(RepresentativeInvitation.organisation)).order_by(RepresentativeInvitation.id)
    ).all()


def own_invitation(actor: Actor, organisation_id: int) -> RepresentativeInvitation | None:
    """What an organisation asks of this person."""
    return next((each for each in invitations_to(actor) if each.organisation_id == organisation_id), None)


def with_organisations(actor: Actor) -> Actor:
    """The actor with the organisations of this moment, for work that goes on after the request."""
    own = select(Representative.organisation_id).where(Representative.account_id == (actor.id or 0))
    return replace(actor, organisations=frozenset(db.session.scalars(own)))
