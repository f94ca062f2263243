"""The best set of proposals under a budget and portfolio rules, exactly: integer programs solved by HiGHS.

Only the worker and the command line load this module: the numbers library behind it weighs a hundred megabytes.
HiGHS reckons in floating point, so every set it finds is held against the limits in Decimal; one that breaks a limit
by a cent is cut off, and the program is solved again. Source: evaluation.md 2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from grants.kernel.money import ZERO
from grants.ranking.rules.portfolio import Item, Limit

#: Proposals whose order decides in one program: 2^20 is far below what floating point tells apart.
_BLOCK = 20
#: Seconds for one program; a topic of real size takes well under one.
_PATIENCE = 120.0
_OPTIMAL, _INFEASIBLE = 0, 2


class NoSelection(Exception):
    """No set keeps the limits, or none was proven best in time. ``names``: limits that exclude each other."""

    def __init__(self, message: str, names: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.names = tuple(names)


@dataclass(frozen=True, slots=True)
class Selection:
    """``chosen``: numbers. ``score``: the sum of their ranking scores, the highest that the limits allow."""

    chosen: frozenset[int]
    score: Decimal


def select(items: Sequence[Item], limits: Sequence[Limit]) -> Selection:
    """The set with the highest sum of ranking scores; among equal sums the one that holds better places first.

    ``items``: above the thresholds, in the order of the list. Raises NoSelection.
    """
    if not items:
        return Selection(frozenset(), ZERO)
    program = _Program(items, limits)
    best = program.solve(program.scores)
    if best is None:
        names = _colliding(items, limits)
        raise NoSelection(f"These rules cannot be kept together: {'; '.join(names)}.", names)
    total = int(program.scores @ best)
    program.equal(program.scores, total)
    for start in range(0, len(items), _BLOCK):
        best = program.prefer(range(start, min(start + _BLOCK, len(items))), best)
    chosen = frozenset(each.number for each, taken in zip(items, best, strict=True) if taken)
    return Selection(chosen, sum((each.score for each in items if each.number in chosen), ZERO))


def _colliding(items: Sequence[Item], limits: Sequence[Limit]) -> list[str]:
    """Limits of which none can be taken away without the others becoming possible."""
    needed = list(limits)
    for each in limits:
        others = [one for one in needed if one is not each]
        program = _Program(items, others)
        if program.solve(program.scores) is None:
            needed = others
    return [each.name for each in needed]


class _Program:
    """One variable, 0 or 1, for each item; rows that are kept; scores in whole numbers."""

    def __init__(self, items: Sequence[Item], limits: Sequence[Limit]) -> None:
        self._items, self._limits = items, limits
        places = max((-int(each.score.normalize().as_tuple().exponent) for each in items), default=0)
        self.scores = np.array([float(each.score.scaleb(max(places, 0))) for each in items])
        self._low, self._high = np.zeros(len(items)), np.ones(len(items))
        self._rows: list[tuple[np.ndarray, float, float]] = [self._row(each) for each in limits]

    def _row(self, limit: Limit) -> tuple[np.ndarray, float, float]:
        weights = np.array([float(limit.weights.get(each.number, ZERO)) for each in self._items])
        scale = float(weights.max(initial=0.0)) or 1.0
        bound = float(limit.bound) / scale
        return weights / scale, *((bound, np.inf) if limit.least else (-np.inf, bound))

    def equal(self, weights: np.ndarray, total: float) -> None:
        """From now on the sum of ``weights`` is ``total``."""
        self._rows.append((weights, total - 0.5, total + 0.5))

    def prefer(self, block: range, known: np.ndarray) -> np.ndarray:
        """Fix the items of a block as the set has them that holds the better ones first."""
        if not known[list(block)].all():
            weights = np.zeros(len(self._items))
            weights[list(block)] = 2.0 ** np.arange(len(block) - 1, -1, -1)
            found = self.solve(weights)
            known = known if found is None or weights @ found <= weights @ known else found
        self._low[list(block)] = self._high[list(block)] = known[list(block)]
        return known

    def solve(self, weights: np.ndarray) -> np.ndarray | None:
        """The set with the highest sum of whole ``weights``, None where there is none. Raises NoSelection in time."""
        while True:
            rows = [LinearConstraint(row, low, high) for row, low, high in self._rows]
            found = milp(
                -weights, integrality=np.ones(len(weights)), bounds=Bounds(self._low, self._high),
                constraints=rows, options={"mip_rel_gap": 0.0, "time_limit": _PATIENCE},
            )  # fmt: skip
            if found.status == _INFEASIBLE:
                return None
            if found.status != _OPTIMAL:
                raise NoSelection("The best selection was not found in time. Fewer rules may help.")
            taken: np.ndarray = np.round(found.x)
            chosen = {each.number for each, one in zip(self._items, taken, strict=True) if one}
            wrong = [each for each in self._limits if not each.kept_by(chosen)]
            if not wrong:
                return taken
            self._rows += [self._cut(each, chosen) for each in wrong]

    def _cut(self, limit: Limit, chosen: set[int]) -> tuple[np.ndarray, float, float]:
        """A row that excludes how ``chosen`` breaks a limit, and no set that keeps it."""
        counts = [each.number in limit.weights for each in self._items]
        inside = np.array([float(c and (e.number in chosen)) for c, e in zip(counts, self._items, strict=True)])
        outside = np.array([float(c and (e.number not in chosen)) for c, e in zip(counts, self._items, strict=True)])
        return (outside, 1.0, np.inf) if limit.least else (inside, -np.inf, inside.sum() - 1)
