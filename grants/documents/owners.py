"""Whose files these are: later stages say who may read them and what happens when one is accepted.

Documents lie below proposals and projects; ``grants/registry.py`` connects them, for web and worker alike.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.verdicts import HIDDEN, Verdict


class Owner(Protocol):
    """What an owning capability says about its documents."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:
        """Whether the actor may open the file."""
        ...

    def accepted(self, document: Document, *, now: datetime) -> None:
        """The file has passed its checks: attach it. Runs in the same transaction; may raise Refused."""
        ...


_OWNERS: dict[str, Owner] = {}


def register(kind: str, owner: Owner) -> None:
    """Say who answers for documents whose owner is of this kind."""
    _OWNERS[kind] = owner


def owner_of(document: Document) -> Owner:
    """Who answers for this document. Raises KeyError for a kind that nobody registered: a bug."""
    return _OWNERS[document.owner_kind]


def may_read(actor: Actor, document: Document, *, now: datetime) -> Verdict:
    """Whether the actor may open the file; hidden where nobody answers for it."""
    owner = _OWNERS.get(document.owner_kind)
    return owner.may_read(actor, document, now=now) if owner else HIDDEN
