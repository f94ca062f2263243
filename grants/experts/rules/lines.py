"""Employers, publications and ties as people type them, one a line. Pure.

A line that cannot be read is told by its number; nothing is left out in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from grants.experts.rules.profile import TIES
from grants.kernel.findings import Finding


@dataclass(frozen=True, slots=True)
class JobLine:
    """``begin | end | employer | department | PIC``; an empty end while it lasts, months as 2024-06."""

    began: date
    ended: date | None
    name: str
    department: str = ""
    pic: str = ""


@dataclass(frozen=True, slots=True)
class PublicationLine:
    """``year | title | DOI | co-author; co-author``."""

    year: int
    title: str
    doi: str = ""
    authors: tuple[str, ...] = ()


def jobs(text: str) -> tuple[list[JobLine], list[Finding]]:
    """
    >>> jobs("2020-01 | | University of Ghent | Law |")[0][0].department
    'Law'
    """
    read: list[JobLine] = []
    found: list[Finding] = []
    for number, parts in _lines(text, 5):
        try:
            if not parts[2]:
                raise ValueError
            read.append(JobLine(_day(parts[0]), _day(parts[1]) if parts[1] else None, *parts[2:]))
        except ValueError:
            message = f"Line {number}: write begin | end | employer | department | PIC, months as 2024-06."
            found.append(Finding("job-line", message, place="jobs"))
    return read, found


def publications(text: str) -> tuple[list[PublicationLine], list[Finding]]:
    """
    >>> publications("2024 | Hotlines | 10.1/x | Ana Petrov; Jo Li")[0][0].authors
    ('Ana Petrov', 'Jo Li')
    """
    read: list[PublicationLine] = []
    found: list[Finding] = []
    for number, parts in _lines(text, 4):
        if len(parts[0]) == 4 and parts[0].isascii() and parts[0].isdigit() and parts[1]:
            authors = tuple(each.strip() for each in parts[3].split(";") if each.strip())
            read.append(PublicationLine(int(parts[0]), parts[1], parts[2], authors))
        else:
            message = f"Line {number}: write year | title | DOI | co-author; co-author."
            found.append(Finding("publication-line", message, place="publications"))
    return read, found


def ties(text: str) -> tuple[list[tuple[str, str]], list[Finding]]:
    """
    >>> ties("family | Ana Petrov")[0]
    [('family', 'Ana Petrov')]
    """
    read: list[tuple[str, str]] = []
    found: list[Finding] = []
    for number, (kind, name) in _lines(text, 2):
        if kind in TIES and name:
            read.append((kind, name))
        else:
            message = f"Line {number}: write {', '.join(TIES)}, then | and the name."
            found.append(Finding("tie-line", message, place="ties"))
    return read, found


def absences(text: str) -> tuple[list[tuple[date, date]], list[Finding]]:
    """
    >>> absences("2026-08-01 | 2026-08-20")[0]
    [(datetime.date(2026, 8, 1), datetime.date(2026, 8, 20))]
    """
    read: list[tuple[date, date]] = []
    found: list[Finding] = []
    for number, (first, last) in _lines(text, 2):
        try:
            read.append((date.fromisoformat(first), date.fromisoformat(last)))
            if read[-1][1] < read[-1][0]:
                raise ValueError
        except ValueError:
            message = f"Line {number}: write first day | last day, days as 2026-08-01."
            found.append(Finding("absence-line", message, place="absences"))
    return read, found


def _lines(text: str, width: int) -> list[tuple[int, list[str]]]:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            parts = [each.strip() for each in line.split("|", width - 1)]
            rows.append((number, [*parts, *[""] * (width - len(parts))]))
    return rows


def _day(text: str) -> date:
    return date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
