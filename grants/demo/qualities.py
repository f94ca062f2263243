"""How good the demo's proposals are, criterion by criterion: some fail a threshold, some tie. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

Quality = tuple[tuple[str, Decimal], ...]
_HALF = Decimal("0.5")


def draw(template: str, count: int, *, rng: Random) -> Iterator[Quality]:
    """``count`` proposals from the best to the worst by total. The fourth and fifth tie in everything, so that only
    the last means decides; the seventh has the sixth's total from other criteria."""
    made = [_spread(template, place, count, rng=rng) for place in range(count)]
    made.sort(key=lambda scores: -sum(scores.values()))
    if count > 4:
        made[4] = dict(made[3])
    if count > 6:
        made[6] = _shifted(made[5])
    return (tuple((code, score) for code, score in scores.items()) for scores in made)


def _spread(template: str, place: int, count: int, *, rng: Random) -> dict[str, Decimal]:
    share = 1 - (place + rng.random() * 0.5) / max(count, 4)  # 1 for the best, near 0 for the worst
    if template == "ISF-PJG":
        whole = 48 + round(46 * share)
        relevance = min(39, round(whole * 0.4) + rng.randint(-2, 2))
        impact = min(19, round(whole * 0.2) + rng.randint(-1, 1))
        return {
            "relevance": Decimal(relevance), "quality": Decimal(min(40, whole - relevance - impact)),
            "impact": Decimal(impact),
        }  # fmt: skip
    halves = 15 + round(14 * share)
    parts = [halves // 3 + (1 if index < halves % 3 else 0) for index in range(3)]
    source, target = rng.sample(range(3), 2)
    if parts[source] > 4 and parts[target] < 10:
        parts[source], parts[target] = parts[source] - 1, parts[target] + 1
    rng.shuffle(parts)
    codes = ("excellence", "impact", "implementation")
    return {code: min(part, 10) * _HALF for code, part in zip(codes, parts, strict=True)}


def _shifted(scores: dict[str, Decimal]) -> dict[str, Decimal]:
    """The same total, a step less in the first criterion and a step more in the last."""
    codes = list(scores)
    step = _HALF if codes[0] == "excellence" else Decimal(1)
    return {**scores, codes[0]: scores[codes[0]] - step, codes[-1]: scores[codes[-1]] + step}
