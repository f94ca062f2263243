"""When two entries of the registry may be one organisation, and what agrees or contradicts. Pure.

Source: domain.md 5: people register themselves, so duplicates arise; both PICs are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grants.organisations.rules.folding import similarity

#: Names of this similarity or more within a country are shown to an officer. Among 5,682 names of real participants
#: 0.62 proposes 332 pairs, most of them universities of two towns; 0.7 proposes 92, 0.8 loses spelling mistakes.
LIKELY = 0.7
#: Proposals about one entry at one time, the most alike first: a name such as “unknown” must not flood the list.
MOST_PROPOSED = 20
#: What a register gives to one organisation only.
IDENTIFIERS = ("vat", "ror", "lei", "registration_number")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is compared: the trigrams of each name, and identifiers by their field's name (empty: not given)."""

    country: str
    names: tuple[frozenset[str], ...]
    identifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``similarity`` of the nearest names from 0 to 1; names of identifiers that both have, equal or different."""

    similarity: float
    agree: tuple[str, ...]
    contradict: tuple[str, ...]


def compare(one: Entry, other: Entry) -> Comparison:
    """What two entries share, by their most similar names.

    Registration numbers are compared within one country: elsewhere they mean nothing.
    """
    both = [
        name
        for name in IDENTIFIERS
        if one.identifiers.get(name)
        and other.identifiers.get(name)
        and (name != "registration_number" or one.country == other.country)
    ]
    equal = tuple(name for name in both if one.identifiers[name].casefold() == other.identifiers[name].casefold())
    nearest = max((similarity(a, b) for a in one.names for b in other.names), default=0.0)
    return Comparison(round(nearest, 3), equal, tuple(name for name in both if name not in equal))


def is_candidate(comparison: Comparison, *, same_country: bool) -> bool:
    """Whether an officer should look: an identifier agrees, or the names do within one country."""
    return bool(comparison.agree) or (same_country and comparison.similarity >= LIKELY)
