"""The named keys that decide between equal ranking scores, as ordered lists of a call. Source: evaluation.md 2.2.

A key gives each proposal a value, smaller first. ``coverage`` and ``geography`` look at what is placed higher; as the
list grows their values can only get worse, which ``order`` relies on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import plain_number

_CRITERION = "criterion:"


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """A proposal as the ranking sees it. ``number``: its public number; ``requested``: contribution in euro.

    ``scores``: agreed scores by criterion. ``themes``: what it addresses, for coverage. ``countries``: of its
    participants, ISO codes. ``women``, ``men``: named researchers, 0 where nobody is named. ``sme_amount``: euro that
    go to SMEs. ``panel``: place among equals that a panel has decided and written down, None for none.
    ``ineligible``: the reason, empty for an eligible proposal.
    """

    number: int
    scores: Mapping[str, Decimal]
    requested: Decimal
    themes: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    women: int = 0
    men: int = 0
    sme_amount: Decimal = Decimal(0)
    panel: int | None = None
    ineligible: str = ""


@dataclass(slots=True)
class Placed:
    """What those placed higher already cover."""

    themes: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)

    def add(self, candidate: CandidateFacts) -> None:
        """One more is placed."""
        self.themes |= candidate.themes
        self.countries |= candidate.countries


@dataclass(frozen=True, slots=True)
class Key:
    """``value``: smaller first. ``shown``: the value in words. ``because``: why the smaller one comes first.

    ``dynamic``: the value depends on what is placed higher.
    """

    name: str
    value: Callable[[CandidateFacts, Placed], Any]
    shown: Callable[[CandidateFacts, Placed], str]
    because: str
    dynamic: bool = False


def build_keys(names: Sequence[str], criteria: Sequence[CriterionFacts], *, seed: str) -> list[Key]:
    """The call's keys in their order. Raises ValueError for what ``key_problems`` finds.

    Without a ``seed`` the lottery decides nothing: scores can still change, and the seed is not known yet.
    """
    problems = key_problems(names, criteria)
    if problems:
        raise ValueError(" ".join(problems))
    known = {criterion.code: criterion for criterion in criteria}
    keys = []
    for name in names:
        criterion = known.get(name.removeprefix(_CRITERION))
        if criterion is not None and (name not in _PLAIN):
            keys.append(_criterion_key(name, criterion))
        elif name == "lottery":
            keys.append(_lottery_key(seed))
        else:
            keys.append(_PLAIN[name])
    return keys


def key_problems(names: Iterable[str], criteria: Sequence[CriterionFacts]) -> list[str]:
    """What is wrong with a list of tie-break keys, as sentences for the manager who types them.

    >>> key_problems(["coverage", "beauty"], [])
    ['“beauty” is no tie-break key: use coverage, gender, geography, lottery, panel, sme or criterion:<code>.']
    """
    codes = {criterion.code for criterion in criteria}
    plain = sorted([*_PLAIN, "lottery"])
    problems, seen = [], set()
    for name in names:
        if name not in plain and name.removeprefix(_CRITERION) not in codes:
            problems.append(f"“{name}” is no tie-break key: use {', '.join(plain)} or {_CRITERION}<code>.")
        if name in seen:
            problems.append(f"“{name}” stands twice in the tie-break keys.")
        seen.add(name)
    return problems


def _criterion_key(name: str, criterion: CriterionFacts) -> Key:
    code = criterion.code
    return Key(
        name,
        lambda candidate, _: -candidate.scores[code],
        lambda candidate, _: plain_number(candidate.scores[code]),
        f"{criterion.name} is scored higher",
    )


def _lottery_key(seed: str) -> Key:
    def ticket(candidate: CandidateFacts, _: Placed) -> str:
        return sha256(f"{seed}|{candidate.number}".encode()).hexdigest() if seed else ""

    def shown(candidate: CandidateFacts, placed: Placed) -> str:
        return f"{ticket(candidate, placed)[:8]}…"

    return Key("lottery", ticket, shown, "the lottery with the published seed drew it first")


@lru_cache(maxsize=4096)
def imbalance(women: int, men: int) -> Fraction:
    """Distance of the share of women from one half; 1 where nobody is named. Source: evaluation.md 2.2.

    >>> imbalance(3, 5), imbalance(0, 0)
    (Fraction(1, 8), Fraction(1, 1))
    """
    named = women + men
    return abs(Fraction(women, named) - Fraction(1, 2)) if named else Fraction(1)


@lru_cache(maxsize=4096)
def _balance(women: int, men: int) -> int:
    """``imbalance`` as a whole number that compares as it does, and much faster: two different shares of fewer than
    100 million people are further apart than the last of these 18 digits."""
    return int(imbalance(women, men) * 10**18)


def _new_themes(candidate: CandidateFacts, placed: Placed) -> str:
    return ", ".join(sorted(candidate.themes - placed.themes)) or "nothing new"


def _new_countries(candidate: CandidateFacts, placed: Placed) -> str:
    return ", ".join(sorted(candidate.countries - placed.countries)) or "none"


_PLAIN = {
    "coverage": Key(
        "coverage",
        lambda candidate, placed: candidate.themes <= placed.themes,
        _new_themes,
        "it addresses what no proposal placed higher does",
        dynamic=True,
    ),
    "gender": Key(
        "gender",
        lambda candidate, _: _balance(candidate.women, candidate.men),
        lambda candidate, _: f"{candidate.women} women, {candidate.men} men",
        "its named researchers are closer to balance",
    ),
    "geography": Key(
        "geography",
        lambda candidate, placed: -len(candidate.countries - placed.countries),
        _new_countries,
        "it brings in more countries that are not placed higher",
        dynamic=True,
    ),
    "sme": Key(
        "sme",
        lambda candidate, _: -candidate.sme_amount,
        lambda candidate, _: f"{candidate.sme_amount:,.2f}",
        "more of its grant goes to SMEs",
    ),
    "panel": Key(
        "panel",
        lambda candidate, _: (candidate.panel is None, candidate.panel or 0),
        lambda candidate, _: "no place" if candidate.panel is None else str(candidate.panel),
        "the panel decided so",
    ),
}
