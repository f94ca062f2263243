"""What another budget, other weights or thresholds would change: for looking at, never for deciding. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from grants.calls.states import Misfit
from grants.kernel.money import ZERO
from grants.ranking.rules.keys import CandidateFacts
from grants.ranking.rules.line import Outcome
from grants.ranking.rules.order import RankingConfig, outcomes


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different; None and what is not named stay as they are. ``thresholds``: None takes one away."""

    budget: Decimal | None = None
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    thresholds: Mapping[str, Decimal | None] = field(default_factory=dict)
    overall: Decimal | None = None
    on_misfit: Misfit | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """A list under changes. ``entered``: numbers that come onto the main list; ``left``: those that leave it."""

    budget: Decimal
    main: int
    spent: Decimal
    reserve: int
    below: int
    entered: tuple[int, ...]
    left: tuple[int, ...]


def changed(config: RankingConfig, changes: Changes) -> RankingConfig:
    """The rules of the list with the changes. Raises ValueError for a weight that is not above 0."""
    if any(weight <= 0 for weight in changes.weights.values()):
        raise ValueError("a weight must be above 0")
    criteria = tuple(
        replace(
            each, weight=changes.weights.get(each.code, each.weight),
            threshold=changes.thresholds.get(each.code, each.threshold),
        )
        for each in config.criteria
    )  # fmt: skip
    return replace(
        config, criteria=criteria, budget=config.budget if changes.budget is None else changes.budget,
        overall_threshold=config.overall_threshold if changes.overall is None else changes.overall,
        on_misfit=changes.on_misfit or config.on_misfit,
        portfolio=None if changes.on_misfit else config.portfolio,
    )  # fmt: skip


def what_if(
    candidates: Sequence[CandidateFacts], config: RankingConfig, changes: Changes, *, main_now: frozenset[int],
    chosen: Collection[int] = (),
) -> Outlook:  # fmt: skip
    """The list under changes, beside the present main list ``main_now``. Raises ValueError as ``changed`` does.

    ``chosen``: the main list under them, where they leave a portfolio.
    """
    under = changed(config, changes)
    placed = outcomes(candidates, under, chosen)
    main = [number for number, line in placed if line.outcome is Outcome.MAIN]
    there = frozenset(main)
    return Outlook(
        budget=under.budget, main=len(main), spent=sum((line.offered for _, line in placed), ZERO),
        reserve=sum(line.outcome is Outcome.RESERVE for _, line in placed),
        below=sum(line.outcome is Outcome.BELOW_THRESHOLD for _, line in placed),
        entered=tuple(number for number in main if number not in main_now), left=tuple(sorted(main_now - there)),
    )  # fmt: skip
