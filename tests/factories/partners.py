"""Entries of the partner search for tests."""

from __future__ import annotations

from uuid import uuid4

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db
from grants.organisations.models import Organisation
from grants.organisations.rules import fold
from grants.partners.models import PartnerConversation, PartnerEntry, PartnerLetter
from grants.partners.states import EntryKind
from tests.conftest import NOW


def entry(
    topic: Topic,
    author: Account,
    organisation: Organisation | None = None,
    *,
    title: str = "We know drones",
    keywords: tuple[str, ...] = (),
    kind: EntryKind = EntryKind.OFFER,
) -> PartnerEntry:
    """A published entry."""
    made = PartnerEntry(
        topic=topic, kind=kind, author_id=author.id, author=author, organisation=organisation,
        country=organisation.country if organisation else "BE", title=title, text="Ten years of practice.",
        keywords=list(keywords), published_at=NOW, folded=fold(" ".join((title, *keywords))),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def conversation(about: PartnerEntry, asker: Account, text: str = "Good day") -> PartnerConversation:
    """A conversation of one letter."""
    made = PartnerConversation(public_id=uuid4(), entry=about, asker=asker, begun_at=NOW)
    made.letters.append(PartnerLetter(author_id=asker.id, text=text, sent_at=NOW))
    db.session.add(made)
    db.session.flush()
    return made
