"""What the pages of a PDF look like is measured as a reader sees it, in bounded time, and only where asked for."""

from __future__ import annotations

import io
import json
import time
import zlib

import pytest
import typst

from uploads import kinds
from uploads.checks import Policy, check
from uploads.inspection import layout

from . import make

MEASURED = Policy(frozenset({kinds.PDF}), max_size=100 << 20, measured=True)
WORDS = "#set par(justify: true)\n#lorem(1500)"


def written(text: str, *, margin: str = "20mm", size: str = "11pt", page: str = "") -> bytes:
    """A document as a typesetter makes it."""
    source = f'#set page(paper: "a4", margin: {margin}, {page})\n#set text(size: {size})\n{text}'
    made = typst.compile(source.encode(), format="pdf")
    assert isinstance(made, bytes)
    return made


def measured(data: bytes, policy: Policy = MEASURED) -> list[dict[str, float]] | None:
    verdict = check(io.BytesIO(data), name="a.pdf", policy=policy)
    assert verdict.accepted, verdict.findings
    return verdict.measures


@pytest.mark.parametrize(("size", "margin"), [(11, 20), (8.5, 15), (12, 7)])
def test_print_is_measured_in_points_and_margins_in_millimetres(size: float, margin: int) -> None:
    pages = measured(written(WORDS, size=f"{size}pt", margin=f"{margin}mm"))

    assert pages
    for page in pages[:-1]:
        assert page["font"] == size
        assert page["margin"] == pytest.approx(margin, abs=1)


def test_nothing_is_measured_where_nobody_asks() -> None:
    assert measured(written("Hello"), Policy(frozenset({kinds.PDF}), max_size=100 << 20)) is None


def test_marks_of_footnotes_and_a_short_note_do_not_make_the_print_small() -> None:
    text = "#lorem(300)#footnote[See the annex.] H#sub[2]O #text(4pt)[tiny label] #lorem(50)"

    assert measured(written(text)) == [{"font": 11.0, "margin": pytest.approx(20, abs=1)}]


def test_a_paragraph_in_small_print_does() -> None:
    [page] = measured(written("#lorem(150)\n\n#text(8pt)[#lorem(100)]")) or []

    assert page["font"] == 8.0


def test_header_and_page_number_are_not_text_in_the_margin() -> None:
    furniture = "header: [SAFEKIDS], header-ascent: 12mm, footer: align(center, [7]), footer-descent: 10mm"
    [page] = measured(written("#lorem(200)", margin="25mm", page=furniture)) or []

    assert page["margin"] == pytest.approx(25, abs=1)


@pytest.mark.slow
def test_text_that_fills_the_page_to_its_edge_is_found_on_each_side() -> None:
    for side in ("top", "bottom", "left", "right"):
        [page, *_] = measured(written(WORDS, margin=f"(rest: 25mm, {side}: 9mm)")) or []
        assert page["margin"] == pytest.approx(9, abs=1)


def test_print_made_larger_by_the_page_itself_is_measured_as_it_looks() -> None:
    shown = b"BT /F 1 Tf 9 0 0 9 100 700 Tm (Nine points, written as one) Tj ET"
    box, font = b"/MediaBox[0 0 595 842]", b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"
    page = box + b"/Contents 4 0 R/Resources<</Font<</F" + font + b">>>>"
    data = make.pdf(make.stream(shown)).replace(box, page)

    assert [page["font"] for page in measured(data) or []] == [9.0]


def test_a_picture_of_a_page_is_told_from_an_empty_page() -> None:
    drawn = "#rect(width: 100%, height: 50%, fill: gray)\n#pagebreak()\n#pagebreak()\nText"

    scan, empty, text = measured(written(drawn)) or []

    assert (scan, empty) == ({"scan": True}, {})
    assert text["font"] == 11.0


@pytest.mark.slow
def test_two_hundred_pages_take_little_time_and_room() -> None:
    data = written("#for n in range(200) { lorem(550); pagebreak(weak: true) }")
    start = time.monotonic()

    pages = measured(data) or []

    assert len(pages) >= 200
    assert time.monotonic() - start < 10
    assert len(json.dumps(pages)) < 32 << 10


def test_of_thousands_of_pages_only_the_first_are_measured() -> None:
    kids = b" ".join([b"3 0 R"] * 5000)
    data = make.pdf(pages=b"/Count 5000").replace(b"/Kids[3 0 R]", b"/Kids[" + kids + b"]")

    verdict = check(io.BytesIO(data), name="a.pdf", policy=MEASURED)

    assert verdict.pages == 5000
    assert len(verdict.measures or []) <= layout.MOST_PAGES


@pytest.mark.slow
def test_a_page_that_is_too_heavy_to_be_measured_is_taken_unmeasured() -> None:
    packing, empty = zlib.compressobj(), bytes(1 << 20)
    content = b"".join(packing.compress(empty) for _ in range(900)) + packing.flush()
    box = b"/MediaBox[0 0 595 842]"
    heavy = make.pdf(make.stream(content, b"/Filter/FlateDecode")).replace(box, box + b"/Contents 4 0 R")

    assert measured(heavy) is None
    assert measured(written("Hello"))  # and the next one is


def test_lines_that_stand_apart_are_left_out_at_both_ends_only() -> None:
    text = [(100.0 + 14 * line, 110.0 + 14 * line) for line in range(10)]

    assert layout.body(text) == (100.0, 236.0)
    assert layout.body([(20.0, 30.0), *text, (800.0, 810.0)]) == (100.0, 236.0)
    assert layout.body([(20.0, 30.0)]) == (20.0, 30.0)
