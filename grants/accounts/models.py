"""Accounts, granted roles, sessions and sign-in attempts."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint

from grants.db import Base, Instant, Mapped, mapped_column, type_id
from grants.kernel.actor import Role
from grants.kernel.links import Ref


class Account(Base):
    """One person. ``email`` is kept in lower case."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower"),)
    id: Mapped[type_id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str]
    timezone: Mapped[str] = mapped_column(String(60), default="Europe/Brussels", server_default="Europe/Brussels")
    created_at: Mapped[Instant]
    confirmed_at: Mapped[Instant | None]  # None: the address is not confirmed yet
    disabled_at: Mapped[Instant | None]  # None: may sign in
    password_changed_at: Mapped[Instant | None]  # None: never since registration; ends older reset links
    demo: Mapped[bool] = mapped_column(default=False, server_default="false")

    def ref(self) -> Ref:
        """How the audit trail names it: by number, never by address."""
        return Ref("account", str(self.id))


class RoleGrant(Base):
    """A role that an administrator gave to a person. Managers have one row for each programme."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint(
            "account_id", "role", "programme_code", name="uq_role_grant_once", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("(role = 'manager') = (programme_code IS NOT NULL)", name="managers_have_a_programme"),
    )
    id: Mapped[type_id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role]
    programme_code: Mapped[str | None] = mapped_column(ForeignKey("programme.code"))  # None: the role has no scope
    granted_at: Mapped[Instant]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: by a command


class SignInSession(Base):
    """One browser that is signed in. The browser holds the token, the row its hash."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_account", "account_id"),)
    id: Mapped[type_id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]  # None: not signed out or revoked
    address: Mapped[str | None]  # None: unknown
    browser: Mapped[str] = mapped_column(String(300), default="", server_default="")


class SignInAttempt(Base):
    """A failed sign-in or a request for a mail: what the limits count. Swept after a day."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_subject", "subject", "at"),  # too_many
    )
    id: Mapped[type_id]
    subject: Mapped[str] = mapped_column(String(120))  # ``account:<sha256 of e-mail>`` or ``address:<ip>``
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[Instant]
