"""The funding line: who is proposed for a grant under the budget. Source: evaluation.md 2.4, domain.md 8.5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from grants.calls.states import Misfit
from grants.kernel.money import ZERO


class Outcome(StrEnum):
    """What the rules suggest for a proposal; people decide."""

    MAIN = "main"
    RESERVE = "reserve"
    OVER_BUDGET = "over_budget"
    BELOW_THRESHOLD = "below_threshold"
    INELIGIBLE = "ineligible"

    @property
    def label(self) -> str:
        """In words."""
        return _LABELS[self]


_LABELS = {
    Outcome.MAIN: "Main list",
    Outcome.RESERVE: "Reserve list",
    Outcome.OVER_BUDGET: "Above threshold, not funded",
    Outcome.BELOW_THRESHOLD: "Below threshold",
    Outcome.INELIGIBLE: "Not eligible",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row under the budget. ``offered``: euro; ``cumulated``: the sum of offers down to this row."""

    outcome: Outcome
    offered: Decimal
    cumulated: Decimal


def chosen_line(
    requests: Sequence[Decimal], chosen: Sequence[bool], *, reserve_size: int | None = None
) -> list[Line]:
    """Mode ``portfolio``: the main list is given, one flag for each row; the others as in ``funding_line``.

    >>> [line.outcome.value for line in chosen_line([Decimal(4), Decimal(7)], [False, True])]
    ['reserve', 'main']
    """
    lines: list[Line] = []
    spent, reserved = ZERO, 0
    for requested, taken in zip(requests, chosen, strict=True):
        if taken:
            spent += requested
            lines.append(Line(Outcome.MAIN, requested, spent))
            continue
        lines.append(_not_funded(reserved, reserve_size, spent))
        reserved += 1
    return lines


def _not_funded(reserved: int, reserve_size: int | None, spent: Decimal) -> Line:
    """Reserve while the list has room, then over budget. ``reserved``: how many stand before it."""
    has_room = reserve_size is None or reserved < reserve_size
    return Line(Outcome.RESERVE if has_room else Outcome.OVER_BUDGET, ZERO, spent)


def funding_line(
    requests: Sequence[Decimal],
    *,
    budget: Decimal,
    on_misfit: Misfit = Misfit.STOP,
    least_offer: Decimal = ZERO,
    reserve_size: int | None = None,
) -> list[Line]:
    """Mode ``strict``: down the list of requested contributions in euro, one row for each in the same order.

    A request of exactly what is left fits. ``stop``: nobody after the first misfit is funded; ``skip``: whoever still
    fits is; ``offer_less``: the first misfit is offered the rest, if that is above 0 and at least ``least_offer``,
    and the line ends there. Who is not funded stands on the reserve list while it has room, then is over budget.

    >>> [line.outcome.value for line in funding_line([Decimal(4), Decimal(7), Decimal(3)], budget=Decimal(8))]
    ['main', 'reserve', 'reserve']
    """
    lines: list[Line] = []
    spent, reserved, ended = ZERO, 0, False
    for requested in requests:
        left = budget - spent
        offered = requested if requested <= left and not ended else None
        if offered is None and on_misfit is Misfit.OFFER_LESS and not ended and left > 0 and left >= least_offer:
            offered, ended = left, True
        if offered is not None:
            spent += offered
            lines.append(Line(Outcome.MAIN, offered, spent))
            continue
        ended = ended or on_misfit is not Misfit.SKIP
        lines.append(_not_funded(reserved, reserve_size, spent))
        reserved += 1
    return lines
