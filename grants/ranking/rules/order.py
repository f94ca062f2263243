"""Ranking: who stands where and why. Scores first, then the call's keys, never the sequence of the input."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from hashlib import sha256
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any

from grants.calls.portfolio import read_rules
from grants.calls.rules import CriterionFacts
from grants.calls.states import Misfit
from grants.evaluation.rules import Failure, plain_number, threshold_failures, totals
from grants.kernel.money import ZERO
from grants.ranking.rules.keys import CandidateFacts, Key, Placed, build_keys
from grants.ranking.rules.line import Line, Outcome, chosen_line, funding_line
from grants.ranking.rules.portfolio import Item, Limit, limits, passed_over


@dataclass(frozen=True, slots=True)
class RankingConfig:
    """What the call decides, fixed before scores are seen.

    ``keys``: names of tie-break keys in their order. ``seed``: of the lottery, empty while it is not known.
    ``budget``: euro. ``least_offer``: the smallest grant that ``Misfit.OFFER_LESS`` may offer. ``reserve_size``: how
    many may stand on the reserve list, None for all. ``portfolio``: lines of ``calls.portfolio`` over ``areas`` where
    the main list is the best set under them, None where it goes down the list.
    """

    criteria: tuple[CriterionFacts, ...]
    keys: tuple[str, ...]
    budget: Decimal
    overall_threshold: Decimal | None = None
    seed: str = ""
    on_misfit: Misfit = Misfit.STOP
    least_offer: Decimal = ZERO
    reserve_size: int | None = None
    portfolio: tuple[str, ...] | None = None
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """One proposal's place, from 1 over the whole list: ranked ones, then below threshold, then ineligible.

    ``key`` separates it from the next place: ``score``, a tie-break key, ``threshold``, ``ineligible``, or empty
    where nothing does; ``value`` and ``next_value`` are what the two have there, ``reason`` the sentence. ``tied``:
    equal to a neighbour by every key, so the panel must decide. ``offered``: euro, 0 outside the main list;
    ``cumulated``: the sum of offers down to here. ``failures``: all thresholds missed. ``passed_over``: why one below
    is on the main list and this is not, under a portfolio.
    """

    place: int
    number: int
    total: Decimal
    ranking_score: Decimal
    requested: Decimal
    outcome: Outcome
    offered: Decimal
    cumulated: Decimal
    key: str
    value: str
    next_value: str
    reason: str
    tied: bool = False
    failures: tuple[Failure, ...] = ()
    ineligible: str = ""
    passed_over: str = ""


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: CandidateFacts
    total: Decimal
    ranking: Decimal
    failures: tuple[Failure, ...]


def rank(
    candidates: Iterable[CandidateFacts], config: RankingConfig, chosen: Collection[int] = ()
) -> list[Placement]:
    """The whole list in order, with outcomes and reasons. The sequence of ``candidates`` makes no difference.

    ``chosen``: numbers of the main list where the topic has a portfolio (see ``ranking.selecting``).

    Raises ValueError for a key that does not exist, for two proposals with one number, and for an eligible one that
    is not fully scored. Source: evaluation.md 2.1 to 2.4.
    """
    ranked, others, lines, keys = _drawn(candidates, config, chosen)
    items = [_item(each) for each in ranked]
    over = {} if config.portfolio is None else passed_over(items, chosen, _limits(items, config))
    return _placements(ranked, others, lines, keys, over)


def competitors(candidates: Iterable[CandidateFacts], config: RankingConfig) -> tuple[list[Item], list[Limit]]:
    """Those above the thresholds in their order, and the limits of a portfolio that a main list of them must keep.

    Raises ValueError as ``rank``, and for portfolio rules that cannot be read.
    """
    ranked, _, _, _ = _drawn(candidates, config, ())
    items = [_item(each) for each in ranked]
    return items, _limits(items, config)


def _item(each: _Scored) -> Item:
    return Item(each.candidate.number, each.ranking, each.candidate.requested, each.candidate.themes)


def _limits(items: Sequence[Item], config: RankingConfig) -> list[Limit]:
    return limits(items, read_rules(config.portfolio or (), config.areas), config.budget)


def outcomes(
    candidates: Iterable[CandidateFacts], config: RankingConfig, chosen: Collection[int] = ()
) -> list[tuple[int, Line]]:
    """Numbers in the same order with what the line says of each, without the reasons: for looking at many lists.

    Raises ValueError as ``rank``.
    """
    ranked, others, lines, _ = _drawn(candidates, config, chosen)
    return [(each.candidate.number, line) for each, line in zip([*ranked, *others], lines, strict=True)]


def _drawn(
    candidates: Iterable[CandidateFacts], config: RankingConfig, chosen: Collection[int]
) -> tuple[list[_Scored], list[_Scored], list[Line], list[Key]]:
    """Who is ranked, who is not, and the line over all of them."""
    given = sorted(candidates, key=lambda candidate: candidate.number)
    for one, other in pairwise(given):
        if one.number == other.number:
            raise ValueError(f"proposal {one.number} stands twice in the list")
    keys = build_keys(config.keys, config.criteria, seed=config.seed)
    scored = [_score(candidate, config) for candidate in given if not candidate.ineligible]
    ranked = _ordered([each for each in scored if not each.failures], keys)
    below = sorted((each for each in scored if each.failures), key=lambda each: (-each.ranking, -each.total))
    out = [_Scored(candidate, Decimal(0), Decimal(0), ()) for candidate in given if candidate.ineligible]
    lines = _line([each.candidate for each in ranked], config, chosen)
    spent = lines[-1].cumulated if lines else ZERO
    lines += [Line(Outcome.BELOW_THRESHOLD, ZERO, spent)] * len(below)
    lines += [Line(Outcome.INELIGIBLE, ZERO, spent)] * len(out)
    return ranked, [*below, *out], lines, keys


def _line(ranked: Sequence[CandidateFacts], config: RankingConfig, chosen: Collection[int]) -> list[Line]:
    requests = [each.requested for each in ranked]
    if config.portfolio is not None:
        return chosen_line(requests, [each.number in chosen for each in ranked], reserve_size=config.reserve_size)
    return funding_line(
        requests, budget=config.budget, on_misfit=config.on_misfit, least_offer=config.least_offer,
        reserve_size=config.reserve_size,
    )  # fmt: skip


def _score(candidate: CandidateFacts, config: RankingConfig) -> _Scored:
    try:
        sums = totals(candidate.scores, config.criteria)
    except ValueError as problem:
        raise ValueError(f"proposal {candidate.number}: {problem}") from problem
    failures = threshold_failures(
        candidate.scores, config.criteria, overall=config.overall_threshold, reached=sums.total
    )
    return _Scored(candidate, sums.total, sums.ranking, tuple(failures))


def _ordered(scored: Sequence[_Scored], keys: Sequence[Key]) -> list[_Scored]:
    """Take the best, place it, look at the dynamic keys again.

    Values only get worse as the list grows, so a proposal whose stored value still holds when its turn comes is the
    best of all: no group is ever looked at as a whole, and 17,000 proposals take about a second. The number decides
    last, only to make the result the same each time; ``_placements`` marks such pairs as tied.
    """
    placed = Placed()
    dynamic = [(at, key) for at, key in enumerate(keys, start=1) if key.dynamic]

    def standing(each: _Scored) -> tuple[Any, ...]:
        values = [key.value(each.candidate, placed) for key in keys]
        return (-each.ranking, *values, each.candidate.number)

    def holds(each: _Scored, stored: tuple[Any, ...]) -> bool:
        return all(key.value(each.candidate, placed) == stored[at] for at, key in dynamic)

    by_number = {each.candidate.number: each for each in scored}
    queue = [standing(each) for each in scored]
    heapify(queue)
    order = []
    while queue:
        stored = heappop(queue)
        each = by_number[stored[-1]]
        if not holds(each, stored):
            heappush(queue, standing(each))
            continue
        order.append(each)
        placed.add(each.candidate)
    return order


def _placements(
    ranked: Sequence[_Scored], others: Sequence[_Scored], lines: Sequence[Line], keys: Sequence[Key],
    over: Mapping[int, str],
) -> list[Placement]:  # fmt: skip
    """Walk down the order again and say for each neighbour pair what separates them."""
    everyone = [*ranked, *others]
    placed = Placed()
    found: list[Placement] = []
    for index, (each, line) in enumerate(zip(everyone, lines, strict=True)):
        following = everyone[index + 1] if index + 1 < len(everyone) else None
        key, value, next_value, because = _difference(each, following, keys, placed)
        tied_to_next = not key and following is not None and index + 1 < len(ranked)
        found.append(
            Placement(
                place=index + 1,
                number=each.candidate.number,
                total=each.total,
                ranking_score=each.ranking,
                requested=each.candidate.requested,
                outcome=line.outcome,
                offered=line.offered,
                cumulated=line.cumulated,
                key=key,
                value=value,
                next_value=next_value,
                reason=_sentence(index + 1, because, value, next_value, tied=tied_to_next),
                tied=tied_to_next or bool(found and _tied_below(found[-1])),
                failures=each.failures,
                ineligible=each.candidate.ineligible,
                passed_over=over.get(each.candidate.number, ""),
            )
        )
        placed.add(each.candidate)
    return found


def _tied_below(above: Placement) -> bool:
    """Whether the one above is tied with the one that follows it, not only with the one before it."""
    return above.tied and not above.key


def _difference(
    each: _Scored, following: _Scored | None, keys: Sequence[Key], placed: Placed
) -> tuple[str, str, str, str]:
    """Key, both values and the reason why ``each`` comes before ``following``; empty where nothing separates them."""
    if following is None:
        return "", "", "", ""
    if following.candidate.ineligible:
        here = each.candidate.ineligible
        return ("", "", "", "") if here else ("ineligible", "eligible", "ineligible", "the next is not eligible")
    if bool(each.failures) != bool(following.failures):
        return "threshold", "reached", "missed", "the next misses a threshold"
    if each.ranking != following.ranking:
        higher = "its ranking score is higher"
        return "score", plain_number(each.ranking), plain_number(following.ranking), higher
    if each.failures:
        return "", "", "", ""
    for key in keys:
        if key.value(each.candidate, placed) != key.value(following.candidate, placed):
            shown = key.shown(each.candidate, placed), key.shown(following.candidate, placed)
            return key.name, *shown, f"at equal ranking scores {key.because}"
    return "", "", "", ""


def _sentence(place: int, because: str, value: str, next_value: str, *, tied: bool) -> str:
    if tied:
        return f"{ordinal(place)} and {ordinal(place + 1)} are equal in every respect: the panel must decide."
    if not because:
        return ""
    return f"{ordinal(place)} before {ordinal(place + 1)} because {because} ({value} against {next_value})."


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``11th``, ``23rd``.

    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 112)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def inputs_hash(candidates: Iterable[CandidateFacts], config: RankingConfig) -> str:
    """SHA-256 of all that the list is computed from, as canonical JSON: a list with another hash is out of date.

    Neither the sequence of proposals nor ``4`` against ``4.0`` makes a difference.
    """
    return sha256(inputs_text(candidates, config).encode()).hexdigest()


def inputs_text(candidates: Iterable[CandidateFacts], config: RankingConfig) -> str:
    """All that the list is computed from, as canonical JSON: kept with a decision, for ``read_inputs``."""
    proposals = [asdict(replace(each, scores=dict(each.scores))) for each in candidates]
    proposals.sort(key=lambda each: int(each["number"]))
    rules = asdict(config)
    if config.portfolio is None:  # as lists without one have always been written
        del rules["portfolio"], rules["areas"]
    content = {"config": _canonical(rules), "proposals": _canonical(proposals)}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def read_inputs(text: str) -> tuple[list[CandidateFacts], RankingConfig]:
    """What ``inputs_text`` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    content = json.loads(text)
    given = content["config"]
    criteria = tuple(_criterion(each) for each in given["criteria"])
    amounts = {name: _decimal(given[name]) for name in ("budget", "overall_threshold", "least_offer")}
    config = RankingConfig(
        **{
            **given,
            **amounts,
            "criteria": criteria,
            "keys": tuple(given["keys"]),
            "on_misfit": Misfit(given["on_misfit"]),
            "portfolio": None if given.get("portfolio") is None else tuple(given["portfolio"]),
            "areas": tuple(given.get("areas", ())),
        }
    )
    return [_candidate(each) for each in content["proposals"]], config


def _criterion(given: dict[str, Any]) -> CriterionFacts:
    numbers = {name: Decimal(given[name]) for name in ("maximum", "step", "weight")}
    return CriterionFacts(**{**given, **numbers, "threshold": _decimal(given["threshold"])})


def _candidate(given: dict[str, Any]) -> CandidateFacts:
    return CandidateFacts(
        **{
            **given, "scores": {code: Decimal(score) for code, score in given["scores"].items()},
            "requested": Decimal(given["requested"]), "sme_amount": Decimal(given["sme_amount"]),
            "themes": frozenset(given["themes"]), "countries": frozenset(given["countries"]),
        }
    )  # fmt: skip


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, dict):
        return {str(key): _canonical(part) for key, part in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(part) for part in value)
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    return value
