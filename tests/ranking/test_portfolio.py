"""Selection by a portfolio: the rules' own language, the best set, why somebody is passed over."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.calls.parta.definition import form_of
from grants.calls.portfolio import Unit, portfolio_findings, read_rules
from grants.ranking import rules
from grants.ranking.rules.portfolio import Item, broken, limits, passed_over
from grants.ranking.selecting import NoSelection, select

D = Decimal
AREAS = ("prevention", "training", "victims")
FORM = form_of({"sections": [{"key": "s", "title": "S", "fields": [
    {"key": "areas", "label": "Areas", "kind": "choices", "choices": list(AREAS)},
    {"key": "why", "label": "Why", "kind": "text"},
]}]})  # fmt: skip

#: The example of evaluation.md 2.4: costs and ranking scores in the order of the list, an area of each.
EXAMPLE = [
    Item(1, D(14), D(4), frozenset({"a"})), Item(2, D("13.5"), D(3), frozenset({"b"})),
    Item(3, D(13), D(5), frozenset({"c"})), Item(4, D("12.5"), D(3), frozenset({"d"})),
    Item(5, D(12), D(2), frozenset({"e"})),
]  # fmt: skip
LETTERS = ("a", "b", "c", "d", "e")


def chosen(*lines: str) -> tuple[set[int], Decimal]:
    found = select(EXAMPLE, limits(EXAMPLE, read_rules(lines, LETTERS), D(10)))
    return set(found.chosen), found.score


def test_the_example_of_the_design_without_rules():
    assert chosen() == ({1, 2, 4}, D(40))


def test_the_example_of_the_design_with_a_minimum():
    assert chosen("at least 1 from c, e") == ({1, 2, 5}, D("39.5"))


def test_of_two_sets_with_one_sum_the_one_with_better_places_is_taken():
    assert chosen("at most 1 from a, b") == ({1, 4, 5}, D("38.5"))


def test_who_is_passed_over_is_told_which_rule_it_was():
    given_limits = limits(EXAMPLE, read_rules(["at least 1 from c, e"], LETTERS), D(10))
    said = passed_over(EXAMPLE, {1, 2, 5}, given_limits)
    assert said == {
        3: "Passed over: with it the budget would be exceeded.",
        4: "Passed over: with it the budget would be exceeded, and “at least 1 from c, e” keeps a lower one.",
    }
    assert passed_over(EXAMPLE, {1, 4, 5}, limits(EXAMPLE, read_rules(["at most 1 from a, b"], LETTERS), D(10))) == {
        2: "Passed over: with it the budget and “at most 1 from a, b” would be exceeded.",
        3: "Passed over: with it the budget would be exceeded.",
    }


def test_a_minimum_asks_for_no_more_than_there_is():
    assert chosen("at least 3 from e") == ({1, 2, 5}, D("39.5"))


def test_rules_that_exclude_each_other_are_named():
    with pytest.raises(NoSelection) as problem:
        chosen("at least 2 from a, c", "at most 4 euro for a, c", "at most 2 from b, d")
    assert problem.value.names == ("“at least 2 from a, c”", "“at most 4 euro for a, c”")


def test_earmarked_shares_are_shares_of_the_budget():
    assert chosen("at least 50 % for c") == ({2, 3, 5}, D("38.5"))
    assert chosen("at most 30 % for a, b")[0].isdisjoint({1})


ITEMS = st.lists(
    st.builds(
        lambda score, cost, areas: (D(score) / 2, D(cost), frozenset(areas)),
        st.integers(10, 30), st.integers(1, 9), st.sets(st.sampled_from(AREAS), min_size=1, max_size=2),
    ), min_size=1, max_size=9,
)  # fmt: skip
LINES = st.lists(
    st.builds(
        lambda bound, amount, areas: f"at {bound} {amount} {areas}", st.sampled_from(["least", "most"]),
        st.integers(1, 4), st.sampled_from(["from each area", "from training", "euro for prevention, victims"]),
    ), max_size=3, unique=True,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60)
@given(ITEMS, LINES, st.integers(1, 25))
def test_the_set_is_the_best_of_all_sets(rows, lines, budget):
    rows.sort(key=lambda row: -row[0])
    items = [Item(number, *row) for number, row in enumerate(rows, 1)]
    bound = limits(items, read_rules(lines, AREAS), D(budget))
    sets = ({item.number for item, taken in zip(items, flags, strict=True) if taken}
            for flags in product((True, False), repeat=len(items)))  # fmt: skip
    allowed = [each for each in sets if not broken(each, bound)]
    if not allowed:
        with pytest.raises(NoSelection):
            select(items, bound)
        return
    # product() counts the sets that hold better places first, and max() keeps the first of equals
    best = max(allowed, key=lambda each: sum(item.score for item in items if item.number in each))
    found = select(items, bound)
    assert set(found.chosen) == best
    above = {item.number for item in items if best and item.number < max(best)} - best
    assert set(passed_over(items, best, bound)) == above


def test_money_is_compared_to_the_cent_however_large():
    cost = D("33333333.33")
    items = [Item(number, D(15), cost, frozenset()) for number in (1, 2, 3)]
    assert set(select(items, limits(items, [], D("99999999.99"))).chosen) == {1, 2, 3}
    assert set(select(items, limits(items, [], D("99999999.98"))).chosen) == {1, 2}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("one of each", "is no rule"), ("at most 1.5 from each area", "whole numbers"),
        ("at least 120 % for training", "at most 100"), ("at least 1 from space", "The areas are: prevention"),
        ("at least 1 from ,", "no area is called so"), ("at least 1 " + "9" * 4000, "is no rule"),
    ],
)  # fmt: skip
def test_a_line_that_says_nothing_is_refused_with_the_reason(line, says):
    found = portfolio_findings([line], "areas", FORM)
    assert [each.place for each in found] == ["portfolio"]
    assert says in found[0].message


def test_the_areas_are_the_answers_of_a_question_with_choices():
    assert portfolio_findings(["at most 1 from each area"], "areas", FORM) == []
    assert [each.place for each in portfolio_findings([], "why", FORM)] == ["area_field"]
    assert "The areas are: none" in portfolio_findings(["at most 1 from training"], "", FORM)[0].message


def test_lines_are_read_whatever_case_and_blanks():
    rule = read_rules(["At  LEAST 12.5 %  for Training , victims"], AREAS)[0]
    assert (rule.least, rule.amount, rule.unit) == (True, D("12.5"), Unit.SHARE)
    assert rule.areas == {"training", "victims"}


def test_inputs_with_a_portfolio_are_kept_and_read_again_and_others_are_as_before():
    plain = rules.RankingConfig((), ("lottery",), D(10), seed="s")
    assert "portfolio" not in rules.inputs_text([], plain)
    with_rules = rules.RankingConfig((), ("lottery",), D(10), seed="s", portfolio=("at most 1 from a",), areas=("a",))
    assert rules.read_inputs(rules.inputs_text([], with_rules)) == ([], with_rules)
