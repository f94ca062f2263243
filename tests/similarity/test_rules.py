"""What counts as the same text: spelling, order, shares, passages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.similarity.rules import PASSAGE, overlap, passages, shingles, usual, words_of

WORDS = st.lists(st.sampled_from([f"w{n}" for n in range(12)]), max_size=60)


def runs(text: str) -> set[str]:
    return set(shingles(words_of(text)))


def test_case_signs_and_blanks_do_not_matter_but_letters_do():
    assert runs("Three hotlines, share one queue!") == runs("three  HOTLINES share\none queue")
    assert runs("Τρεις γραμμές μία ουρά") == runs("ΤΡΕΙΣ ΓΡΑΜΜΈΣ ΜΊΑ ΟΥΡΆ")
    assert runs("three hotlines share one queue") != runs("four hotlines share one queue")


def test_a_text_shorter_than_a_shingle_is_one_and_an_empty_one_none():
    assert runs("two words") == {"two words"}
    assert (runs(""), runs(" … ")) == (set(), set())


def test_a_copy_inside_a_longer_text_is_wholly_shared():
    short = "we measure the time to removal in every hotline"
    assert overlap(runs(short), runs("Before all of it. " + short + " And after that something else is done.")) == 1.0
    assert overlap(runs(short), set()) == 0.0


def test_what_many_have_is_usual_and_what_a_few_share_is_not():
    texts = [{"a", "b"}] * 6 + [{"b", "c"}] * 5
    assert usual(texts) == {"a", "b"}
    assert usual([{"a"}] * 5) == set()


def test_passages_are_shown_as_they_stand_in_each_text():
    left = "First ours. We measure the time to removal, in every hotline of the network. Then ours."
    right = "Other words here: we measure the TIME to removal in every hotline of the network; and more."

    (found,) = passages(left, right)

    assert found.left == "We measure the time to removal, in every hotline of the network"
    assert found.right == "we measure the TIME to removal in every hotline of the network"
    assert found.words == 12


def test_every_tenth_word_changed_leaves_the_nine_between():
    left = [f"word{n}" for n in range(50)]
    right = [f"other{n}" if n % 10 == 0 else word for n, word in enumerate(left)]
    assert [each.words for each in passages(" ".join(left), " ".join(right))] == [9] * 5


@pytest.mark.slow
def test_a_phrase_that_is_everywhere_takes_no_time():
    assert passages("the same " * 20_000, "the same " * 20_000)[0].words == 40_000


@given(WORDS, WORDS)
def test_passages_are_in_both_texts_long_enough_and_never_overlap_on_the_left(left, right):
    found = passages(" ".join(left), " ".join(right))
    for each in found:
        assert each.words >= PASSAGE
        assert each.left == each.right
        assert f" {each.left} " in f" {' '.join(left)} "
        assert f" {each.right} " in f" {' '.join(right)} "
    assert sum(each.words for each in found) <= len(left)


@given(WORDS)
def test_a_text_shares_all_of_itself(words):
    own = runs(" ".join(words))
    assert overlap(own, own) == (1.0 if own else 0.0)
    if len(words) >= PASSAGE:
        assert passages(" ".join(words), " ".join(words))[0].words == len(words)
