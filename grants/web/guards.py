"""From a request to an Actor and an instant. Views ask here; services get both by keyword.

The instant is PostgreSQL's, read in the same statement as the session, before the body of the request is read:
neither a web machine's clock nor a slow upload decides a deadline.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request, session, url_for
from flask_login import LoginManager, UserMixin
from sqlalchemy import text

from grants.db import DatabaseClock, db
from grants.kernel.actor import ANONYMOUS, Actor, Role
from grants.kernel.clock import Clock
from grants.kernel.errors import NotFound, Refused
from grants.settings import Settings

#: ``seen_at`` is written at most this often, so that reading a page is not a write.
SEEN_EVERY = timedelta(minutes=5)
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

_LOAD = text("""
SELECT s.id, s.created_at, s.seen_at, a.id AS account_id, a.name, a.email, a.timezone,
       (SELECT array_agg(r.role) FROM role_grant r WHERE r.account_id = a.id) AS roles,
       (SELECT array_agg(r.programme_code) FROM role_grant r
         WHERE r.account_id = a.id AND r.programme_code IS NOT NULL) AS programmes,
       (SELECT array_agg(p.organisation_id) FROM representative p WHERE p.account_id = a.id) AS organisations,
       clock_timestamp() AS now
  FROM sign_in_session s JOIN account a ON a.id = s.account_id
 WHERE s.token_hash = :token_hash AND s.ended_at IS NULL AND a.disabled_at IS NULL
""")
_TOUCH = text("UPDATE sign_in_session SET seen_at = :now WHERE id = :id")

login_manager = LoginManager()


class SignInNeeded(Exception):
    """Nobody is signed in where somebody must be: the handler sends to the sign-in and back."""


class SignedIn(UserMixin):
    """What Flask-Login carries: the token is its identity, so ending a session row ends it everywhere."""

    def __init__(self, token: str, actor: Actor) -> None:
        self.token, self.actor = token, actor

    def get_id(self) -> str:
        """The session's token."""
        return self.token


def init_app(app: Flask, clock: Clock | None) -> None:
    """Stamp and identify every request before its body is read."""
    app.extensions["clock"] = clock
    login_manager.init_app(app)
    login_manager.session_protection = None  # our session rows know their browser; cookies are bound to them
    app.before_request(_stamp)
    app.before_request(_same_site)


def hash_token(token: str) -> str:
    """What the database keeps of a session's token."""
    return sha256(token.encode()).hexdigest()


def _stamp() -> None:
    """Identify the session and read the database's clock, in one statement."""
    g.actor, g.received_at = ANONYMOUS, None
    token = session.get("_user_id")
    if request.endpoint in {"static", "healthz"}:
        return
    if not token:
        if request.method not in SAFE_METHODS:
            received_at()
        return
    row = db.session.execute(_LOAD, {"token_hash": hash_token(token)}).one_or_none()
    if row is None:
        session.pop("_user_id", None)
        if request.method not in SAFE_METHODS:
            received_at()
        return
    now = _shifted(row.now.astimezone(UTC))
    g.received_at = now
    settings: Settings = current_app.extensions["settings"]
    idle, whole = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    if now - row.seen_at > idle or now - row.created_at > whole:
        session.pop("_user_id", None)
        return
    g.actor = _actor_of(row)
    if now - row.seen_at > SEEN_EVERY:
        db.session.execute(_TOUCH, {"now": now, "id": row.id})
        db.session.commit()


def _actor_of(row: Any) -> Actor:
    return Actor(
        id=row.account_id,
        name=row.name,
        email=row.email,
        roles=frozenset(Role(role) for role in row.roles or ()),
        programmes=frozenset(row.programmes or ()),
        organisations=frozenset(row.organisations or ()),
        address=request.remote_addr,
        timezone=row.timezone,
        session_id=row.id,
    )


def _same_site() -> None:
    """A second guard beside the token: browsers say where an unsafe request comes from."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in {None, "same-origin", "none"}:
        abort(403, "This request came from another site.")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        abort(403, "This request came from another site.")


@login_manager.user_loader
def _load_user(token: str) -> SignedIn | None:
    who: Actor = g.get("actor", ANONYMOUS)
    return SignedIn(token, who) if who.signed_in else None


def _shifted(instant: datetime) -> datetime:
    """The injected clock's instant where a test moves time, else ``instant``."""
    clock: Clock | None = current_app.extensions["clock"]
    return instant if clock is None else clock.now()


def received_at() -> datetime:
    """When the server began to handle this request, by the database's clock."""
    if g.get("received_at") is None:
        g.received_at = _shifted(DatabaseClock().now())
    instant: datetime = g.received_at
    return instant


def visitor() -> Actor:
    """Whoever asks, signed in or not."""
    who: Actor = g.get("actor", ANONYMOUS)
    if not who.signed_in and who.address is None:
        return Actor(id=None, name="Visitor", address=request.remote_addr)
    return who


def actor() -> Actor:
    """The signed-in person; strangers go to the sign-in and come back."""
    who = visitor()
    if not who.signed_in:
        raise SignInNeeded
    return who


def staff(*roles: Role) -> Actor:
    """The signed-in person who has one of ``roles``; for others the page does not exist."""
    who = actor()
    if not any(who.has(role) for role in roles):
        raise NotFound
    return who


def wants_json() -> bool:
    """Whether the page's script asks, not a person's browser."""
    return request.headers.get("X-Autosave") == "1" or request.is_json


def local_path(target: str | None) -> str | None:
    """``target`` where it is a path of this site, else None: no redirect leads elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    if any(ord(sign) < 32 for sign in target):
        return None
    return target


def sign_in_address() -> str:
    """The sign-in page that leads back to where the person was."""
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else request.referrer or ""
    parts = urlsplit(back)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return url_for("accounts.sign_in", next=local_path(path) or None)


def no(code: str, message: str, *, status: int = 403) -> NoReturn:
    """Refuse from a view, in words."""
    raise Refused(code, message, status=status)
