"""Where a text names a participant of a blind call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.proposals.naming import (
    Mentions,
    Named,
    OrganisationNames,
    PersonNames,
    found_in,
    named,
    spellings,
    words,
)

WORDS = st.text(alphabet="abcdeéüñøß", min_size=1, max_size=8)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The work of UNIVERSITE de Montreal shows", "Université de Montréal"),
        ("as Henrik\nSørensen wrote", "Henrik Sørensen"),
        ("(ACME), Lyon", "Acme"),
        ("Müller-Lüdenscheidt", "Muller Ludenscheidt"),
        ("GROSSE STRASSE", "Große Straße"),
    ],
)
def test_a_name_is_found_whatever_its_case_accents_and_line_ends(text: str, name: str) -> None:
    assert named([text], [name]) == (Named(name, (1,)),)


@pytest.mark.parametrize(("text", "name"), [("a cathedral", "CAT"), ("", "Acme"), ("any text", ""), ("any", "- .")])
def test_a_part_of_a_word_and_an_empty_name_are_not_found(text: str, name: str) -> None:
    assert named([text], [name]) == ()


def test_every_page_is_told() -> None:
    assert named(["Acme", "nothing", "by acme."], ["Acme", "Other"]) == (Named("Acme", (1, 3)),)


@given(NAMES, st.text(max_size=30), st.text(max_size=30), st.sampled_from([str.upper, str.lower, str.title]))
def test_a_name_between_blanks_is_always_found(name: str, before: str, after: str, case: object) -> None:
    assert callable(case)
    assert named([f"{before} {case(name)} {after}"], [name]) == (Named(name, (1,)),)


@given(NAMES, WORDS)
def test_a_name_inside_a_longer_word_is_never_found(name: str, more: str) -> None:
    assert named([f"x{name}{more}"], [name]) == ()


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("The aim is clear", "AIM", False),
        ("The AIM network", "AIM", True),
        ("Safewatch is led by", "SAFEWATCH", True),
        ("IN CAPITALS THE AIM", "AIM", True),
    ],
)
def test_a_short_acronym_is_found_as_it_is_written_only(text: str, name: str, found: bool) -> None:
    assert bool(named([text], [name])) is found


@pytest.mark.parametrize("sign", ["\u00ad\n", "\ufffe", "\x02\r\n", "\ufffe\r\n"])
def test_a_name_that_is_broken_at_a_line_end_is_found(sign: str) -> None:
    assert named([f"the Univer{sign}sity of Alba"], ["University of Alba"]) == (Named("University of Alba", (1,)),)


@pytest.mark.parametrize("before", ["the\u00ad ", "the \u00ad\n", "\ufffe ", "(\x02\r\n"])
def test_a_sign_that_nobody_sees_hides_no_name_after_it(before: str) -> None:
    assert named([f"{before}ACME network"], ["ACME"]) == (Named("ACME", (1,)),)


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u200e"])
def test_a_sign_that_nobody_sees_hides_no_name_around_it(sign: str) -> None:
    for text in (f"the AC{sign}ME network", f"the {sign}ACME{sign} network", f"the{sign} ACME network"):
        assert named([text], ["ACME"]) == (Named("ACME", (1,)),)


ALBA = OrganisationNames(
    ("University of Alba Ltd", "UALBA"), legal_form="Ltd", website="https://www.ualba.example/en"
)
TEAM = [PersonNames("Ana Maria Silva", "ana@ualba.example", "0000-0001"), PersonNames("Bo", "bo@gmail.com")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("at the University of Alba", ["University of Alba Ltd"]),
        ("UALBA leads", ["UALBA"]),
        ("Silva, Ana Maria", ["Ana Maria Silva"]),
        ("write to ana@ualba.example", ["ana@ualba.example"]),
        ("see www.ualba.example", ["ualba.example"]),
        ("ORCID 0000-0001", ["0000-0001"]),
        ("Silva et al. 2020", []),
        ("somebody@gmail.com", []),
        ("bo@gmail.com", ["bo@gmail.com"]),
        ("Bo Derek", []),
    ],
)
def test_participants_are_found_by_all_that_they_are_known_by(text: str, names: list[str]) -> None:
    assert [each.name for each in found_in([words(text)], spellings([ALBA], TEAM))] == names


def test_a_name_of_two_letters_is_not_looked_for() -> None:
    assert "TU" not in spellings([OrganisationNames(("Technical University", "TU"))], [])


def test_what_was_found_is_told_in_a_sentence_with_pages() -> None:
    found = Mentions(title=("Acme",), part_b=(Named("Acme", (1, 2, 3, 7)), Named("Ana Silva", (4,))))
    assert found.sentence == (
        "The title has “Acme”. Part B has “Acme” on pages 1 to 3 and 7 and “Ana Silva” on page 4."
    )
    assert (found.unnamed, found.place) == (False, "part_b")
    assert Mentions(abstract=("Acme",)).place == "general.abstract"
    assert Mentions(title=("Acme",)).place == "general.title"


@pytest.mark.parametrize(
    ("mentions", "unnamed"),
    [(Mentions(), True), (Mentions(part_b=None), None), (Mentions(has_part_b=False), None),
     (Mentions(title=("Acme",), part_b=None), False)],
)  # fmt: skip
def test_nobody_is_called_unnamed_before_part_b_is_read(mentions: Mentions, unnamed: bool | None) -> None:
    assert mentions.unnamed is unnamed
