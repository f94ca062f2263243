"""An officer's word on a profile: validated, or returned with the reason. Source: domain.md 8.4."""

from __future__ import annotations

from datetime import datetime

from grants.db import db, refresh_locked
from grants.experts import access, mails
from grants.experts.models import Expert
from grants.experts.states import PROFILE
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding


def validate_profile(expert: Expert, *, actor: Actor, now: datetime) -> None:
    """The profile is right as it stands; a new employer opens it again. Raises Refused."""
    access.may_validate(actor, expert_account=expert.account_id).require()
    refresh_locked(expert)
    PROFILE.go(expert, "validate", actor=actor, now=now)
    expert.returned_because = ""
    db.session.flush()


def return_profile(expert: Expert, *, reason: str, actor: Actor, now: datetime) -> None:
    """The expert gets a letter and reads the reason on their profile; whatever they save hands it in again.

    Raises Refused, Invalid without a reason.
    """
    access.may_validate(actor, expert_account=expert.account_id).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say what is to be changed: the expert reads it.", place="reason"))
    refresh_locked(expert)
    PROFILE.go(expert, "return", actor=actor, now=now, reason=reason.strip())
    expert.returned_because = reason.strip()
    db.session.flush()
    mails.profile_returned(expert, now=now)
