"""A selection by the portfolio: what its rules demand of a set of proposals, and why somebody is passed over. Pure.

Which set is the best is found by ``ranking.selecting``. All comparisons are exact. Source: evaluation.md 2.4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from grants.calls.portfolio import PortfolioRule, Unit
from grants.kernel.money import ZERO


@dataclass(frozen=True, slots=True)
class Item:
    """A proposal above the thresholds. ``score``: its ranking score; ``cost``: euro requested."""

    number: int
    score: Decimal
    cost: Decimal
    areas: frozenset[str]


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule over the items that can be chosen: the sum of ``weights`` is at most, or at least, ``bound``.

    ``weights``: by number, 1 for each proposal or euro; who does not count is not in it. ``name``: for people.
    """

    name: str
    least: bool
    bound: Decimal
    weights: Mapping[int, Decimal]

    def kept_by(self, chosen: Collection[int]) -> bool:
        """Whether a set of proposals keeps it."""
        reached = sum((self.weights.get(number, ZERO) for number in chosen), ZERO)
        return reached >= self.bound if self.least else reached <= self.bound


def limits(items: Sequence[Item], portfolio: Iterable[PortfolioRule], budget: Decimal) -> list[Limit]:
    """The budget and the rules over these items. A minimum asks for no more than the items can give.

    Source: domain.md 8.3: a portfolio is asked for where the thresholds are met.
    """
    found = [Limit("the budget", False, budget, {each.number: each.cost for each in items})]
    for rule in portfolio:
        money = rule.unit is not Unit.PROPOSALS
        bound = budget * rule.amount / 100 if rule.unit is Unit.SHARE else rule.amount
        weights = {each.number: each.cost if money else Decimal(1) for each in items if each.areas & rule.areas}
        if rule.least:
            bound = min(bound, sum(weights.values(), ZERO))
        found.append(Limit(f"“{rule.text}”", rule.least, bound, weights))
    return found


def broken(chosen: Collection[int], given: Iterable[Limit]) -> list[str]:
    """Names of the limits that a set of proposals does not keep."""
    return [each.name for each in given if not each.kept_by(chosen)]


def passed_over(items: Sequence[Item], chosen: Collection[int], given: Sequence[Limit]) -> dict[int, str]:
    """Why each item that is not chosen, but stands before one that is, was left out; items in their order.

    What adding it would break, and the minimum that keeps a lower one in its place.
    """
    last = max((place for place, each in enumerate(items) if each.number in chosen), default=0)
    return {
        each.number: _why(each, items[place + 1 :], frozenset(chosen), given)
        for place, each in enumerate(items[:last])
        if each.number not in chosen
    }


def _why(item: Item, below: Sequence[Item], chosen: frozenset[int], given: Sequence[Limit]) -> str:
    over = broken(chosen | {item.number}, [each for each in given if not each.least])
    least = _held_by(item, below, chosen, given)
    words = f"with it {' and '.join(over)} would be exceeded" if over else "another set is better"
    return f"Passed over: {words}" + (f", and {least} keeps a lower one." if least else ".")


def _held_by(item: Item, below: Sequence[Item], chosen: frozenset[int], given: Sequence[Limit]) -> str:
    """The minimum that stops an exchange for a lower one which nothing else would stop."""
    for other in reversed([each for each in below if each.number in chosen]):
        names = broken((chosen - {other.number}) | {item.number}, given)
        minima = [each.name for each in given if each.least and each.name in names]
        if minima and len(minima) == len(names):
            return minima[0]
    return ""
