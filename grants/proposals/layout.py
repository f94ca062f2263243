"""What Part B must look like: size of the print, margins, text that can be read by machines. Pure.

Everything here warns and nothing blocks: what a program measures is not always what a reader sees, and where IT
checks contradict the call documents, the documents prevail. Source: domain.md 4 (layout) and 6 (checks).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from grants.kernel.findings import Finding, Severity

#: Some programs write an 11 point letter as 10.9.
FONT_TOLERANCE = Decimal("0.15")
#: Some programs let hyphens and full stops hang into the margin.
MARGIN_TOLERANCE = Decimal(1)
_SOURCE = "domain.md 4, 6"
_PLACE = "part_b"
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """What a topic asks for: points and millimetres, None for not asked."""

    min_font_pt: Decimal | None = None
    min_margin_mm: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PageMeasure:
    """One page: points, millimetres, None for unknown. ``scan``: shows something, but no text."""

    number: int
    font_pt: Decimal | None = None
    margin_mm: Decimal | None = None
    scan: bool = False


def page_measures(kept: Sequence[Mapping[str, Any]] | None) -> list[PageMeasure]:
    """From what is kept with a document; empty where it was not measured."""
    return [
        PageMeasure(number, _decimal(page.get("font")), _decimal(page.get("margin")), bool(page.get("scan")))
        for number, page in enumerate(kept or (), 1)
    ]


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def findings(pages: Sequence[PageMeasure], layout: Layout) -> Iterable[Finding]:
    """Warnings, each with the pages it is about.

    >>> [each.message for each in findings([PageMeasure(1, Decimal(9))], Layout(min_font_pt=Decimal(11)))]
    ['The print on page 1 is smaller than 11 points (9 at the smallest). Make it larger, then upload Part B again.']
    """
    again = "then upload Part B again."
    small = below([(each.number, each.font_pt) for each in pages], layout.min_font_pt, FONT_TOLERANCE)
    if small:
        where, least = pages_in_words(small), _plain(min(small.values()))
        message = (
            f"The print on {where} is smaller than {_plain(layout.min_font_pt)} points ({least} at the smallest)."
        )
        yield _warns("small-print", f"{message} Make it larger, {again}")
    narrow = below([(each.number, each.margin_mm) for each in pages], layout.min_margin_mm, MARGIN_TOLERANCE)
    if narrow:
        where, least = pages_in_words(narrow), _plain(min(narrow.values()))
        message = (
            f"A margin on {where} is narrower than {_plain(layout.min_margin_mm)} mm ({least} at the narrowest)."
        )
        yield _warns("narrow-margin", f"{message} Widen it, {again}")
    scans = [each.number for each in pages if each.scan]
    if scans:
        message = (
            f"There is no text on {pages_in_words(scans)}, only pictures: nobody can search it or have it read out."
        )
        yield _warns("no-text", f"{message} Export the text itself as PDF, {again}")


def below(
    measured: Iterable[tuple[int, Decimal | None]], least: Decimal | None, tolerance: Decimal
) -> dict[int, Decimal]:
    """Pages on which less was measured than is asked for, with what was measured."""
    if least is None:
        return {}
    return {number: value for number, value in measured if value is not None and value < least - tolerance}


def pages_in_words(numbers: Iterable[int]) -> str:
    """Page numbers as people write them; long lists end with how many more.

    >>> pages_in_words([3]), pages_in_words([1, 2, 3, 7]), pages_in_words([2, 4])
    ('page 3', 'pages 1 to 3 and 7', 'pages 2 and 4')
    """
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], number
        else:
            ranges.append((number, number))
    words = [_range(first, last) for first, last in ranges[:_MOST_NAMED]]
    left = sum(last - first + 1 for first, last in ranges[_MOST_NAMED:])
    if left:
        words.append(f"{left} more")
    one = len(ranges) == 1 and ranges[0][0] == ranges[0][1]
    listed = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
    return f"page {listed}" if one else f"pages {listed}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _warns(code: str, message: str) -> Finding:
    return Finding(code, message, _PLACE, Severity.WARNS, _SOURCE)
