"""Work plans of the demo's proposals: packages, effort, deliverables, milestones. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from grants.demo.packages import PACKAGES, PackageText

#: Begin and end as shares of the duration, in the order of the work plan.
_SPANS = {
    "management": (0.0, 1.0), "needs": (0.0, 0.3), "design": (0.15, 0.45), "build": (0.25, 0.75),
    "trials": (0.45, 0.95), "effects": (0.1, 1.0), "training": (0.35, 0.9), "ethics": (0.0, 1.0),
    "lasting": (0.2, 1.0),
}  # fmt: skip
_SPARED = {"HE-CSA": ("build", "trials", "design")}
#: Euro of a month's work, near enough to turn personnel costs into months.
_MONTH = Decimal(5800)


@dataclass(frozen=True, slots=True)
class DeliverablePlan:
    """``code`` as in D2.1; ``month``: due at its end, counted from the start of the project."""

    code: str
    title: str
    kind: str
    level: str
    month: int


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """One work package. ``lead`` and ``effort`` by short names of organisations; effort in person-months."""

    number: int
    kind: str
    lead: str
    start: int
    end: int
    effort: tuple[tuple[str, int], ...]
    deliverables: tuple[DeliverablePlan, ...]
    milestone_month: int

    @property
    def text(self) -> PackageText:
        """Its title, tasks and the rest of its words."""
        return PACKAGES[self.kind]


def draw(template: str, months: int, personnel: Mapping[str, Decimal], *, rng: Random) -> tuple[PackagePlan, ...]:
    """The packages of one proposal. ``personnel``: euro by short name, the coordinator first."""
    kinds = [kind for kind in _SPANS if kind not in _SPARED.get(template, ())]
    names = list(personnel)
    leads = [names[0], *(names[1 + index % (len(names) - 1)] for index in range(len(kinds) - 1))]
    shares = {name: _effort(personnel[name], len(kinds), rng=rng) for name in names}
    return tuple(
        _package(index, kind, leads[index], months, [(name, shares[name][index]) for name in names])
        for index, kind in enumerate(kinds)
    )


def _effort(euro: Decimal, packages: int, *, rng: Random) -> list[int]:
    """Person-months of one partner in each package: at least one of the person's time in every second one."""
    whole = max(packages, int(euro / _MONTH))
    weights = [rng.uniform(0.2, 1.8) for _ in range(packages)]
    return [max(1, round(whole * weight / sum(weights))) for weight in weights]


def _package(index: int, kind: str, lead: str, months: int, effort: Sequence[tuple[str, int]]) -> PackagePlan:
    begin, finish = _SPANS[kind]
    start, end = round(begin * months) + 1, round(finish * months)
    text, number = PACKAGES[kind], index + 1
    count = len(text.deliverables)
    due = [start + round((end - start) * (place + 1) / count) for place in range(count)]
    if kind in {"management", "ethics"}:
        due[0] = min(due[0], 4)
    deliverables = tuple(
        DeliverablePlan(f"D{number}.{place}", title, made, level, month)
        for place, ((title, made, level), month) in enumerate(zip(text.deliverables, due, strict=True), 1)
    )
    milestone = start + (end - start) // 2
    return PackagePlan(number, kind, lead, start, end, tuple(effort), deliverables, milestone)
