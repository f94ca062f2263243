"""Why there is no whole assignment, in words: what each proposal lacks, what all together lack.

What is found here is a proof. Where nothing is found and a proposal still has no team, those who may take it are
needed elsewhere: ``without_team`` names them. Source: evaluation.md 1.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from grants.assigning.solver.instance import EXPERIENCED, MAN, NEWCOMER, WOMAN, Instance, Ints

_PROPERTIES = {WOMAN: "woman", MAN: "man", EXPERIENCED: "experienced expert", NEWCOMER: "newcomer"}
#: How many numbers of proposals a sentence names.
_SHOWN = 8


def obstacles(instance: Instance, numbers: Sequence[int]) -> list[str]:
    """Each reason why not every proposal can get a team, as a sentence; ``numbers``: of the proposals, in order.

    Empty where none shows: then there usually is an assignment.
    """
    return [*_counted(instance), *_by_proposal(instance, numbers)]


def _counted(instance: Instance) -> Iterator[str]:
    proposals, size = instance.proposals, instance.rules.size
    usable = np.isin(np.arange(len(instance.load)), instance.candidates[instance.fits >= 0])
    places = int(instance.load[usable].sum())
    roles = int(np.minimum(instance.rapporteur_load, instance.load)[usable].sum())
    if places < proposals * size:
        yield (
            f"{places:,} places for {proposals * size:,} seats: {proposals:,} proposals need {size} experts each. "
            "Invite more experts, or agree on more proposals for each."
        )
    if roles < proposals:
        yield (
            f"{roles:,} rapporteur places for {proposals:,} proposals. Let more experts be rapporteur, or more often."
        )


def _by_proposal(instance: Instance, numbers: Sequence[int]) -> Iterator[str]:
    lacks = sorted((lack, numbers[p]) for p in range(instance.proposals) if (lack := _lack(instance, p)))
    for lack, rows in groupby(lacks, key=lambda row: row[0]):
        named = [str(number) for _, number in rows]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        yield f"{lack}: {', '.join(named[:_SHOWN])}{more}."


def _lack(instance: Instance, p: int) -> str:
    """What makes a team of this proposal impossible, whatever the others have; the first of it."""
    size = instance.rules.size
    free = [int(e) for e, fit in zip(instance.candidates[p], instance.fits[p], strict=True) if fit >= 0]
    free = [e for e in free if instance.load[e] > 0]
    if len(free) < size:
        return f"Fewer than {size} experts without a conflict"
    homes = {int(instance.organisation[e]) for e in free if instance.organisation[e] >= 0}
    if len(homes) + sum(instance.organisation[e] < 0 for e in free) < size:
        return f"All who may take it are from fewer than {size} organisations"
    for bit, name in _PROPERTIES.items():
        if instance.rules.need & bit and not any(int(instance.bits[e]) & bit for e in free):
            return f"No {name} among those who may take it"
    if not any(instance.rapporteur_load[e] > 0 for e in free):
        return "Nobody who may take it can be rapporteur"
    return ""


def without_team(instance: Instance, teams: Ints, numbers: Sequence[int]) -> str:
    """Which proposals have no team in an answer, and how many places those have who may take them; empty for none."""
    rows = np.nonzero(teams[:, 0] < 0)[0]
    if not len(rows):
        return ""
    who = np.unique(instance.candidates[rows][instance.fits[rows] >= 0])
    named = [str(numbers[p]) for p in rows[:_SHOWN]]
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    places, needed = int(instance.load[who].sum()), len(rows) * instance.rules.size
    return (
        f"No team was found for {', '.join(named)}{more}: these {len(rows):,} need {needed:,} places; "
        f"the {len(who):,} experts who may take them have {places:,}, which others need too."
    )
