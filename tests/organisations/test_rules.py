"""Names in any script, numbers of registers, and what makes two entries alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.organisations.rules import (
    Entry,
    compare,
    enough,
    fold,
    identifier_of,
    is_candidate,
    masked_iban,
    narrowing,
    prefix_trigrams,
    read_bic,
    read_iban,
    read_lei,
    read_ror,
    read_vat,
    similarity,
    telling,
    trigrams,
)
from grants.organisations.states import VALIDATION, ValidationState

words = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=12)
names = st.lists(words, min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ελληνική Αστυνομία", "ELLINIKI ASTYNOMIA"),
        ("Ελληνική", "ellinikí"),
        ("Българска академия на науките", "balgarska akademiya na naukite"),
        ("Łódź", "lodz"),
        ("Universität Münster", "UNIVERSITAT MUNSTER"),
        ("Straße", "strasse"),
        ("საქართველო", "sakartvelo"),
        ("S.p.A.", "SpA"),
        ("Ένωση", "enosi"),
        ("ﬁnance", "finance"),
    ],
)
def test_a_name_is_the_same_in_any_case_and_script(one, other):
    assert fold(one) == fold(other)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(names)
def test_a_name_is_wholly_like_itself_and_in_any_order(name):
    folded = fold(name)
    turned = " ".join(reversed(folded.split()))
    assert trigrams(folded) == trigrams(turned)
    assert similarity(trigrams(folded), trigrams(turned)) == (1 if folded else 0)


@given(names, names)
def test_similarity_is_a_share_and_the_same_both_ways(one, other):
    a, b = trigrams(fold(one)), trigrams(fold(other))
    assert 0 <= similarity(a, b) == similarity(b, a) <= 1


@given(names, st.integers(1, 8))
def test_the_beginning_of_each_word_is_found_in_the_name(name, length):
    folded = fold(name)
    beginnings = " ".join(word[:length] for word in folded.split())
    assert narrowing(beginnings) <= prefix_trigrams(beginnings) <= trigrams(folded)


@given(st.sets(st.text("abc ", min_size=3, max_size=3), min_size=1), st.data())
def test_the_telling_trigrams_meet_every_name_that_is_like_enough(query, data):
    shared = data.draw(st.sets(st.sampled_from(sorted(query)), min_size=enough(query)))
    assert shared & set(telling(query))


def test_numbers_are_read_as_people_write_them():
    assert read_vat("0428.759.497", "BE") == "BE0428759497"
    assert read_vat("be 0428 759 497", "BE") == "BE0428759497"
    assert read_vat("GR 094259216", "GR") == "EL094259216"
    assert read_vat("CHE-116.281.710", "CH") == "CHE116281710"
    assert read_ror("https://ror.org/05A28RW58/") == "05a28rw58"
    assert read_lei("5493 001KJTIIGC8Y 1R12") == "5493001KJTIIGC8Y1R12"
    assert read_iban("be71 0961 2345 6769") == "BE71096123456769"
    assert read_bic("geba be bb") == "GEBABEBB"
    assert [read_vat("", "BE"), read_ror(" "), read_lei(""), read_bic("")] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (lambda text: read_vat(text, "BE"), "BE0428759498"),
        (read_ror, "05a28rw59"),
        (read_ror, "not a ror"),
        (read_lei, "5493001KJTIIGC8Y1R13"),
        (read_lei, "999991722"),
        (read_iban, "BE71096123456768"),
        (read_iban, "BE7109612345676"),
        (read_bic, "GEBA"),
    ],
)
def test_a_number_with_a_wrong_sign_is_refused_in_words(read, wrong):
    with pytest.raises(ValueError, match=r"This|Enter"):
        read(wrong)


@given(st.integers(0, 15), st.sampled_from("0123456789"))
def test_one_changed_sign_never_makes_another_valid_iban(place, digit):
    right = "BE71096123456769"
    wrong = right[:place] + digit + right[place + 1 :]
    if wrong != right:
        with pytest.raises(ValueError):
            read_iban(wrong)


def test_a_masked_account_shows_country_and_last_signs_only():
    shown = masked_iban("BE71096123456769")
    assert shown.startswith("BE")
    assert shown.endswith("6769")
    assert "0961" not in shown
    assert "71" not in shown


def test_a_search_text_is_known_as_what_it_is():
    assert [each.kind for each in identifier_of("999991722")] == ["pic", "vat"]
    assert identifier_of("https://ror.org/05a28rw58")[0].kind == "ror"
    assert [each.kind for each in identifier_of("5493001KJTIIGC8Y1R12")] == ["lei"]
    assert identifier_of("GR094259216")[0].value == "EL094259216"
    assert identifier_of("University of Ghent") == []


def entry(name, country="BE", **identifiers):
    return Entry(country, (trigrams(fold(name)),), identifiers)


def test_names_that_are_alike_in_one_country_are_candidates():
    found = compare(entry("Federal Police of Belgium"), entry("Federal Polce of Belgium"))
    assert found.similarity > 0.7
    assert is_candidate(found, same_country=True)
    assert not is_candidate(found, same_country=False)
    assert not is_candidate(compare(entry("University of Ghent"), entry("Port of Antwerp")), same_country=True)


def test_numbers_agree_contradict_or_say_nothing():
    one = entry("A", vat="BE0428759497", ror="05a28rw58", registration_number="7")
    other = entry("B", vat="BE0403019261", ror="05A28RW58")
    found = compare(one, other)
    assert (found.agree, found.contradict) == (("ror",), ("vat",))
    assert is_candidate(found, same_country=False)
    abroad = entry("B", country="NL", registration_number="7")
    assert compare(one, abroad) == compare(abroad, one)
    assert compare(one, abroad).agree == ()


def test_a_validated_organisation_is_validated_again_after_a_change_and_refused_ones_hand_in_again():
    assert set(VALIDATION.actions(ValidationState.VALIDATED)) == {"change"}
    assert VALIDATION.allows(ValidationState.REFUSED, "hand_in")
    assert not VALIDATION.allows(ValidationState.DECLARED, "validate")
