"""Rules of panels: who sits together, the order of an agenda, what a change of scores and a hearing need. Pure.

Source: domain.md 8.1 (panel review, hearings) and 8.4 (balance of a panel).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import parse_score, plain_number
from grants.experts.rules.names import plain
from grants.kernel.findings import Finding, Severity
from grants.panels.states import HearingKind

SOURCE = "domain.md 8.1"
BALANCE = "domain.md 8.4"
#: What is typed as an employer and is none.
_NO_EMPLOYER = frozenset({"", "self employed", "freelance", "independent", "retired", "none"})

#: What an observer signs before anything of the process is shown.
CONFIDENTIALITY = (
    "I observe how the evaluation is run and judge no proposal. "
    "I keep what I see and hear confidential, also afterwards. "
    "I tell nobody who evaluates or sits on a panel, and do not try to learn of scores or contents of proposals. "
    "I have no interest in the result of this topic."
)


def version_of(text: str) -> str:
    """What tells one text of a statement from another."""
    return sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Seat:
    """One member. ``nationality``: empty where it was not said. ``organisation``: see ``employer``; empty: none.

    ``years``: in which the person sat on the panel of this name in the programme, this one left out.
    """

    name: str
    nationality: str = ""
    organisation: str = ""
    years: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one panel, as the topic sets them; None: no limit."""

    nationality: int | None = None
    organisation: int | None = None
    years: int | None = None


def employer(identity: int | None, name: str) -> str:
    """What tells employers apart: the registered organisation, else the name in one spelling.

    >>> employer(7, "Lab"), employer(None, "The  LAB"), employer(None, "Self-employed")
    ('#7', 'the lab', '')
    """
    if identity is not None:
        return f"#{identity}"
    folded = plain(name)
    return "" if folded in _NO_EMPLOYER else folded


def in_a_row(years: Iterable[int], year: int) -> int:
    """How many years without a gap end with the one before ``year``.

    >>> in_a_row({2022, 2024, 2025}, 2026)
    2
    """
    known, count = set(years), 0
    while year - 1 - count in known:
        count += 1
    return count


def seat_findings(candidate: Seat, seats: Sequence[Seat], limits: Limits, *, year: int) -> list[Finding]:
    """What speaks against one more member; an officer may decide otherwise with a reason. Source: domain.md 8.4."""
    found = []
    same = sum(bool(candidate.nationality) and each.nationality == candidate.nationality for each in seats)
    if limits.nationality is not None and same >= limits.nationality and candidate.nationality:
        words = (
            f"{candidate.name} would be number {same + 1} of one nationality, at most {limits.nationality} may sit."
        )
        found.append(Finding("nationality", words, "reason", source=BALANCE))
    same = sum(bool(candidate.organisation) and each.organisation == candidate.organisation for each in seats)
    if limits.organisation is not None and same >= limits.organisation and candidate.organisation:
        words = (
            f"{candidate.name} would be number {same + 1} of one organisation, at most {limits.organisation} may sit."
        )
        found.append(Finding("organisation", words, "reason", source=BALANCE))
    row = in_a_row(candidate.years, year)
    if limits.years is not None and row >= limits.years:
        words = f"{candidate.name} sat on this panel for {row} years in a row, at most {limits.years} are allowed."
        found.append(Finding("years", words, "reason", source=BALANCE))
    return found


