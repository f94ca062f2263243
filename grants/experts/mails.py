"""Letters to experts about invitations and their profile."""

from __future__ import annotations

from datetime import datetime

from grants.accounts.models import Account
from grants.experts.models import Expert, Invitation
from grants.notifications import letters


def registered(account: Account, *, now: datetime) -> None:
    """Tells somebody that they were registered as an expert, and how they get a password."""
    letters.write(
        "expert_registered", key=f"expert_registered:{account.id}", address=account.email, about=account.ref(),
        now=now, account_id=account.id, name=account.name,
    )  # fmt: skip


def invited(invitation: Invitation, *, now: datetime) -> None:
    """Asks an expert to evaluate for a topic."""
    account = invitation.expert.account
    letters.write(
        "invitation", key=f"invitation:{invitation.id}:{now.isoformat()}", address=account.email,
        about=invitation.ref(), now=now, account_id=account.id, name=account.name, topic=invitation.topic,
        max_load=invitation.max_load,
    )  # fmt: skip


def cancelled(invitation: Invitation, *, now: datetime) -> None:
    """Tells an expert that an invitation is taken back."""
    account = invitation.expert.account
    letters.write(
        "invitation_cancelled", key=f"invitation_cancelled:{invitation.id}:{now.isoformat()}", address=account.email,
        about=invitation.ref(), now=now, account_id=account.id, name=account.name, topic=invitation.topic,
    )  # fmt: skip


def profile_returned(expert: Expert, *, now: datetime) -> None:
    """Tells an expert that their profile waits for a change. The reason stands on the page, not in the letter."""
    letters.write(
        "profile_returned", key=f"profile_returned:{expert.id}:{now.isoformat()}", address=expert.account.email,
        about=expert.ref(), now=now, account_id=expert.account_id, name=expert.account.name,
    )  # fmt: skip
