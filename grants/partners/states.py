"""Offers and requests, and their life. Expired is no state: an entry is over with the deadline of its topic."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class EntryKind(StrEnum):
    """Whether somebody offers to take part or looks for somebody."""

    OFFER = "offer"
    REQUEST = "request"

    @property
    def label(self) -> str:
        """In words."""
        return "Offers to take part" if self is EntryKind.OFFER else "Looks for a partner"


class EntryState(StrEnum):
    """Only published entries are public."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"


ENTRY = Machine(
    "partner_entry",
    EntryState,
    Transition(EntryState.PUBLISHED, "withdraw", EntryState.WITHDRAWN, "author"),
    Transition(EntryState.WITHDRAWN, "publish", EntryState.PUBLISHED, "author"),
    Transition(EntryState.PUBLISHED, "hide", EntryState.HIDDEN, "programme manager"),
    Transition(EntryState.HIDDEN, "show", EntryState.PUBLISHED, "programme manager"),
    final=(EntryState.WITHDRAWN,),
)
