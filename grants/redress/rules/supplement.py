"""The place that a proposal with new scores would have had in a list that is announced. Pure.

The announced list is never rewritten: all others keep their order, and the proposal is put where it comes before the
next by the keys of the list. Source: domain.md 8.6 and 15 (a new score re-ranks without touching what was decided),
evaluation.md 2.1 to 2.4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from grants.evaluation.rules import Failure, threshold_failures, totals
from grants.ranking.rules import CandidateFacts, Outcome, Placement, RankingConfig, funding_line, rank
from grants.ranking.rules.keys import Key, Placed, build_keys
from grants.ranking.states import Decision

_SUGGESTED = {Outcome.MAIN: Decision.MAIN, Outcome.RESERVE: Decision.RESERVE}


@dataclass(frozen=True, slots=True)
class Supplement:
    """``order``: numbers of the whole list with the proposal at its new ``place``, which counts from 1.

    ``requested``: euro that the main list would have to find for it. ``suggests``: what the funding line of the
    announced list says there; people decide.
    """

    total: Decimal
    ranking_score: Decimal
    failures: tuple[Failure, ...]
    place: int
    old_place: int
    requested: Decimal
    suggests: Decision
    order: tuple[int, ...]


def supplement(
    candidates: Sequence[CandidateFacts], config: RankingConfig, number: int, scores: Mapping[str, Decimal],
    chosen: Collection[int] = (),
) -> Supplement | None:  # fmt: skip
    """What ``scores`` (of all criteria) would have meant for the proposal ``number`` in the list of ``candidates``.

    ``chosen``: the main list of a portfolio. None where the list has no such proposal: it was excluded, so there is
    nothing to put in its place. Raises ValueError for a criterion without a score.
    """
    known = {each.number: each for each in candidates}
    if number not in known or known[number].ineligible:
        return None
    announced = rank(candidates, config)
    others = [each for each in announced if each.number != number]
    new = replace(known[number], scores=dict(scores))
    sums = totals(new.scores, config.criteria)
    failures = tuple(
        threshold_failures(new.scores, config.criteria, overall=config.overall_threshold, reached=sums.total)
    )
    if failures:
        index = _below(others, sums.ranking, sums.total, number)
    else:
        keys = build_keys(config.keys, config.criteria, seed=config.seed)
        index = _ranked(others, known, new, sums.ranking, keys)
    order = [each.number for each in others]
    order.insert(index, number)
    return Supplement(
        total=sums.total, ranking_score=sums.ranking, failures=failures, place=index + 1,
        old_place=next(each.place for each in announced if each.number == number), requested=new.requested,
        suggests=Decision.REJECTED if failures else _suggestion(others, new, index, config, chosen),
        order=tuple(order),
    )  # fmt: skip


def _is_ranked(placed: Placement) -> bool:
    return not placed.failures and not placed.ineligible


def _ranked(
    others: Sequence[Placement], known: Mapping[int, CandidateFacts], new: CandidateFacts, score: Decimal,
    keys: Sequence[Key],
) -> int:  # fmt: skip
    """How many of the announced order stay before it, with what they cover looked at as the list was made."""
    placed = Placed()

    def standing(each: CandidateFacts, ranking_score: Decimal) -> tuple[Any, ...]:
        return (-ranking_score, *(key.value(each, placed) for key in keys), each.number)

    for index, other in enumerate(others):
        candidate = known[other.number]
        if not _is_ranked(other) or standing(new, score) < standing(candidate, other.ranking_score):
            return index
        placed.add(candidate)
    return len(others)


def _below(others: Sequence[Placement], score: Decimal, total: Decimal, number: int) -> int:
    """Among those below a threshold: by ranking score, then total, then number, as the list has them."""
    mine = (-score, -total, number)
    for index, other in enumerate(others):
        after = other.ineligible or (other.failures and mine < (-other.ranking_score, -other.total, other.number))
        if after:
            return index
    return len(others)


def _suggestion(
    others: Sequence[Placement], new: CandidateFacts, index: int, config: RankingConfig, chosen: Collection[int]
) -> Decision:
    """What the funding line says at its place; a portfolio is not selected anew: people decide from the reserve."""
    if config.portfolio is not None:
        return Decision.MAIN if new.number in chosen else Decision.RESERVE
    requests = [each.requested for each in others if _is_ranked(each)]
    requests.insert(index, new.requested)
    lines = funding_line(
        requests, budget=config.budget, on_misfit=config.on_misfit, least_offer=config.least_offer,
        reserve_size=config.reserve_size,
    )  # fmt: skip
    return _SUGGESTED.get(lines[index].outcome, Decision.REJECTED)
