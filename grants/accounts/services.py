"""Registering, signing in and out, passwords, sessions, roles. See ``rules`` for limits and passwords."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from grants.accounts import access, mails, queries
from grants.accounts.models import Account, RoleGrant, SignInAttempt, SignInSession
from grants.accounts.rules import (
    CONFIRM_AGE,
    PER_ACCOUNT,
    PER_ADDRESS,
    RESET_AGE,
    Limit,
    password_findings,
)
from grants.accounts.tokens import Tokens
from grants.audit.services import record
from grants.db import db
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.kernel.links import Ref
from grants.queue import defer, recheck_conflicts

#: argon2id with the library's defaults (RFC 9106, low memory profile).
hasher = PasswordHasher()
#: Checked for unknown addresses, so that both answers take the same time. Written down: making it takes as long, and
#: every start would wait for it.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$Jf9hPovU4YQHREfPhckXEA$txQPws/QAIuPhhOf1cfAVpHV4MvhGDBkHVR1oZ7VdS8"
#: No password has this hash.
_NO_PASSWORD = "!"  # noqa: S105
_WRONG = "The e-mail address or the password is not right, or the address is not confirmed yet."


def register(
    *, email: str, name: str, password: str, now: datetime, tokens: Tokens, address: str | None
) -> Account | None:
    """Make an account that waits for its address to be confirmed; None where the address has one already.

    The caller answers the same in both cases. Raises Invalid (password) and Refused (too many tries).
    """
    email = email.strip().lower()
    if findings := password_findings(password, email=email, name=name):
        raise Invalid(findings)
    _limit(f"address:{address}", "register", now=now)
    if known := queries.account_by_email(email):
        hasher.hash(password)  # takes as long as making one
        mails.already_registered(known, now=now)
        return None
    account = create(email=email, name=name, password=password, now=now)
    mails.confirm_address(account, tokens.make("confirm", [account.id, email]), now=now)
    return account


def create(
    *,
    email: str,
    name: str,
    password: str,
    now: datetime,
    confirmed: bool = False,
    demo: bool = False,
    actor: Actor | None = None,
) -> Account:
    """Make an account, also for commands and the demo. Raises Invalid when the address has one."""
    account = Account(
        email=email.strip().lower(), name=name.strip(), password_hash=hasher.hash(password), created_at=now,
        confirmed_at=now if confirmed else None, demo=demo,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:
        raise Invalid(Finding("email-taken", "This address has an account already.", place="email")) from None
    record(account.ref(), "account.created", actor=actor or _self(account), now=now)
    return account


def create_without_password(*, email: str, name: str, actor: Actor, now: datetime) -> Account:
    """An account of somebody who was registered by others. They sign in once they have set a password by a link in a
    letter, which confirms the address too. Raises Invalid when the address has one."""
    account = Account(
        email=email.strip().lower(), name=name.strip(), password_hash=_NO_PASSWORD, created_at=now, confirmed_at=None
    )
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:
        raise Invalid(Finding("email-taken", "This address has an account already.", place="email")) from None
    record(account.ref(), "account.created", actor=actor, now=now)
    return account


def confirm(token: str, *, now: datetime, tokens: Tokens) -> Account:
    """Confirm an address by the link in the letter; confirming twice is harmless. Raises Refused."""
    content = tokens.read("confirm", token, age=CONFIRM_AGE)
    account = queries.account(content[0]) if content else None
    if account is None or account.email != content[1]:
        raise Refused("bad-link", "This link is not valid any more. Register again to get a new one.", status=404)
    if account.confirmed_at is None:
        account.confirmed_at = now
        record(account.ref(), "account.confirmed", actor=_self(account), now=now)
    return account


def sign_in(*, email: str, password: str, now: datetime, address: str | None, browser: str) -> tuple[Account, str]:
    """A new session; the account and the session's token. Raises Refused after too many tries, Invalid else.

    The same answer, after the same time, for unknown addresses, wrong passwords and unconfirmed accounts.
    The caller commits also when this raises Invalid: failed tries are counted.
    """
    subject = "account:" + sha256(email.strip().lower().encode()).hexdigest()
    if queries.tries(subject, "failed", PER_ACCOUNT, now=now) >= PER_ACCOUNT.most:
        raise Refused("too-many-tries", "Too many failed tries. Wait 15 minutes or reset the password.", status=429)
    if queries.tries(f"address:{address}", "failed", PER_ADDRESS, now=now) >= PER_ADDRESS.most:
        raise Refused("too-many-tries", "Too many failed tries from your network. Wait 15 minutes.", status=429)
    account = queries.account_by_email(email)
    right = _matches(account.password_hash if account else _NOBODY, password)
    if account is None or not right or account.confirmed_at is None or account.disabled_at is not None:
        _count(subject, "failed", now=now)
        _count(f"address:{address}", "failed", now=now)
        if account:
            record(account.ref(), "account.sign_in_failed", actor=Actor(None, "Visitor", address=address), now=now)
        raise Invalid(Finding("wrong-sign-in", _WRONG, place="password"))
    if hasher.check_needs_rehash(account.password_hash):
        account.password_hash = hasher.hash(password)
    return account, open_session(account, now=now, address=address, browser=browser)


def open_session(account: Account, *, now: datetime, address: str | None, browser: str) -> str:
    """Sign this browser in; the token for its cookie."""
    token = token_urlsafe(32)
    db.session.add(
        SignInSession(
            token_hash=sha256(token.encode()).hexdigest(),
            account_id=account.id,
            created_at=now,
            seen_at=now,
            address=address,
            browser=browser[:300],
        )
    )
    record(account.ref(), "account.signed_in", actor=_self(account, address), now=now)
    return token


def end_session(session_id: int, *, actor: Actor, now: datetime) -> None:
    """Sign out here or elsewhere. Raises NotFound for another person's session."""
    own = (SignInSession.id == session_id, SignInSession.account_id == actor.id, SignInSession.ended_at.is_(None))
    ended = db.session.execute(update(SignInSession).where(*own).values(ended_at=now).returning(SignInSession.id))
    if ended.scalar() is None:
        raise NotFound
    record(Ref("account", str(actor.id)), "account.signed_out", actor=actor, now=now)


