"""Finding organisations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from grants.accounts.models import Account
from grants.db import db
from grants.organisations.models import Organisation, Representative
from grants.organisations.rules import is_pic


def by_pic(pic: str) -> Organisation | None:
    """The organisation with this PIC."""
    return db.session.scalar(select(Organisation).where(Organisation.pic == pic))


def pic_of(organisation_id: int) -> str:
    """The PIC of an organisation by its identity."""
    return db.session.scalar(select(Organisation.pic).where(Organisation.id == organisation_id)) or ""


def find(text: str, *, limit: int = 20) -> Sequence[Organisation]:
    """By PIC, or by the beginnings of words in any case and script; best matches first."""
    text = text.strip()
    if is_pic(text):
        return db.session.scalars(select(Organisation).where(Organisation.pic == text)).all()
    words = ["".join(sign for sign in word if sign.isalnum()) for word in text.split()]
    words = [word for word in words if word]
    if not words:
        return []
    query = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
    matches = or_(Organisation.search.op("@@")(query), Organisation.legal_name.icontains(text, autoescape=True))
    rank = func.ts_rank(Organisation.search, query)
    statement = select(Organisation).where(matches).order_by(rank.desc(), Organisation.legal_name, Organisation.id)
    return db.session.scalars(statement.limit(limit)).all()


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
    return db.session.scalar(select(Organisation).where(name, Organisation.country == country).limit(1))
