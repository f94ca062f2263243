"""The balance of a topic's experts, and whether enough of them are new. Pure. Source: domain.md 8.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """One expert who accepted. ``newcomer``: accepted nothing in this programme in the year before."""

    gender: str
    country: str
    sector: str
    newcomer: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts, the largest first; what was not said counts under the empty word."""

    total: int
    gender: list[tuple[str, int]]
    country: list[tuple[str, int]]
    sector: list[tuple[str, int]]
    newcomers: int
    wanted: int  # newcomers, in per cent

    @property
    def enough_are_new(self) -> bool:
        """Whether the share that the topic wants is reached; nobody is missing where nobody is there."""
        return self.newcomers * 100 >= self.total * self.wanted


def balance(seats: Sequence[Seat], *, wanted: int) -> Balance:
    """Count the seats. ``wanted``: newcomers in per cent."""
    return Balance(
        len(seats), _counted(each.gender for each in seats), _counted(each.country for each in seats),
        _counted(each.sector for each in seats), sum(each.newcomer for each in seats), wanted,
    )  # fmt: skip


def _counted(words: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0]))
