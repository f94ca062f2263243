"""The life of an uploaded file."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class DocumentState(StrEnum):
    """Only an accepted document counts. ``discarded``: its time is over and its bytes are gone."""

    EXPECTED = "expected"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


DOCUMENT = Machine(
    "document",
    DocumentState,
    Transition(DocumentState.EXPECTED, "receive", DocumentState.CHECKING, "uploader"),
    Transition(DocumentState.EXPECTED, "cancel", DocumentState.CANCELLED, "uploader"),
    Transition(DocumentState.CHECKING, "accept", DocumentState.ACCEPTED, "checks"),
    Transition(DocumentState.CHECKING, "refuse", DocumentState.REFUSED, "checks"),
    Transition(DocumentState.CHECKING, "cancel", DocumentState.CANCELLED, "uploader"),
    Transition(DocumentState.ACCEPTED, "discard", DocumentState.DISCARDED, "retention"),
    final=(DocumentState.ACCEPTED, DocumentState.REFUSED, DocumentState.CANCELLED, DocumentState.DISCARDED),
)
