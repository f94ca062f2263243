"""Prices that bring the bound down, and every so often an assignment built from them. Source: evaluation.md 1.2."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from grants.assigning.solver import building, teams
from grants.assigning.solver.instance import FIXED, Answer, Floats, Instance, Ints, Prices

#: At what share of the prices each sweep of improvements works.
SWEEPS = np.array([1.0, 1.0, 0.7, 0.4, 0.0, 0.0])
#: How often somebody may be moved for a proposal that found no team.
PATIENCE = 60
#: First step of the prices in points of fit; it fades as ``STEP / (1 + iteration / FADE)``.
STEP, FADE = 20.0, 8.0
#: From so many proposals on more than one processor is used.
WORTH_SHARING = 500
#: The compiled parts share out their work among threads and must not be entered twice at once.
_ONE_AT_A_TIME = threading.Lock()


class Cancelled(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True, slots=True)
class Effort:
    """When to stop: after so many price steps, so many seconds, or at a gap. Only ``iterations`` gives the same
    answer on every machine. ``every``: steps between two assignments; ``exchanges``: rounds of exchanges in each."""

    iterations: int = 300
    seconds: float = 300.0
    gap: float = 0.0
    every: int = 25
    exchanges: int = 1
    seed: int = 1


Progress = Callable[[int, float, float], bool]


def solve(instance: Instance, effort: Effort | None = None, *, progress: Progress | None = None) -> Answer:
    """An assignment with its bound. ``progress`` hears step, objective and bound, and answers whether to go on.

    Raises Cancelled where it does not. Safe to call from several threads; they wait for each other.
    """
    with _ONE_AT_A_TIME:
        # Sharing out little work takes longer than doing it.
        numba.set_num_threads(numba.config.NUMBA_NUM_THREADS if instance.proposals >= WORTH_SHARING else 1)
        return _Run(instance, effort or Effort(), progress).go()


def bound(instance: Instance, prices: Prices, *, listed: bool = False) -> float:
    """No assignment is worth more: computed from prices alone, so anybody can check it.

    ``listed``: among the listed candidates; else among all pairs, of which none fits better than the last listed.
    """
    with _ONE_AT_A_TIME:
        return _bound(instance, instance.arrays(), prices, listed=listed)


def _bound(instance: Instance, arrays: tuple[Any, ...], prices: Prices, *, listed: bool) -> float:
    width, size = instance.candidates.shape[1], instance.rules.size
    total = np.zeros(instance.proposals)
    rooms = (0,) if listed else (0, size)
    for wild in rooms:
        values = np.empty(instance.proposals)
        order = np.tile(np.arange(width, dtype=np.int64), (instance.proposals, 1))
        lines = np.ones(instance.proposals, np.int64)
        found = np.full((instance.proposals, size), -1, np.int64)
        teams.best_teams(*arrays, prices.seat, prices.role, order, lines, found, np.zeros_like(lines), values, wild)
        total = values if wild == 0 else np.maximum(total, values)
    bonus = arrays[2]
    fixed = np.where(bonus >= FIXED, bonus, 0.0).sum(axis=1)
    low, high = instance.rules.knees
    s = (size - 1) * 1000.0
    lead = 1000 // instance.rules.lead_part if instance.rules.lead_part else 0
    least = s - max(0.0, high - s) - 2 * max(0.0, low - s) + lead - teams.SEAT
    paid = prices.seat @ instance.load + prices.role @ instance.rapporteur_load
    return float(np.maximum(total, least + fixed).sum() - fixed.sum() + paid)


class _Run:
    def __init__(self, instance: Instance, effort: Effort, progress: Progress | None) -> None:
        self.instance, self.effort, self.progress = instance, effort, progress
        self.arrays = instance.arrays()
        shape = (instance.proposals, instance.rules.size)
        self.width = instance.candidates.shape[1]
        self.order = np.tile(np.arange(self.width, dtype=np.int64), (instance.proposals, 1))
        self.lines = np.ones(instance.proposals, np.int64)
        self.teams: Ints = np.full(shape, -1, np.int64)
        self.leads: Ints = np.full(instance.proposals, -1, np.int64)
        self.values: Floats = np.empty(instance.proposals)
        bonus = self.arrays[2]
        self.fixed = float(np.where(bonus >= FIXED, bonus, 0.0).sum())
        self.best_bound, self.best_first = np.inf, self.teams.copy()
        self.prices = Prices(np.zeros(len(instance.load)), np.zeros(len(instance.load)))
        self.objective = -np.inf
        self.builds = 0
        self.answer: tuple[Ints, Ints] = (self.teams.copy(), self.leads.copy())

    def go(self) -> Answer:
        """Step by step. Raises Cancelled."""
        began, effort, instance = time.perf_counter(), self.effort, self.instance
        seat, role = self.prices.seat.copy(), self.prices.role.copy()
        steps = [np.zeros_like(seat), np.zeros_like(role)]
        use, roles = np.zeros(len(seat), np.int64), np.zeros(len(role), np.int64)
        done = 0
        for iteration in range(effort.iterations):
            total = teams.best_teams(*self.arrays, seat, role, self.order, self.lines, self.teams, self.leads,
                                     self.values, 0)  # fmt: skip
            here = float(total - self.fixed + seat @ instance.load + role @ instance.rapporteur_load)
            if here < self.best_bound:
                self.best_bound, self.prices = here, Prices(seat.copy(), role.copy())
                self.best_first = self.teams.copy()
            done = iteration + 1
            teams.count_use(instance.candidates, self.teams, self.leads, instance.rules.size, use, roles)
            step = STEP / (1 + iteration / FADE)
            steps = [0.7 * (use - instance.load) + 0.3 * steps[0],
                     0.7 * (roles - instance.rapporteur_load) + 0.3 * steps[1]]  # fmt: skip
            seat, role = np.maximum(0.0, seat + step * steps[0]), np.maximum(0.0, role + step * steps[1])
            if done % effort.every == 0 or done == effort.iterations:
                self.build()
                late = time.perf_counter() - began > effort.seconds
                if self.progress is not None and not self.progress(done, self.objective, self.best_bound):
                    raise Cancelled
                if late or self.near_enough():
                    break
        whole = _bound(instance, self.arrays, self.prices, listed=False)
        return Answer(
            *self.answer, objective=self.objective, bound=max(whole, self.best_bound), bound_listed=self.best_bound,
            prices=self.prices, iterations=done, seconds=time.perf_counter() - began,
        )  # fmt: skip

    def near_enough(self) -> bool:
        """Whether the gap that was asked for is reached, against the bound for all pairs."""
        if not self.effort.gap or (self.best_bound - self.objective) > self.effort.gap * abs(self.best_bound):
            return False
        whole = _bound(self.instance, self.arrays, self.prices, listed=False)
        return whole - self.objective <= self.effort.gap * abs(whole)

    def build(self) -> None:
        """An assignment from the best prices so far; kept where it is worth more."""
        self.builds += 1  # another sequence each time: what one order of improvements misses, another finds
        exchanges = self.effort.exchanges
        made, leads = np.empty_like(self.teams), np.empty_like(self.leads)
        building.build(*self.arrays, self.prices.seat, self.prices.role, self.best_first, SWEEPS, PATIENCE, exchanges,
                       self.effort.seed + self.builds, made, leads)  # fmt: skip
        reached = objective(self.instance, made, leads)
        if reached > self.objective:
            self.objective, self.answer = reached, (made, leads)


def objective(instance: Instance, made: Ints, leads: Ints) -> float:
    """What an assignment is worth (evaluation.md 1.1), bonuses of pairs that may change included, fixed ones not."""
    rules = instance.rules
    low, high = rules.knees
    there = made[:, 0] >= 0
    rows = np.nonzero(there)[0]
    picked = made[rows]
    fits = np.take_along_axis(instance.fits[rows], picked, axis=1)
    s = fits.sum(axis=1).astype(float)
    worth = s - np.maximum(0.0, high - s) - 2 * np.maximum(0.0, low - s)
    heads = instance.fits[rows, leads[rows]] // rules.lead_part if rules.lead_part else np.zeros(1)
    total = float(worth.sum() + heads.sum()) - rules.size * teams.SEAT * float((~there).sum())
    if instance.bonus is not None:
        bonus = np.take_along_axis(instance.bonus[rows], picked, axis=1)
        total += float(np.where(bonus >= FIXED, 0.0, bonus).sum())
    if rules.wish:
        has = np.bitwise_or.reduce(
            instance.bits[np.take_along_axis(instance.candidates[rows], picked, axis=1)], axis=1
        )
        lacking = rules.wish & ~has
        total -= rules.penalty * float(sum(int(each).bit_count() for each in lacking))
    return total
