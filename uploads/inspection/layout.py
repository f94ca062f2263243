"""What the pages of a PDF look like, from PDFium's text layer: size of the print, margins, pictures of text.

Told as they are; whether that is allowed is the caller's question. For each page one of

{"font": 11.0, "margin": 20.1}  points, millimetres: see ``_print_size`` and ``_margin``
{"scan": true}                  something is shown, but nothing of it is text
{}                              an empty page
"""

from __future__ import annotations

import ctypes
import math
import time
from typing import Any

import pypdfium2_raw as pdfium  # type: ignore[import-untyped]

MOST_PAGES = 400
MOST_TIME = 5.0  # seconds of CPU for all pages
_SAMPLE = 400  # characters of a page whose size is asked; evenly spread
_SHARE = 0.1  # of a page's characters: fewer that are smaller are marks of footnotes, indices, labels
_MOST_CHARACTERS = 20_000  # of a page; a full one has five thousand
_BLANKS = frozenset([*range(33), 0xA0])  # what ends a line may reach into the margin
_APART = 1.5  # heights of a line: a larger gap sets a header or footer off from the text
_OUTER_LINES = 2  # so many lines at most make a header or footer
_MM = 25.4 / 72

Line = tuple[float, float]  # from and to, in points along one axis


def measure(document: Any, pages: int) -> list[dict[str, Any]]:
    """The first pages, as many as there is time for."""
    found, until = [], time.process_time() + MOST_TIME
    for number in range(min(pages, MOST_PAGES)):
        if time.process_time() > until:
            break
        found.append(_page(document, number))
    return found


def _page(document: Any, number: int) -> dict[str, Any]:
    page = pdfium.FPDF_LoadPage(document, number)
    if not page:
        return {}
    text = pdfium.FPDFText_LoadPage(page)
    try:
        font = _print_size(text) if text else None
        if font is None:
            return {"scan": True} if pdfium.FPDFPage_CountObjects(page) > 0 else {}
        margin = _margin(page, text)
        return {"font": font} | ({} if margin is None else {"margin": margin})
    finally:
        if text:
            pdfium.FPDFText_ClosePage(text)
        pdfium.FPDF_ClosePage(page)


def _print_size(text: Any) -> float | None:
    """The smallest size, in points, that a real share of the page has: of all that is as small or smaller."""
    count = pdfium.FPDFText_CountChars(text)
    step = max(1, count // _SAMPLE)
    matrix, sizes = pdfium.FS_MATRIX(), []
    for index in range(0, max(count, 0), step):
        if pdfium.FPDFText_GetUnicode(text, index) in _BLANKS:
            continue
        scale = 1.0
        if pdfium.FPDFText_GetMatrix(text, index, matrix):
            scale = math.hypot(matrix.c, matrix.d)
        size = pdfium.FPDFText_GetFontSize(text, index) * scale
        if math.isfinite(size) and size > 0:
            sizes.append(size)
    if not sizes:
        return None
    sizes.sort()
    return float(round(min(sizes[int(len(sizes) * _SHARE)], 999.0), 1))


def _margin(page: Any, text: Any) -> float | None:
    """The narrowest of the four margins in millimetres, without a header or footer. None where text is all outside.

    As on paper: what is outside the page does not count, and a page on its side is turned.
    """
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, box):
        return None
    across, down = _extents(text, box)
    if not across:
        return None
    wide, high = (box.left, box.right), (box.bottom, box.top)
    if pdfium.FPDFPage_GetRotation(page) % 2:
        across, down, wide, high = down, across, high, wide
    left, right = min(start for start, _ in across), max(end for _, end in across)
    bottom, top = body(down)
    narrowest = min(left - wide[0], wide[1] - right, bottom - high[0], high[1] - top)
    return float(round(max(narrowest, 0.0) * _MM, 1))


def _extents(text: Any, box: Any) -> tuple[list[Line], list[Line]]:
    """Where characters stand, across and down."""
    across, down = [], []
    sides = [ctypes.c_double() for _ in range(4)]
    for index in range(min(pdfium.FPDFText_CountChars(text), _MOST_CHARACTERS)):
        if pdfium.FPDFText_GetUnicode(text, index) in _BLANKS:
            continue
        if not pdfium.FPDFText_GetCharBox(text, index, *sides):
            continue
        left, right, bottom, top = (side.value for side in sides)
        if left < box.right and right > box.left and bottom < box.top and top > box.bottom:
            across.append((left, right))
            down.append((bottom, top))
    return across, down


def body(pieces: list[Line]) -> Line:
    """From where to where the text reaches, without a header or footer of one or two lines that stands apart."""
    lines = _lines(pieces)
    lines = lines[_outer([(start, end) for start, end in lines]) :]
    lines = lines[: len(lines) - _outer([(-end, -start) for start, end in reversed(lines)])]
    return lines[0][0], lines[-1][1]


def _lines(pieces: list[Line]) -> list[Line]:
    merged: list[Line] = []
    for start, end in sorted(pieces):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _outer(lines: list[Line]) -> int:
    """How many lines from the beginning are set apart from what follows."""
    for count in range(1, min(_OUTER_LINES, len(lines) - 1) + 1):
        (start, end), following = lines[count - 1], lines[count][0]
        if following - end > _APART * (end - start):
            return count
    return 0
