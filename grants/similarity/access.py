"""Who may see which texts are alike: the managers of the programme of one of the two, after both deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.kernel.actor import Actor
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict


def may_see(actor: Actor, *, programmes: Sequence[str], deadlines: Sequence[datetime], now: datetime) -> Verdict:
    """``programmes`` and ``deadlines`` of both. What is alike in the other is in one's own already, so a manager of
    one programme reads the shared passages of the other's, and its number, acronym and topic, and no more."""
    closed = all(deadline <= now for deadline in deadlines)
    return ALLOWED if closed and any(actor.manages(each) for each in programmes) else HIDDEN
