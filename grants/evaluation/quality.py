"""How carefully a report is written, by rules that a person can check: short, copied, at odds with its score. Pure.

For officers only, as a reason to look, never to refuse: a short sentence may say all. Source: domain.md 8.1 (the
wording must match the band of the score).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import Judgement


@dataclass(frozen=True, slots=True)
class Limits:
    """``short``: characters under which reasons are called short. ``high``, ``low``: per cent of a criterion's
    maximum from which weaknesses should not outweigh, and under which some should be named. ``alike``: per cent of
    two texts that agree before one is called a copy. The topic sets all four."""

    short: int = 100
    high: int = 80
    low: int = 50
    alike: int = 90


@dataclass(frozen=True, slots=True)
class Note:
    """Something to look at. ``criterion``: its name."""

    code: str
    criterion: str
    sentence: str


def notes(
    judgements: Sequence[Judgement],
    criteria: Sequence[CriterionFacts],
    *,
    others: Mapping[str, Sequence[str]],
    limits: Limits,
) -> list[Note]:
    """Everything that stands out in one report. ``others``: by criterion the reasons in the other reports.

    >>> both = [CriterionFacts("e", "Excellence", Decimal(5), Decimal("0.5"))]
    >>> [each.sentence for each in notes([Judgement("e", Decimal(5), "Good.")], both, others={}, limits=Limits())]
    ['Only 5 characters of reasons.']
    """
    by_code = {each.code: each for each in judgements}
    found: list[Note] = []
    for criterion in criteria:
        judged = by_code.get(criterion.code)
        if judged is not None and judged.score is not None:
            found += _of_one(judged, criterion, limits)
            found += _copied(judged, criterion, by_code, others.get(criterion.code, ()), criteria, limits)
    return found


def _of_one(judged: Judgement, criterion: CriterionFacts, limits: Limits) -> Iterator[Note]:
    reasons, weak = judged.comment.strip(), judged.weaknesses.strip()
    if len(reasons) + len(weak) < limits.short:
        yield Note("short", criterion.name, f"Only {len(reasons) + len(weak)} characters of reasons.")
    share = Decimal(100) * (judged.score or 0) / criterion.maximum
    if share >= limits.high and len(weak) > len(reasons):
        yield Note("odds", criterion.name, "A high score, and more is said of weaknesses than of strengths.")
    if share < limits.low and not weak:
        yield Note("odds", criterion.name, "A low score, and no weakness is named.")


def _copied(
    judged: Judgement, criterion: CriterionFacts, own: Mapping[str, Judgement], others: Sequence[str],
    criteria: Sequence[CriterionFacts], limits: Limits,
) -> Iterator[Note]:  # fmt: skip
    text = _plain(judged.comment)
    if len(text) < limits.short // 2:
        return
    for other in criteria:
        if other.code == criterion.code:
            break  # each pair once
        if other.code in own and _alike(text, _plain(own[other.code].comment), limits):
            yield Note("copied", criterion.name, f"Nearly the same text as for {other.name}.")
    if any(_alike(text, _plain(each), limits) for each in others):
        yield Note("copied", criterion.name, "Nearly the same text as in another report.")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _alike(one: str, other: str, limits: Limits) -> bool:
    if not one or not other:
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    share = limits.alike / 100
    return matcher.real_quick_ratio() >= share and matcher.quick_ratio() >= share and matcher.ratio() >= share
