"""Letters to experts about invitations."""

from __future__ import annotations

from datetime import datetime

from grants.experts.models import Invitation
from grants.notifications import letters


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
