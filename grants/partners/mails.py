"""Letters of the partner search: they carry words and a link, never the address of either side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.accounts.models import Account
from grants.notifications import letters
from grants.partners.models import PartnerConversation, PartnerEntry, PartnerLetter


def wrote(conversation: PartnerConversation, letter: PartnerLetter, *, to: Account, by: str, now: datetime) -> None:
    """Somebody wrote: what they said, and where to answer."""
    letters.write(
        "partner_letter", key=f"partner_letter:{letter.id}", address=to.email, about=conversation.entry.ref(),
        now=now, account_id=to.id, name=to.name, by=by, said=letter.text, entry=conversation.entry,
        link=f"/partners/letters/{conversation.public_id}",
    )  # fmt: skip


def reported(entry: PartnerEntry, managers: Sequence[Account], *, number: int, reason: str, now: datetime) -> None:
    """Asks the programme's managers to look at an entry."""
    for each in managers:
        letters.write(
            "partner_reported", key=f"partner_reported:{number}:{each.id}", address=each.email, about=entry.ref(),
            now=now, account_id=each.id, name=each.name, entry=entry, topic=entry.topic, reason=reason,
        )  # fmt: skip


def hidden(entry: PartnerEntry, *, now: datetime) -> None:
    """Tells the author that an entry is hidden, and why."""
    letters.write(
        "partner_hidden", key=f"partner_hidden:{entry.id}:{now.isoformat()}", address=entry.author.email,
        about=entry.ref(), now=now, account_id=entry.author_id, name=entry.author.name, entry=entry,
        topic=entry.topic, reason=entry.hidden_because,
    )  # fmt: skip
