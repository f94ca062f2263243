"""Reading accounts, roles, sessions and tries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, column, func, select, table

from grants.accounts.models import Account, RoleGrant, SignInAttempt, SignInSession
from grants.accounts.rules import Limit
from grants.db import db
from grants.kernel.actor import ANONYMOUS, Actor, Role


def account_by_email(email: str) -> Account | None:
    """The account with this address, in any case."""
    return db.session.scalar(select(Account).where(Account.email == email.strip().lower()))


def account(account_id: int) -> Account | None:
    """One account."""
    return db.session.get(Account, account_id)


def people(*, text: str = "", role: Role | None = None) -> Select[Account]:
    """Accounts by part of name or address and by role. Not ordered."""
    rows = select(Account)
    if text:
        rows = rows.where(
            Account.name.icontains(text, autoescape=True) | Account.email.icontains(text, autoescape=True)
        )
    if role:
        rows = rows.where(Account.id.in_(select(RoleGrant.account_id).where(RoleGrant.role == role)))
    return rows


def roles_of(account_ids: Sequence[int]) -> dict[int, list[RoleGrant]]:
    """Granted roles by account."""
    found: dict[int, list[RoleGrant]] = {}
    statement = select(RoleGrant).where(RoleGrant.account_id.in_(account_ids)).order_by(RoleGrant.role, RoleGrant.id)
    for grant in db.session.scalars(statement):
        found.setdefault(grant.account_id, []).append(grant)
    return found


def actor_now(account_id: int) -> Actor:
    """A person with the rights of this moment, for work that goes on after the person's request. Without an account,
    or with a disabled one: nobody, who may do nothing."""
    found = account(account_id)
    if found is None or found.disabled_at is not None:
        return ANONYMOUS
    grants = roles_of([found.id]).get(found.id, [])
    return Actor(
        id=found.id, name=found.name, email=found.email, roles=frozenset(each.role for each in grants),
        programmes=frozenset(each.programme_code for each in grants if each.programme_code),
    )  # fmt: skip


def sessions_of(account_id: int) -> Sequence[SignInSession]:
    """Sessions that are not ended, last seen first."""
    own = (SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
    return db.session.scalars(select(SignInSession).where(*own).order_by(SignInSession.seen_at.desc())).all()


def managers_of(programme_code: str) -> Sequence[Account]:
    """Programme managers to whom letters about this programme go."""
    granted = select(RoleGrant.account_id).where(
        RoleGrant.role == Role.MANAGER, RoleGrant.programme_code == programme_code
    )
    return db.session.scalars(select(Account).where(Account.id.in_(granted), Account.disabled_at.is_(None))).all()


def tries(subject: str, kind: str, limit: Limit, *, now: datetime) -> int:
    """How often ``subject`` tried within the limit's window."""
    since = now - limit.window
    tried = (SignInAttempt.subject == subject, SignInAttempt.kind == kind, SignInAttempt.at > since)
    return db.session.scalar(select(func.count()).select_from(SignInAttempt).where(*tried)) or 0


def has_real_accounts() -> bool:
    """Whether anybody but the demo's people has an account."""
    return db.session.scalar(select(Account.id).where(Account.demo.is_(False)).limit(1)) is not None


def demo_accounts() -> Sequence[Account]:
    """The demo's people whom one may sign in as, in the order of their making; the others never confirmed."""
    demo = (Account.demo.is_(True), Account.confirmed_at.is_not(None))
    return db.session.scalars(select(Account).where(*demo).order_by(Account.id)).all()


def programme_choices() -> Sequence[tuple[str, str]]:
    """Codes and titles of programmes, for the scope of managers.

    Programmes belong to a floor above; accounts know only the two columns that their foreign key refers to.
    """
    rows = table("programme", column("code"), column("title"))
    found = db.session.execute(select(rows.c.code, rows.c.title).order_by(rows.c.code))
    return [(code, f"{code} – {title}") for code, title in found]
