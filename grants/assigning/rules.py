"""What a manager chooses for a run, and how well texts fit each other. Pure. Source: domain.md 8.4."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from heapq import heappush, heappushpop
from typing import Any

#: Words of a person's own list of keywords count so many times.
KEYWORD = 3
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Options:
    """``size``: experts of a proposal; ``per_country``: most of one country; ``gender``: "must", "wish" or "free";
    ``lead_share``: how much of a load may be as rapporteur, in per cent; ``seed``: of the order of improvements."""

    size: int = 3
    per_country: int = 2
    gender: str = "wish"
    lead_share: int = 50
    seed: int = 1

    def as_json(self) -> dict[str, Any]:
        """As a run keeps it."""
        return asdict(self)


def words(text: str) -> Counter[str]:
    """The words of a text in any script, folded; short ones say little."""
    return Counter(_WORD.findall(text.casefold()))


def profile(keywords: Sequence[str], text: str = "") -> Counter[str]:
    """A person or a proposal as words: keywords count more than running text."""
    found = words(text)
    for word, count in words(" ".join(keywords)).items():
        found[word] += KEYWORD * count
    return found


def fits(proposals: Sequence[Mapping[str, int]], experts: Sequence[Mapping[str, int]]) -> list[list[int]]:
    """How well each expert fits each proposal, 0 to 1000: the cosine of their words, rare words counting more.

    TF-IDF. The best pair of all has 1000: a few keywords never say as much as a page, so only how pairs compare
    means anything. Only words that both sides use can tell. Works offline, for any language in which both write.

    >>> fits([{"hotline": 2, "police": 1}], [{"hotline": 1}, {"hotline": 1, "law": 9}, {"painting": 1}])
    [[1000, 162, 0]]
    """
    rows = [[found.get(place, 0.0) for place in range(len(experts))] for found in _cosines(proposals, experts)]
    best = max((value for row in rows for value in row), default=0.0) or 1.0
    return [[round(1000 * value / best) for value in row] for row in rows]


def nearest(
    proposals: Sequence[Mapping[str, int]], experts: Sequence[Mapping[str, int]], *, count: int
) -> list[list[tuple[int, int]]]:
    """For each expert the places of the proposals that fit best, with their fits; as ``fits``, and never the whole
    table at once: a registry and a call may both have thousands.

    >>> nearest([{"hotline": 2, "police": 1}], [{"hotline": 1}, {"painting": 1}], count=3)
    [[(0, 1000)], []]
    """
    best, kept = 0.0, [list[tuple[float, int]]() for _ in experts]
    for number, found in enumerate(_cosines(proposals, experts)):
        for place, value in found.items():
            best = max(best, value)
            heap = kept[place]
            (heappushpop if len(heap) == count else heappush)(heap, (value, -number))
    return [[(-number, round(1000 * value / best)) for value, number in sorted(heap, reverse=True)] for heap in kept]


def _cosines(
    proposals: Sequence[Mapping[str, int]], experts: Sequence[Mapping[str, int]]
) -> Iterator[dict[int, float]]:
    """For each proposal, in their order, the experts with whom it shares a word, by their places."""
    everybody = [*proposals, *experts]
    spread = Counter(word for each in everybody for word in each)
    rare = {word: math.log(1 + len(everybody) / count) for word, count in spread.items()}

    def weighed(each: Mapping[str, int]) -> dict[str, float]:
        found = {word: (1 + math.log(count)) * rare[word] for word, count in each.items()}
        length = math.sqrt(sum(value * value for value in found.values())) or 1.0
        return {word: value / length for word, value in found.items()}

    by_word: dict[str, list[tuple[int, float]]] = {}
    for place, each in enumerate(experts):
        for word, value in weighed(each).items():
            by_word.setdefault(word, []).append((place, value))
    for each in proposals:
        sums: dict[int, float] = {}
        for word, value in weighed(each).items():
            for place, theirs in by_word.get(word, ()):
                sums[place] = sums.get(place, 0.0) + value * theirs
        yield sums
