"""What an assignment is computed from, as arrays; and what comes out. Source: evaluation.md 1.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Properties of an expert as bits: a team may need some of them, or be wished to have them.
WOMAN, MAN, EXPERIENCED, NEWCOMER = 1, 2, 4, 8
#: The knees of the worth of a team of three: a point of fit counts four times under the first, twice under the
#: second.
KNEES = (1400.0, 1800.0)
#: What a missing seat costs.
SEAT = 20_000.0
#: A pair that is fixed by hand brings this: no team without it is ever better.
FIXED = 1_000_000.0
#: What a pair that is there already brings where an assignment is made anew: little else changes than must.
KEEP = 150.0


@dataclass(frozen=True, slots=True)
class Rules:
    """``size``: experts of a proposal. ``per_country``: most of one country on a proposal; always at most one of an
    organisation. ``need``: properties that each team must have, ``wish``: those whose lack costs ``penalty`` each.
    ``knees_of_three``: where the worth of a team of three bends. ``lead_part``: the rapporteur's fit counts once more
    divided by this; 0: not at all.
    """

    size: int = 3
    per_country: int = 2
    need: int = WOMAN | MAN
    wish: int = 0
    penalty: float = 200.0
    knees_of_three: tuple[float, float] = KNEES
    lead_part: int = 5

    @property
    def knees(self) -> tuple[float, float]:
        """For this size of team."""
        low, high = self.knees_of_three
        return low * self.size / 3, high * self.size / 3


@dataclass(frozen=True, slots=True)
class Instance:
    """``candidates[p, j]``: the experts who may take proposal p, best fit first; ``fits[p, j]``: 0 to 1000, -1 where
    there is no candidate. A conflicted pair is no candidate at all.

    By expert: ``organisation``, ``country`` (numbers; below 0: unknown, equal to nobody), ``bits``, ``load``,
    ``rapporteur_load`` (0: never rapporteur). ``bonus[p, j]``: what a pair brings beside its fit: ``FIXED``, or a
    small reward for staying as it is.
    """

    candidates: Ints
    fits: Ints
    organisation: Ints
    country: Ints
    bits: Ints
    load: Ints
    rapporteur_load: Ints
    rules: Rules = field(default_factory=Rules)
    bonus: Floats | None = None

    @property
    def proposals(self) -> int:
        """How many."""
        return int(self.candidates.shape[0])

    def arrays(self) -> tuple[Any, ...]:
        """As the compiled functions take it: unknown organisations and countries become different from all others."""
        experts = len(self.load)
        own = np.arange(experts, dtype=np.int64)
        organisation = np.where(self.organisation < 0, self.organisation.max(initial=0) + 1 + own, self.organisation)
        country = np.where(self.country < 0, self.country.max(initial=0) + 1 + own, self.country)
        bonus = np.zeros(self.fits.shape) if self.bonus is None else self.bonus
        rules = self.rules
        return (
            self.candidates, self.fits, bonus, organisation, country, self.bits, self.load, self.rapporteur_load,
            rules.size, *rules.knees, rules.per_country, rules.need, rules.wish, rules.penalty, rules.lead_part,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prices:
    """What a seat and a rapporteur's role of each expert cost. With them anybody can compute the bound again."""

    seat: Floats
    role: Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """``teams[p]``: places in ``candidates[p]``, -1 for a missing seat; ``rapporteurs[p]``: the place of one of them.

    ``objective``: its worth; ``bound``: no assignment is worth more (``bound_listed``: none of the listed
    candidates); ``prices`` prove it. ``iterations``, ``seconds``: what it took.
    """

    teams: Ints
    rapporteurs: Ints
    objective: float
    bound: float
    bound_listed: float
    prices: Prices
    iterations: int
    seconds: float

    @property
    def gap(self) -> float:
        """How far from the bound, as a share of it; 0 is proven best."""
        return max(0.0, (self.bound - self.objective) / abs(self.bound)) if self.bound else 0.0
