"""Limits, keywords, and when an address may be seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grants.partners.rules import (
    LONGEST_KEYWORD,
    MOST_KEYWORDS,
    Said,
    address_shown,
    entry_findings,
    keywords_of,
    over_limit,
)

letters = st.lists(st.builds(Said, st.sampled_from([1, 2]), st.booleans()), max_size=6)


@given(st.lists(st.booleans(), max_size=5))
def test_nobody_s_address_is_shown_before_the_other_has_written(shares):
    assert not address_shown(1, [Said(1, each) for each in shares])


@given(letters)
def test_nobody_s_address_is_shown_unless_they_offered_it(said):
    for who in (1, 2):
        if address_shown(who, said):
            assert any(each.author == who and each.shares_address for each in said)
            assert any(each.author != who for each in said)


@given(letters, st.integers(1, 2))
def test_one_more_letter_never_hides_an_address_again(said, who):
    if address_shown(who, said):
        assert address_shown(who, [*said, Said(1, False)])


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_limit_of_n_allows_exactly_n(done, limit):
    assert bool(over_limit(done, limit, "letters")) == (done >= limit)


@given(st.text(max_size=80))
def test_keywords_are_each_there_once_and_without_blanks_around(text):
    found = keywords_of(text)
    assert len({each.casefold() for each in found}) == len(found)
    assert all(each == " ".join(each.split()) for each in found)


def test_what_an_entry_lacks_is_said_at_its_field():
    many = ["word"] * (MOST_KEYWORDS + 1)
    places = [each.place for each in entry_findings(" ", "", many)]
    assert places == ["title", "text", "keywords"]
    assert entry_findings("We know drones", "Ten years", ["drones"]) == []
    assert [each.code for each in entry_findings("A", "B", ["x" * (LONGEST_KEYWORD + 1)])] == ["keywords"]
