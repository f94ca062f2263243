"""Letters about accounts."""

from __future__ import annotations

from datetime import datetime

from grants.accounts.models import Account
from grants.notifications import letters


def confirm_address(account: Account, token: str, *, now: datetime) -> None:
    """Asks a new person to confirm the address."""
    _write("confirm_address", account, now=now, token=token)


def already_registered(account: Account, *, now: datetime) -> None:
    """Somebody registered an address that has an account: the page says the same, the letter tells."""
    _write("already_registered", account, now=now)


def reset_password(account: Account, token: str, *, now: datetime) -> None:
    """A link to set a new password."""
    _write("reset_password", account, now=now, token=token)


def password_changed(account: Account, *, now: datetime) -> None:
    """Tells the owner, in case it was somebody else."""
    _write("password_changed", account, now=now)


def _write(kind: str, account: Account, *, now: datetime, **facts: str) -> None:
    letters.write(
        kind, key=f"{kind}:{account.id}:{now.isoformat()}", address=account.email, about=account.ref(), now=now,
        account_id=account.id, name=account.name, **facts,  # type: ignore[arg-type]
    )  # fmt: skip
