"""What the hash of an event covers, and how a chain is checked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One stored event as the check needs it. ``columns_agree``: the readable columns say what ``content`` says."""

    number: int
    previous: str
    hash: str
    content: str
    columns_agree: bool


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold, and how."""

    number: int
    what: str


def event_hash(number: int, previous: str, content: str) -> str:
    """SHA-256 over number, predecessor and content, each on a line of its own.

    >>> event_hash(1, START, "{}")[:8]
    'e926929d'
    """
    return sha256(f"{number}\n{previous}\n{content}".encode()).hexdigest()


def breaks(links: Iterable[Link], *, head: tuple[int, str]) -> Iterator[Break]:
    """Every place where the chain is broken: changed, missing, inserted or reordered rows, and a cut tail.

    ``links`` in the order of their numbers; ``head`` is the number and hash that the last one must have.
    """
    number, previous = 0, START
    for link in links:
        if link.number != number + 1:
            yield Break(number + 1, f"events {number + 1} to {link.number - 1} are missing")
        elif link.previous != previous:
            yield Break(link.number, "does not follow the event before it: one was inserted, removed or moved")
        if event_hash(link.number, link.previous, link.content) != link.hash:
            yield Break(link.number, "was changed after it was written")
        elif not link.columns_agree:
            yield Break(link.number, "shows other facts than those that were written")
        number, previous = link.number, link.hash
    if (number, previous) != head:
        yield Break(head[0], f"the chain ends at {number}, but its head is {head[0]}: its end was cut or replaced")
