"""What Part B must look like: warnings with pages in words, never a refusal."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from grants.proposals.layout import Layout, PageMeasure, findings, page_measures, pages_in_words

ASKED = Layout(min_font_pt=Decimal(11), min_margin_mm=Decimal(15))


def page(number: int = 1, font: str = "11", margin: str = "20") -> PageMeasure:
    return PageMeasure(number, Decimal(font), Decimal(margin))


def codes(*pages: PageMeasure, layout: Layout = ASKED) -> list[str]:
    return [each.code for each in findings(pages, layout)]


def test_a_part_b_as_it_should_be_gives_no_warning():
    assert codes(page(), page(2, font="12", margin="15")) == []


def test_small_print_and_narrow_margins_are_told_with_their_pages():
    found = list(findings([page(1), page(2, font="9.5"), page(3, font="9"), page(4, margin="9.2")], ASKED))

    assert [each.message for each in found] == [
        "The print on pages 2 to 3 is smaller than 11 points (9 at the smallest). "
        "Make it larger, then upload Part B again.",
        "A margin on page 4 is narrower than 15 mm (9.2 at the narrowest). Widen it, then upload Part B again.",
    ]


def test_warnings_never_block_and_cite_their_source():
    for each in findings([page(font="2", margin="0"), PageMeasure(2, scan=True)], ASKED):
        assert not each.blocks
        assert (each.place, each.source) == ("part_b", "domain.md 4, 6")


def test_what_a_topic_does_not_ask_for_is_not_compared():
    assert codes(page(font="2", margin="0"), layout=Layout()) == []
    assert codes(page(font="2", margin="0"), layout=Layout(min_margin_mm=Decimal(15))) == ["narrow-margin"]


def test_eleven_points_as_some_programs_write_them_and_a_hanging_hyphen_are_let_pass():
    assert codes(page(font="10.9", margin="14.1")) == []
    assert codes(page(font="10.8", margin="13.9")) == ["small-print", "narrow-margin"]


def test_pages_without_text_are_told_whatever_the_topic_asks():
    assert codes(PageMeasure(1, scan=True), layout=Layout()) == ["no-text"]


def test_what_is_kept_with_a_document_is_read_back_and_nothing_is_nothing():
    kept = [{"font": 11.0, "margin": 20.1}, {"scan": True}, {}]

    assert page_measures(kept) == [page(1, margin="20.1"), PageMeasure(2, scan=True), PageMeasure(3)]
    assert page_measures(None) == []


@given(st.sets(st.integers(1, 400), min_size=1))
def test_pages_in_words_name_no_page_too_many_and_count_those_left_out(numbers: set[int]):
    words = pages_in_words(numbers)
    more = re.search(r"(\d+) more", words)
    ranges = re.findall(r"(\d+)(?: to (\d+))?(?! more)\b", re.sub(r"\d+ more", "", words))
    named = {number for first, last in ranges for number in range(int(first), int(last or first) + 1)}

    assert named <= numbers
    assert len(named) + int(more[1] if more else 0) == len(numbers)
    assert words.startswith("pages ") == (len(numbers) > 1)
