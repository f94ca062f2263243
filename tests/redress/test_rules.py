"""What a request needs, who sits on a committee, whether a new evaluation could change the result."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.rules import CriterionFacts
from grants.ranking.states import Decision
from grants.redress.rules import (
    Chance,
    Involvement,
    Standing,
    could_change,
    involved_as,
    outcome_findings,
    request_findings,
)
from grants.redress.states import Says

D = Decimal
CODES = ("excellence", "impact", "implementation")
CRITERIA = tuple(
    CriterionFacts(code=code, name=code.capitalize(), maximum=D(5), step=D("0.5"), weight=D(1), threshold=D(3))
    for code in CODES
)
CAN, CANNOT = Chance(True, ""), Chance(False, "It is the same.")


def standing(*scores, decision=Decision.REJECTED, line="13", reserve=None):
    return Standing(
        scores=dict(zip(CODES, map(D, scores), strict=False)), criteria=CRITERIA, overall=D(10), decision=decision,
        line=None if line is None else D(line), reserve_line=None if reserve is None else D(reserve),
    )  # fmt: skip


def test_a_request_says_what_it_is_about_and_what_went_wrong():
    empty = request_findings(subject="", criterion="", text=" ", criteria=CODES)
    assert [each.code for each in empty] == ["no-subject", "no-text"]
    about = request_findings(subject="criterion", criterion="beauty", text="x", criteria=CODES)
    assert [each.code for each in about] == ["no-criterion"]
    assert request_findings(subject="step", criterion="", text="x", criteria=CODES) == []


@pytest.mark.parametrize("kind", ["moderators", "deciders", "experts", "officers", "applicants"])
def test_whoever_was_involved_cannot_sit_on_the_committee(kind):
    known = Involvement(**{kind: frozenset({7})})
    assert involved_as(7, known)
    assert involved_as(8, known) == ""


@pytest.mark.parametrize(
    ("where", "codes", "possible", "words"),
    [
        (standing("4", "4", "4", decision=Decision.MAIN), CODES, False, "main list already"),
        (standing("4", "4", "4"), ("impact",), True, "score is 13;"),  # the line itself is enough
        (standing("4", "4", "3.5"), ("impact",), True, "reserve list"),  # 12.5: nobody is on the reserve list
        (standing("4", "4", "3.5", reserve="12.6"), ("impact",), False, "12.6"),
        (standing("4", "4", "3.5", decision=Decision.RESERVE), ("impact",), False, "12.5"),
        (standing("2.5", "5", "5"), ("impact",), False, "Excellence"),  # another threshold stays missed
        (standing("2.5", "5", "5"), ("excellence",), True, "15"),
        (standing("3", "3", "3"), (), False, "Total"),
        (standing("4", "4", "4", line=None), (), True, "nobody is on the main list"),
        (standing(), ("impact",), True, "no scores"),
    ],
)
def test_only_what_could_change_the_result_is_evaluated_again(where, codes, possible, words):
    chance = could_change(where, codes)
    assert chance.possible is possible, chance
    assert words in chance.words


halves = st.integers(0, 10).map(lambda half: str(D(half) / 2))
sets = st.sets(st.sampled_from(CODES))


@given(st.tuples(halves, halves, halves), sets, sets, st.sampled_from([None, "11.5"]))
def test_more_criteria_never_make_the_chance_smaller(scores, some, others, reserve):
    where = standing(*scores, reserve=reserve)
    if could_change(where, some).possible:
        assert could_change(where, some | others).possible


def found(says, **changes):
    given_ = {"criteria": ["impact"], "chance": CAN, "members": 2, "least": 2, "opinion": "x"} | changes
    return [each.code for each in outcome_findings(says, **given_)]


def test_an_outcome_needs_a_committee_its_opinion_and_a_chance():
    assert found(Says.PARTLY) == []
    assert found(Says.CONFIRMED, members=1, opinion=" ") == ["committee-too-small", "no-opinion"]
    assert found(Says.PARTLY, criteria=[]) == ["no-criteria"]
    assert found(Says.PARTLY, chance=CANNOT) == found(Says.FULLY, chance=CANNOT) == ["changes-nothing"]
    assert found(Says.CONFIRMED, chance=CANNOT) == found(Says.CORRECTED, chance=CANNOT) == []