def end_all_sessions(account: Account, *, now: datetime, but: int | None = None) -> None:
    """End every session of a person, except one where given."""
    open_ones = [SignInSession.account_id == account.id, SignInSession.ended_at.is_(None)]
    if but is not None:
        open_ones.append(SignInSession.id != but)
    db.session.execute(update(SignInSession).where(*open_ones).values(ended_at=now))


def ask_for_reset(*, email: str, now: datetime, tokens: Tokens, address: str | None) -> None:
    """Send a reset link where the address has an account; say nothing either way. Raises Refused (limit)."""
    _limit(f"address:{address}", "reset", now=now)
    account = queries.account_by_email(email)
    if account and account.disabled_at is None:
        mails.reset_password(account, tokens.make("reset", [account.id, _mark(account)]), now=now)


def account_for_reset(token: str, *, tokens: Tokens) -> Account:
    """Whose password this link resets. A link works once: it dies with the password that it replaces."""
    content = tokens.read("reset", token, age=RESET_AGE)
    account = queries.account(content[0]) if content else None
    if account is None or _mark(account) != content[1] or account.disabled_at is not None:
        raise Refused("bad-link", "This link is not valid any more. Ask for a new one.", status=404)
    return account


def reset_password(token: str, password: str, *, now: datetime, tokens: Tokens) -> Account:
    """Set a new password by a link; ends all sessions and confirms the address."""
    account = account_for_reset(token, tokens=tokens)
    account.confirmed_at = account.confirmed_at or now
    _set_password(account, password, actor=_self(account), now=now, keep=None)
    return account


def change_password(account: Account, *, current: str, password: str, actor: Actor, now: datetime) -> None:
    """Set a new password while signed in; ends all other sessions. Raises Invalid."""
    if not _matches(account.password_hash, current):
        raise Invalid(Finding("wrong-password", "This is not your present password.", place="current"))
    _set_password(account, password, actor=actor, now=now, keep=actor.session_id)


def change_profile(account: Account, *, name: str, timezone: str, actor: Actor, now: datetime) -> None:
    """Change what a person says about themselves."""
    before = {"name": account.name, "timezone": account.timezone}
    account.name, account.timezone = name.strip(), timezone
    record(account.ref(), "account.changed", actor=actor, now=now, facts={"before": before})
    if before["name"] != account.name:  # conflicts and experts are found by names too
        recheck_conflicts("account", account.id)
        defer("index_expert", account_id=account.id)