def over_limits(seats: Sequence[Seat], limits: Limits, *, year: int) -> list[Finding]:
    """What the panel as it sits exceeds: for its page, as warnings."""
    found: dict[str, Finding] = {}
    for index, each in enumerate(seats):
        for finding in seat_findings(each, seats[:index], limits, year=year):
            found.setdefault(
                f"{finding.code}:{each.name}",
                Finding(finding.code, finding.message, "members", Severity.WARNS, finding.source),
            )
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal of an agenda as its order is suggested from. ``total``: agreed; None: not yet."""

    id: int
    number: int
    total: Decimal | None


def suggested(lines: Sequence[Line], *, by: str) -> list[int]:
    """The order of items: ``total``, the highest first, those without one last; anything else: by number."""
    if by == "total":
        return [each.id for each in sorted(lines, key=lambda one: (one.total is None, -(one.total or 0), one.number))]
    return [each.id for each in sorted(lines, key=lambda one: one.number)]


def moved(order: Sequence[int], item: int, *, up: bool) -> list[int]:
    """The order with one item a place further up or down; unchanged at the ends.

    >>> moved([1, 2, 3], 3, up=True), moved([1, 2, 3], 3, up=False)
    ([1, 3, 2], [1, 2, 3])
    """
    found = list(order)
    place = found.index(item)
    other = place - 1 if up else place + 1
    if 0 <= other < len(found):
        found[place], found[other] = found[other], found[place]
    return found


def times(starts: datetime, minutes: Iterable[int]) -> list[datetime]:
    """When each item of an agenda begins, one after the other."""
    found = []
    for each in minutes:
        found.append(starts)
        starts += timedelta(minutes=each)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """The new score of one criterion beside the agreed one, with the reason."""

    code: str
    name: str
    old: Decimal
    new: Decimal
    reason: str

    def as_json(self) -> dict[str, str]:
        """As minutes and audit keep it."""
        return {
            "code": self.code, "name": self.name, "old": plain_number(self.old), "new": plain_number(self.new),
            "reason": self.reason,
        }  # fmt: skip


def changes(
    typed: Mapping[str, tuple[str, str]], old: Mapping[str, Decimal], criteria: Iterable[CriterionFacts]
) -> tuple[list[Change], list[Finding]]:
    """What was typed as new scores: changes, and what is wrong with them. ``typed``: score and reason by criterion.

    An empty score, or the agreed one, changes nothing. A change needs a reason. Places: ``scores.CODE.score`` and
    ``scores.CODE.reason``. Source: domain.md 8.1, 8.2.
    """
    found, problems = [], []
    for each in criteria:
        text, reason = typed.get(each.code, ("", ""))
        try:
            new = parse_score(text, each)
        except ValueError as problem:
            problems.append(Finding("score", f"{each.name}: {problem}", f"scores.{each.code}.score", source=SOURCE))
            continue
        if new is None or each.code not in old or new == old[each.code]:
            continue
        if not reason.strip():
            words = f"{each.name}: say why the panel changes this score."
            problems.append(Finding("no-reason", words, f"scores.{each.code}.reason", source=SOURCE))
        found.append(Change(each.code, each.name, old[each.code], new, reason.strip()))
    return found, problems


def hearing_findings(
    kind: HearingKind, *, questions: Sequence[str], send_at: datetime | None, answer_by: datetime | None,
    starts_at: datetime | None, minutes: int | None, place: str, now: datetime,
) -> list[Finding]:  # fmt: skip
    """What is missing before a hearing is sent. Source: domain.md 8.1: questions in writing, never new content."""
    found = []
    sent = send_at if send_at is not None and send_at > now else now
    if kind is HearingKind.WRITING:
        if not questions:
            found.append(Finding("no-questions", "Write the questions.", "questions", source=SOURCE))
        if answer_by is None or answer_by <= sent:
            words = "Choose until when the answers are wanted, after the questions are sent."
            found.append(Finding("answer-by", words, "answer_by", source=SOURCE))
        return found
    if starts_at is None or starts_at <= sent:
        found.append(Finding("no-slot", "Choose when the interview begins.", "starts_at", source=SOURCE))
    if not minutes:
        found.append(Finding("no-minutes", "Say how many minutes it takes.", "minutes", source=SOURCE))
    if not place.strip():
        found.append(Finding("no-place", "Say where it is, or give the link.", "place", source=SOURCE))
    return found


def answer_findings(answers: Mapping[int, str], *, limit: int, whole: bool) -> list[Finding]:
    """What is wrong with answers by their question: too long, and, where they are handed in ``whole``, missing."""
    found = []
    for question, text in answers.items():
        place = f"answer-{question}"
        if len(text) > limit:
            words = f"This answer has {len(text)} characters, at most {limit} are read."
            found.append(Finding("long-answer", words, place, source=SOURCE))
        elif whole and not text.strip():
            found.append(Finding("no-answer", "Answer this question.", place, source=SOURCE))
    return found
