"""The ranked list of one topic: order, ties with their reasons, funding line. Pure.

``keys`` are the named tie-break keys, ``order`` ranks, ``line`` draws the funding line under the order. The same
proposals in any sequence give the same list. Source: evaluation.md 2.1 to 2.4, domain.md 8.3 and 8.5.
"""

from __future__ import annotations

from grants.calls.states import Misfit
from grants.ranking.rules.batches import Batch, batches, chosen, left_for, seed_of
from grants.ranking.rules.clocks import Clock, ClockState, clock
from grants.ranking.rules.keys import CandidateFacts, key_problems
from grants.ranking.rules.line import Outcome, funding_line
from grants.ranking.rules.notification import Notice, days_after, end_of_day_after
from grants.ranking.rules.order import (
    Placement,
    RankingConfig,
    competitors,
    inputs_hash,
    inputs_text,
    ordinal,
    rank,
    read_inputs,
)
from grants.ranking.rules.portfolio import Item, Limit, broken, limits
from grants.ranking.rules.whatif import Changes, Outlook, changed, what_if

__all__ = [
    "Batch",
    "CandidateFacts",
    "Changes",
    "Clock",
    "ClockState",
    "Item",
    "Limit",
    "Misfit",
    "Notice",
    "Outcome",
    "Outlook",
    "Placement",
    "RankingConfig",
    "batches",
    "broken",
    "changed",
    "chosen",
    "clock",
    "competitors",
    "days_after",
    "end_of_day_after",
    "funding_line",
    "inputs_hash",
    "inputs_text",
    "key_problems",
    "left_for",
    "limits",
    "ordinal",
    "rank",
    "read_inputs",
    "seed_of",
    "what_if",
]