def grant_role(account: Account, role: Role, *, programme: str | None, actor: Actor, now: datetime) -> None:
    """Give a role; giving it again is harmless. Raises Refused for own roles, Invalid without a programme."""
    access.may_change_roles_of(actor, account.id).require()
    add_role(account, role, programme=programme, actor=actor, now=now)


def add_role(account: Account, role: Role, *, programme: str | None, actor: Actor, now: datetime) -> None:
    """What ``grant_role`` does after its check: also for commands and the demo."""
    if (role is Role.MANAGER) != bool(programme):
        raise Invalid(Finding("programme-needed", "Choose the programme for a programme manager.", place="programme"))
    have = {(grant.role, grant.programme_code) for grant in queries.roles_of([account.id]).get(account.id, [])}
    if (role, programme) in have:
        return
    db.session.add(
        RoleGrant(account_id=account.id, role=role, programme_code=programme, granted_at=now, granted_by_id=actor.id)
    )
    record(account.ref(), "role.granted", actor=actor, now=now, facts={"role": role.value, "programme": programme})


def revoke_role(account: Account, grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a role back; the person's sessions end, so that nothing open goes on. Raises NotFound."""
    access.may_change_roles_of(actor, account.id).require()
    grant = db.session.get(RoleGrant, grant_id)
    if grant is None or grant.account_id != account.id:
        raise NotFound
    facts = {"role": grant.role.value, "programme": grant.programme_code}
    db.session.execute(delete(RoleGrant).where(RoleGrant.id == grant_id))
    end_all_sessions(account, now=now)
    record(account.ref(), "role.revoked", actor=actor, now=now, facts=facts)


def set_disabled(account: Account, *, disabled: bool, actor: Actor, now: datetime, reason: str) -> None:
    """Close or open an account. Raises Invalid without a reason."""
    access.may_change_roles_of(actor, account.id).require()
    if not reason.strip():
        raise Invalid(Finding("reason-needed", "Say why, for the audit trail.", place="reason"))
    account.disabled_at = now if disabled else None
    if disabled:
        end_all_sessions(account, now=now)
    action = "account.disabled" if disabled else "account.enabled"
    record(account.ref(), action, actor=actor, now=now, reason=reason.strip())


def _set_password(account: Account, password: str, *, actor: Actor, now: datetime, keep: int | None) -> None:
    if findings := password_findings(password, email=account.email, name=account.name):
        raise Invalid(findings)
    account.password_hash, account.password_changed_at = hasher.hash(password), now
    end_all_sessions(account, now=now, but=keep)
    record(account.ref(), "account.password_changed", actor=actor, now=now)
    mails.password_changed(account, now=now)


def _mark(account: Account) -> str:
    """Ties a reset link to the password that it replaces, without showing anything of it."""
    return sha256(account.password_hash.encode()).hexdigest()[:16]


def _matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _limit(subject: str, kind: str, *, now: datetime) -> None:
    if queries.tries(subject, kind, PER_ADDRESS, now=now) >= PER_ADDRESS.most:
        raise Refused("too-many-tries", "Too many tries from your network. Wait 15 minutes.", status=429)
    _count(subject, kind, now=now)


def count_mail(actor: Actor, kind: str, limit: Limit, *, now: datetime) -> None:
    """Count a mail that a person has sent to an address of their choice. Raises Refused over the limit: this site
    must not be a way to send letters to strangers."""
    subject = f"sender:{actor.id}"
    if queries.tries(subject, kind, limit, now=now) >= limit.most:
        raise Refused("too-many-mails", "You have sent as many such letters as one day allows.", status=429)
    _count(subject, kind, now=now)


def _count(subject: str, kind: str, *, now: datetime) -> None:
    db.session.add(SignInAttempt(subject=subject, kind=kind, at=now))


def _self(account: Account, address: str | None = None) -> Actor:
    return Actor(id=account.id, name=account.name, email=account.email, address=address)


def sweep_tries(*, now: datetime) -> int:
    """Forget tries older than a day; how many."""
    old = delete(SignInAttempt).where(SignInAttempt.at < now - timedelta(days=1)).returning(SignInAttempt.id)
    return len(db.session.scalars(old).all())
