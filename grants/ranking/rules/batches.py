"""Batches of a topic with several cut-offs: each has its own ranked list. Pure. Source: domain.md 3, issue of stages.

A proposal belongs to the first cut-off after its last submission. What an earlier batch has spent is gone for the
later ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from grants.kernel.clock import require_aware


@dataclass(frozen=True, slots=True)
class Batch:
    """``number`` counts from 1 in the order of the cut-offs; ``closed``: its cut-off has passed."""

    number: int
    cut_off: datetime
    closed: bool


def batches(cut_offs: Iterable[datetime], *, now: datetime) -> list[Batch]:
    """All batches, the earliest first. A cut-off of exactly ``now`` has passed."""
    moment = require_aware(now)
    ordered = sorted({require_aware(each) for each in cut_offs})
    return [Batch(number, each, each <= moment) for number, each in enumerate(ordered, start=1)]


def chosen(found: Sequence[Batch], wanted: int | None) -> Batch:
    """The batch that a page shows: the one asked for, else the last that is closed, else the first.

    Raises ValueError where there is no batch, LookupError where the number does not exist.
    """
    if not found:
        raise ValueError("no batch")
    if wanted is None:
        closed = [each for each in found if each.closed]
        return closed[-1] if closed else found[0]
    for each in found:
        if each.number == wanted:
            return each
    raise LookupError(wanted)


def left_for(cut_off: datetime, *, budget: Decimal, spent: Mapping[datetime, Decimal]) -> Decimal:
    """What the main lists of the earlier batches leave of the topic's budget in euro, at least 0."""
    gone = sum((amount for at, amount in spent.items() if at < cut_off), Decimal(0))
    return max(budget - gone, Decimal(0))


def seed_of(seed: str, cut_off: datetime | None) -> str:
    """The lottery's seed of one list. A batch has its own, so that publishing one betrays no later one.

    Source: evaluation.md 2.2 (nobody may know the seed while scores can change).
    """
    if cut_off is None or not seed:
        return seed
    return sha256(f"{seed}|{require_aware(cut_off).isoformat()}".encode()).hexdigest()
