"""Letters about organisations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.accounts.models import Account
from grants.notifications import letters
from grants.organisations.models import Organisation, RepresentativeInvitation


def asked_to_represent(
    organisation: Organisation, asked: RepresentativeInvitation, *, by: str, now: datetime
) -> None:
    """Asks a person to act for an organisation."""
    letters.write(
        "representative_asked", key=f"representative_asked:{asked.id}", address=asked.email,
        about=organisation.ref(), now=now, organisation=organisation, by=by,
    )  # fmt: skip


def decided(organisation: Organisation, people: Sequence[Account], *, now: datetime) -> None:
    """Tells the organisation's people how the validation ended."""
    for each in people:
        letters.write(
            "organisation_decided", key=f"organisation_decided:{organisation.pic}:{now.isoformat()}:{each.id}",
            address=each.email, about=organisation.ref(), now=now, account_id=each.id, name=each.name,
            organisation=organisation, validated=not organisation.validation_reason,
            reason=organisation.validation_reason,
        )  # fmt: skip


def bank_account_added(
    organisation: Organisation, people: Sequence[Account], *, number: int, shown: str, by: str, now: datetime
) -> None:
    """Tells everybody who acts for the organisation: a false account must be noticed before money goes there."""
    for each in people:
        letters.write(
            "bank_account_added", key=f"bank_account_added:{number}:{each.id}", address=each.email,
            about=organisation.ref(), now=now, account_id=each.id, name=each.name, organisation=organisation,
            shown=shown, by=by,
        )  # fmt: skip
