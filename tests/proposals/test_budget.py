"""Rules of the budget's parts: units, lump sums, co-financing, what is missing. Source: domain.md 6, 7, 15."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.states import CostModel
from grants.proposals import budget
from grants.proposals.rules import Category, ParticipantFacts, TopicRules, budget_row, requested_total
from grants.proposals.states import ParticipantRole as Role

PEOPLE = Category("A", "Personnel", "person-month")
SUBCONTRACTS = Category("B", "Subcontracting", justify=True)
TRAVEL = Category("C1", "Travel")
ACTUAL = TopicRules(Decimal(7), frozenset({"A", "B", "C1"}), (PEOPLE, SUBCONTRACTS, TRAVEL))
LIVING = Category("LIVING", "Living allowance", "month", Decimal(5990))
UNIT = TopicRules(Decimal(0), frozenset(), (LIVING,), CostModel.UNIT)
LUMP = replace(ACTUAL, cost_model=CostModel.LUMP_SUM, packages=("Manage", "Build"), max_grant=Decimal(1000))
MONEY = st.decimals(0, 10_000_000, places=2)
SHARES = st.dictionaries(st.integers(1, 4), MONEY, max_size=4)


def row(number: int = 1, role: Role = Role.BENEFICIARY, **more) -> ParticipantFacts:
    whole = {"funding_rate": Decimal(90), "amounts": {}, **more}
    return ParticipantFacts(number, number, f"Body {number}", "BE", role, **whole)


def found(topic: TopicRules, *rows: ParticipantFacts) -> dict[str, str]:
    """Place by code."""
    return {each.code: each.place for each in budget.findings(rows, topic)}


def complete(**more) -> ParticipantFacts:
    """1,070.00 of costs of which 963.00 are asked for and 107.00 covered."""
    whole = {
        "amounts": {"A": Decimal(900), "B": Decimal(100)}, "quantities": {"A": Decimal("0.5")},
        "justifications": {"B": "Interpreters."}, "own_contribution": Decimal(107),
    }  # fmt: skip
    return row(**{**whole, **more})


def test_a_complete_budget_has_no_findings():
    assert found(ACTUAL, complete()) == {}


@pytest.mark.parametrize(
    ("change", "code", "field", "blocks"),
    [
        ({"amounts": {"A": None, "B": Decimal(100)}}, "not-an-amount", "A", True),
        ({"wrong": frozenset({"income"})}, "not-an-amount", "income", True),
        ({"wrong": frozenset({"A.quantity"}), "quantities": {"A": None}}, "not-an-amount", "A.quantity", True),
        ({"justifications": {"B": "  "}}, "no-justification", "B.justification", True),
        ({"quantities": {}}, "no-quantity", "A.quantity", False),
        ({"own_contribution": None}, "not-covered", "own_contribution", False),
        ({"own_contribution": Decimal(108)}, "covered-twice", "own_contribution", False),
        ({"income": Decimal("0.01")}, "covered-twice", "own_contribution", False),
        ({"requested": Decimal(964)}, "request-over-rate", "requested", False),
    ],
)
def test_each_thing_that_is_missing_or_wrong_is_named_at_its_cell(change, code, field, blocks):
    each = next(each for each in budget.findings([complete(**change)], ACTUAL) if each.code == code)

    assert (each.place, each.blocks) == (f"budget.1.{field}", blocks)
    assert "Body 1" in each.message


def test_how_many_months_a_person_can_work_is_not_checked():
    assert found(ACTUAL, complete(quantities={"A": Decimal(900)})) == {}


def test_who_gets_no_money_need_not_say_where_it_comes_from():
    assert "not-covered" not in found(ACTUAL, complete(role=Role.ASSOCIATED, own_contribution=None))


def test_a_budget_of_nothing_blocks():
    assert found(ACTUAL, row()) == {"no-budget": "budget"}


def test_unit_costs_are_computed_from_what_is_counted_and_never_typed():
    given_ = {"LIVING": Decimal(1)}

    assert budget.computed(given_, {"LIVING": Decimal("10.5")}, UNIT.categories) == {"LIVING": Decimal("62895.00")}
    assert budget.computed(given_, {}, UNIT.categories) == {"LIVING": Decimal("0.00")}
    assert budget.computed(given_, {"LIVING": None}, UNIT.categories) == {"LIVING": None}


@given(counted=st.decimals(0, 10_000, places=2), cost=st.decimals("0.01", 100_000, places=2))
def test_a_unit_amount_has_two_decimals_and_is_right_to_half_a_cent(counted, cost):
    amount = budget.computed({}, {"U": counted}, [Category("U", "Units", "unit", cost)])["U"]

    assert amount == amount.quantize(Decimal("0.01"))
    assert abs(amount - counted * cost) <= Decimal("0.005")


@given(st.lists(SHARES, min_size=1, max_size=6))
def test_shares_add_up_by_work_package_and_by_participant_to_the_same_whole(shares):
    made = budget.lump_sum([row(number, shares=each) for number, each in enumerate(shares)], 2)

    assert sum(made.by_package.values()) == sum(made.by_participant.values()) == made.whole
    assert {1, 2} <= set(made.by_package)


def test_without_an_estimate_the_shares_stand_for_costs_and_contribution():
    sums = budget_row(row(shares={1: Decimal(600), 2: Decimal("0.50")}), LUMP)

    assert (sums.total, sums.requested) == (Decimal("600.50"), Decimal("600.50"))


def test_with_an_estimate_the_shares_never_count_for_more_than_it_allows():
    greedy = row(amounts={"C1": Decimal(100)}, shares={1: Decimal(600)})

    assert budget_row(greedy, LUMP).requested == Decimal("96.30")  # 90 % of 107.00
    assert found(LUMP, greedy)["share-over-estimate"] == "budget.1.share.1"


def test_shares_beyond_the_largest_grant_or_without_their_work_package_are_said():
    over = found(LUMP, row(1, shares={1: Decimal(900)}), row(2, shares={2: Decimal("100.01"), 3: Decimal(1)}))

    assert over == {"share-without-package": "budget.2.share.3", "shares-over-grant": "budget"}


def test_an_associated_partner_has_no_share():
    assert "share-of-associated" in found(LUMP, row(role=Role.ASSOCIATED, shares={1: Decimal(5)}))


def test_a_share_that_is_no_amount_is_named_with_its_work_package():
    wrong = row(shares={1: Decimal(5), 2: None}, wrong=frozenset({"share.2"}))
    each = next(each for each in budget.findings([wrong], LUMP) if each.code == "not-an-amount")

    assert each.message == "Body 1, WP2 Build: use digits only, for example 48500."


@given(
    costs=MONEY, income=MONEY, asked=st.none() | MONEY, rate=st.decimals(0, 100, places=1),
    profit=st.booleans(),
)  # fmt: skip
def test_a_contribution_leaves_no_profit_where_the_call_says_so(costs, income, asked, rate, profit):
    topic = replace(ACTUAL, no_profit=not profit)
    sums = budget_row(row(amounts={"C1": costs}, income=income, requested=asked, funding_rate=rate), topic)

    assert 0 <= sums.requested <= sums.ceiling
    if not profit:
        assert sums.requested <= max(0, sums.total - income)
    assert sums.uncovered == sums.total - sums.requested - sums.own_contribution - sums.income


@given(st.lists(st.builds(row, st.integers(1, 9), amounts=st.fixed_dictionaries({"A": MONEY, "B": MONEY}))))
def test_the_whole_is_the_sum_of_its_rows(rows):
    assert requested_total(rows, ACTUAL) == sum(budget_row(each, ACTUAL).requested for each in rows)
