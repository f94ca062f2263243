"""The ranked list. The worked examples are those of evaluation.md 2.3 and 2.4."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.rules import CriterionFacts
from grants.ranking.rules import (
    CandidateFacts,
    Misfit,
    Outcome,
    Placement,
    RankingConfig,
    funding_line,
    inputs_hash,
    key_problems,
    rank,
)
from grants.ranking.rules.keys import Placed, build_keys, imbalance

D = Decimal
PEOPLE = st.integers(0, 99_999)
CODES = ("excellence", "impact", "implementation")
RIA_KEYS = ("coverage", "criterion:excellence", "criterion:impact", "gender", "geography", "lottery")
IA_KEYS = ("coverage", "criterion:impact", "criterion:excellence", "gender", "geography", "lottery")


def config(impact_weight: str = "1", keys: tuple[str, ...] = RIA_KEYS, **more: Any) -> RankingConfig:
    weights = {"impact": D(impact_weight)}
    criteria = tuple(
        CriterionFacts(code, code.capitalize(), D(5), D("0.5"), weights.get(code, D(1)), D(3)) for code in CODES
    )
    facts = {"budget": D(10_000_000), "overall_threshold": D(10), "seed": "CALL-2026-1", **more}
    return RankingConfig(criteria, keys, **facts)


RIA, IA = config(), config("1.5", IA_KEYS)


def proposal(number: int, scores: str, **more: Any) -> CandidateFacts:
    given_scores = dict(zip(CODES, map(D, scores.split("/")), strict=True))
    return CandidateFacts(number, given_scores, **{"requested": D(1_000_000), "themes": frozenset("X"), **more})


def numbers(placements: Iterable[Placement], outcome: Outcome | None = None) -> list[int]:
    ranked = (Outcome.MAIN, Outcome.RESERVE) if outcome is None else (outcome,)
    return [each.number for each in placements if each.outcome in ranked]


def test_example_1_a_criterion_below_its_threshold_fails_at_a_total_that_passes():
    found = rank([proposal(101, "5/5/2.5"), proposal(102, "3.5/3.5/3")], RIA)
    assert (numbers(found), numbers(found, Outcome.BELOW_THRESHOLD)) == ([102], [101])
    assert (found[1].total, [failure.code for failure in found[1].failures]) == (D("12.5"), ["implementation"])


def test_example_2_ten_is_enough_and_nine_and_a_half_is_not():
    found = rank([proposal(101, "3/3/3"), proposal(102, "3.5/3/3"), proposal(103, "4/3/3")], RIA)
    assert (numbers(found), numbers(found, Outcome.BELOW_THRESHOLD)) == ([103], [102, 101])
    assert [[failure.code for failure in each.failures] for each in found] == [[], [""], [""]]


def test_example_3_the_weight_of_impact_orders_and_never_lifts_over_a_threshold():
    found = rank([proposal(101, "4.5/3.5/4.5"), proposal(102, "3.5/5/4"), proposal(103, "3/3.5/3")], IA)
    assert [(each.number, each.ranking_score, each.total) for each in found] == [
        (102, D(15), D("12.5")),
        (101, D("14.25"), D("12.5")),
        (103, D("11.25"), D("9.5")),
    ]
    assert numbers(found, Outcome.BELOW_THRESHOLD) == [103]


def test_example_4_coverage_comes_before_a_higher_score_in_excellence():
    found = rank(
        [
            proposal(101, "4/4/4"),
            proposal(102, "5/4.5/4"),
            proposal(103, "3.5/4.5/4", themes=frozenset("Y")),
        ],
        RIA,
    )
    assert [(each.number, each.key) for each in found] == [(102, "score"), (103, "coverage"), (101, "")]
    assert found[1].reason == (
        "2nd before 3rd because at equal ranking scores it addresses what no proposal placed higher does "
        "(Y against nothing new)."
    )


def test_example_5_excellence_decides():
    found = rank([proposal(102, "4/4/4"), proposal(101, "4.5/3.5/4")], RIA)
    assert [(each.number, each.key, each.value, each.next_value) for each in found] == [
        (101, "criterion:excellence", "4.5", "4"),
        (102, "", "", ""),
    ]


def test_example_6_in_innovation_actions_impact_decides_first():
    found = rank([proposal(101, "4.5/3/4.5"), proposal(102, "4/4/3.5")], IA)
    assert [(each.number, each.ranking_score) for each in found] == [(102, D("13.5")), (101, D("13.5"))]
    assert numbers(rank([proposal(101, "4.5/3/4.5"), proposal(102, "4/4/3.5")], replace(IA, keys=RIA_KEYS))) == [
        101,
        102,
    ]


def test_example_7_impact_decides_where_excellence_is_equal():
    found = rank([proposal(101, "4/4/4"), proposal(102, "4/4.5/3.5")], RIA)
    assert (numbers(found), found[0].key) == ([102, 101], "criterion:impact")


def test_example_8_the_balance_of_named_researchers_decides():
    found = rank(
        [
            proposal(101, "4/4/4", women=3, men=5),
            proposal(102, "4/4/4", women=4, men=4),
            proposal(103, "4/4/4", women=2, men=7),
        ],
        RIA,
    )
    assert (numbers(found), [each.key for each in found]) == ([102, 101, 103], ["gender", "gender", ""])


def test_example_9_new_countries_decide():
    balanced = {"women": 1, "men": 1}
    found = rank(
        [
            proposal(104, "5/5/5", countries=frozenset({"DE", "FR"}), **balanced),
            proposal(101, "4/4/4", countries=frozenset({"DE", "FR", "IT"}), **balanced),
            proposal(102, "4/4/4", countries=frozenset({"DE", "PL", "RO"}), **balanced),
        ],
        RIA,
    )
    assert (numbers(found), found[1].key, found[1].value, found[1].next_value) == (
        [104, 102, 101],
        "geography",
        "PL, RO",
        "IT",
    )


def test_example_10_the_lottery_decides_what_nothing_else_does():
    found = rank([proposal(number, "4/4/4") for number in (101, 102, 103)], RIA)
    assert numbers(found) == [103, 102, 101]
    assert [(each.key, each.value[:4], each.next_value[:4]) for each in found[:2]] == [
        ("lottery", "0f4e", "4281"),
        ("lottery", "4281", "8708"),
    ]


COSTS = [D(4), D(3), D(5), D(3), D(2)]


@pytest.mark.parametrize(
    ("mode", "funded"),
    [(Misfit.STOP, "AB"), (Misfit.SKIP, "ABD"), (Misfit.OFFER_LESS, "ABC")],
)
def test_the_budget_of_ten_is_spent_as_in_the_worked_example(mode, funded):
    lines = funding_line(COSTS, budget=D(10), on_misfit=mode)
    assert "".join(name for name, line in zip("ABCDE", lines, strict=True) if line.outcome is Outcome.MAIN) == funded
    assert {line.outcome for line in lines} == {Outcome.MAIN, Outcome.RESERVE}


def test_a_smaller_offer_is_what_is_left_and_not_less_than_the_least():
    lines = funding_line(COSTS, budget=D(10), on_misfit=Misfit.OFFER_LESS)
    assert [(line.offered, line.cumulated) for line in lines[:4]] == [(4, 4), (3, 7), (3, 10), (0, 10)]
    refused = funding_line(COSTS, budget=D(10), on_misfit=Misfit.OFFER_LESS, least_offer=D(4))
    assert [line.outcome for line in refused] == [Outcome.MAIN] * 2 + [Outcome.RESERVE] * 3


def test_who_has_no_room_on_the_reserve_list_is_over_budget():
    lines = funding_line(COSTS, budget=D(10), reserve_size=2)
    assert [line.outcome.value for line in lines] == ["main", "main", "reserve", "reserve", "over_budget"]


def test_a_request_of_exactly_what_is_left_fits_and_a_cent_more_does_not():
    assert [line.outcome for line in funding_line([D("4.00"), D("6.00")], budget=D(10))] == [Outcome.MAIN] * 2
    assert funding_line([D("10.01")], budget=D(10))[0].outcome is Outcome.RESERVE


def test_ineligible_proposals_stand_last_without_scores_and_get_nothing():
    found = rank(
        [CandidateFacts(100, {}, D(5), ineligible="late"), proposal(101, "2/2/2"), proposal(102, "4/4/4")], RIA
    )
    assert [(each.number, each.outcome.value, each.key) for each in found] == [
        (102, "main", "threshold"),
        (101, "below_threshold", "ineligible"),
        (100, "ineligible", ""),
    ]


def test_without_a_seed_equal_proposals_are_flagged_for_the_panel():
    found = rank([proposal(number, "4/4/4") for number in (103, 101, 102)] + [proposal(9, "5/5/5")], config(seed=""))
    assert [(each.number, each.tied, each.key) for each in found] == [
        (9, False, "score"),
        (101, True, ""),
        (102, True, ""),
        (103, True, ""),
    ]
    assert found[1].reason == "2nd and 3rd are equal in every respect: the panel must decide."
    assert found[3].reason == ""


def test_a_tie_is_not_carried_to_the_next_one_that_is_separated():
    found = rank(
        [proposal(101, "4/4/4"), proposal(102, "4/4/4"), proposal(103, "3.5/4/4")], config(keys=("coverage",))
    )
    assert [each.tied for each in found] == [True, True, False]


def test_what_a_panel_decided_comes_before_the_lottery():
    keys = ("criterion:excellence", "panel", "lottery")
    people = [proposal(101, "4/4/4", panel=1), proposal(102, "4/4/4", panel=2), proposal(103, "4/4/4")]
    found = rank(people, config(keys=keys))
    assert ([each.number for each in found], found[0].key) == ([101, 102, 103], "panel")


def test_more_money_for_smes_decides_where_the_call_says_so():
    people = [proposal(101, "4/4/4"), proposal(102, "4/4/4", sme_amount=D(5000))]
    found = rank(people, config(keys=("sme",)))
    assert (numbers(found), found[0].value, found[0].next_value) == ([102, 101], "5,000.00", "0.00")


def test_a_tie_break_key_that_does_not_exist_is_told():
    assert key_problems(["coverage", "excellence", "criterion:impact", "lottery"], RIA.criteria) == []
    assert len(key_problems(["charm", "sme", "sme"], RIA.criteria)) == 2
    with pytest.raises(ValueError, match="charm"):
        rank([], config(keys=("charm",)))


def test_a_proposal_twice_or_without_all_scores_is_an_error():
    with pytest.raises(ValueError, match="101 stands twice"):
        rank([proposal(101, "4/4/4"), proposal(101, "4/4/4")], RIA)
    with pytest.raises(ValueError, match="101: Impact is not scored"):
        rank([CandidateFacts(101, {"excellence": D(4)}, D(1))], RIA)


def test_an_empty_list_ranks_nobody():
    assert rank([], RIA) == []


scores = st.sampled_from(["3", "3.5", "4"])
candidates = st.lists(
    st.builds(
        lambda number, e, i, q, themes, countries, women, men, euro: proposal(
            number, f"{e}/{i}/{q}", themes=themes, countries=countries, women=women, men=men, requested=D(euro)
        ),
        st.integers(1, 60), scores, scores, scores,
        st.frozensets(st.sampled_from("XYZ"), max_size=2), st.frozensets(st.sampled_from("ABCD"), max_size=3),
        st.integers(0, 2), st.integers(0, 2), st.integers(1, 9_000_000),
    ),
    max_size=14, unique_by=lambda each: each.number,
)  # fmt: skip
key_lists = st.permutations(RIA_KEYS).map(tuple)


@pytest.mark.slow
@given(candidates, key_lists, st.randoms())
def test_the_sequence_of_the_input_makes_no_difference(people, keys, shuffler):
    shuffled = list(people)
    shuffler.shuffle(shuffled)
    assert rank(shuffled, config(keys=keys)) == rank(people, config(keys=keys))
    assert inputs_hash(shuffled, config(keys=keys)) == inputs_hash(people, config(keys=keys))


def slow_order(people: list[CandidateFacts], keys: tuple[str, ...], seed: str) -> list[int]:
    """evaluation.md 2.2 word for word: in a tied group narrow by each key, place the one left, begin again."""
    order: list[CandidateFacts] = []

    def value(key: str, each: CandidateFacts) -> Any:
        if key == "coverage":
            return not any(theme not in {t for p in order for t in p.themes} for theme in each.themes)
        if key == "geography":
            return -len(each.countries - {country for p in order for country in p.countries})
        if key == "gender":
            named = each.women + each.men
            return abs(Fraction(each.women, named) - Fraction(1, 2)) if named else Fraction(1)
        if key == "lottery":
            return sha256(f"{seed}|{each.number}".encode()).hexdigest()
        return -each.scores[key.split(":")[1]]

    above = [each for each in people if sum(each.scores.values()) >= 10]
    for total in sorted({sum(each.scores.values()) for each in above}, reverse=True):
        group = [each for each in above if sum(each.scores.values()) == total]
        while group:
            left = group
            for key in keys:
                best = min(value(key, each) for each in left)
                left = [each for each in left if value(key, each) == best]
            order.append(left[0])
            group.remove(left[0])
    return [each.number for each in order]


@given(candidates, key_lists)
def test_the_order_is_that_of_narrowing_each_group_word_for_word(people, keys):
    assert numbers(rank(people, config(keys=keys))) == slow_order(people, keys, "CALL-2026-1")


@given(candidates, st.integers(0, 20_000_000), st.sampled_from(Misfit))
def test_offers_never_exceed_the_budget_and_places_have_no_gap(people, budget, mode):
    found = rank(people, config(budget=D(budget), on_misfit=mode))
    offers = [each.offered for each in found]
    assert sum(offers) <= budget
    assert [each.place for each in found] == list(range(1, len(people) + 1))
    assert [each.cumulated for each in found] == [sum(offers[: index + 1]) for index in range(len(found))]
    assert all((each.offered > 0) == (each.outcome is Outcome.MAIN) for each in found)


@given(candidates)
def test_every_ranked_pair_has_its_reason(people):
    found = [each for each in rank(people, RIA) if each.outcome is Outcome.MAIN or each.outcome is Outcome.RESERVE]
    assert all(each.key and each.reason for each in found[:-1])


def test_the_hash_follows_every_input_and_not_the_way_a_number_is_written():
    people = [proposal(101, "4/4/4"), proposal(102, "4/4/4")]
    same = inputs_hash([proposal(102, "4.0/4.0/4.00", requested=D("1000000.00")), proposal(101, "4/4/4")], RIA)
    assert inputs_hash(people, RIA) == same
    others = {
        inputs_hash(people, RIA),
        inputs_hash(people[:1], RIA),
        inputs_hash([people[0], replace(people[1], women=1)], RIA),
        inputs_hash(people, replace(RIA, seed="other")),
        inputs_hash(people, replace(RIA, budget=D(1))),
        inputs_hash(people, replace(RIA, keys=IA_KEYS)),
    }
    assert len(others) == 6


@pytest.mark.slow
def test_seventeen_thousand_proposals_take_no_longer_than_a_breath():
    draw = random.Random(7)
    countries = [f"{first}{second}" for first in "ABCDEF" for second in "ABCDEF"]
    people = [
        proposal(
            number, "/".join(str(D(draw.randint(6, 10)) / 2) for _ in CODES),
            themes=frozenset({f"theme {draw.randint(1, 40)}"}), countries=frozenset(draw.sample(countries, 6)),
            women=draw.randint(0, 4), men=draw.randint(0, 4),
        )
        for number in range(1, 17_001)
    ]  # fmt: skip
    found = rank(people, RIA)
    assert [each.place for each in found] == list(range(1, 17_001))
    scores = [each.ranking_score for each in found if each.outcome is not Outcome.BELOW_THRESHOLD]
    assert scores == sorted(scores, reverse=True)


@given(PEOPLE, PEOPLE, PEOPLE, PEOPLE)
def test_the_key_of_balance_compares_as_the_exact_shares_do(women, men, more_women, more_men):
    (key,) = build_keys(("gender",), (), seed="")
    one, other = (
        CandidateFacts(number, {}, D(1), women=named[0], men=named[1])
        for number, named in enumerate(((women, men), (more_women, more_men)))
    )
    values = key.value(one, Placed()), key.value(other, Placed())
    exact = imbalance(women, men), imbalance(more_women, more_men)
    assert (values[0] < values[1], values[0] == values[1]) == (exact[0] < exact[1], exact[0] == exact[1])
