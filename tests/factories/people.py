"""People for tests, and their actors."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from flask.testing import FlaskClient

from grants.accounts import services
from grants.accounts.models import Account, RoleGrant
from grants.db import db
from grants.kernel.actor import Actor, Role
from grants.organisations.models import Organisation, Representative
from grants.organisations.states import OrganisationKind
from tests.conftest import NOW

_numbers = count(1)
#: Checking it takes a test's time, so most tests open a session without it.
PASSWORD = "correct horse battery staple"
_HASH = services.hasher.hash(PASSWORD)


def person(name: str = "", *roles: Role, programme: str | None = None) -> Account:
    """A confirmed account with roles."""
    number = next(_numbers)
    name = name or f"Person {number}"
    account = Account(
        email=f"p{number}@example.org", name=name, password_hash=_HASH, created_at=NOW, confirmed_at=NOW
    )
    db.session.add(account)
    db.session.flush()
    for role in roles:
        code = programme if role is Role.MANAGER else None
        db.session.add(RoleGrant(account_id=account.id, role=role, programme_code=code, granted_at=NOW))
    db.session.flush()
    return account


def actor_of(account: Account, *roles: Role, programme: str | None = None) -> Actor:
    """The actor of an account, as the guards make it."""
    return Actor(
        id=account.id,
        name=account.name,
        email=account.email,
        roles=frozenset(roles),
        programmes=frozenset({programme} if programme else ()),
    )


def organisation(name: str = "", country: str = "BE", kind: OrganisationKind = OrganisationKind.PUB) -> Organisation:
    """An organisation with a PIC of its own."""
    number = next(_numbers)
    made = Organisation(
        pic=f"9{number:08d}", legal_name=name or f"Organisation {number}", country=country, kind=kind, created_at=NOW
    )
    db.session.add(made)
    db.session.flush()
    return made


def acts_for(account: Account, *organisations: Organisation) -> None:
    """Let a person act for organisations."""
    for each in organisations:
        db.session.add(Representative(organisation_id=each.id, account_id=account.id, since=NOW))
    db.session.flush()


def signed_in(client: FlaskClient, account: Account, *, now: datetime = NOW) -> FlaskClient:
    """The browser of this person."""
    token = services.open_session(account, now=now, address="127.0.0.1", browser="test")
    db.session.commit()
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = token
    return client
