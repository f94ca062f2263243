"""Eligibility rules over a proposal, each at its edge. Source: domain.md 4, 6, 7, 15."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.eligibility import Surroundings, fields_used, rule_findings, rule_of, with_implied
from grants.calls.parta.definition import form_of
from grants.calls.templates import country_groups
from grants.kernel.findings import Severity
from grants.organisations.states import OrganisationKind as Kind
from grants.proposals.eligibility import Case, Party, eligibility_findings, outcomes, worst
from grants.proposals.states import ParticipantRole as Role

FORM = form_of({
    "sections": [{"key": "d", "title": "D", "fields": [
        {"key": "sanctions", "label": "S", "kind": "yes or no"},
        {"key": "staff", "label": "N", "kind": "number"},
    ]}]
})  # fmt: skip
AROUND = Surroundings(
    FORM, frozenset({"A", "B"}), frozenset({"letters"}), frozenset(country_groups()), frozenset({"max_grant"})
)


def party(
    number: int, country: str = "BE", role: Role = Role.BENEFICIARY, kind: Kind = Kind.PUB, pic: str = ""
) -> Party:
    return Party(number, f"P{number}", pic or f"90000000{number}", country, kind, role)


def case(*parties: Party, **more: Any) -> Case:
    chief = () if parties else (party(1, role=Role.COORDINATOR),)
    whole: dict[str, Any] = {
        "parties": parties or chief, "groups": country_groups(), "limits": {}, "form": FORM, "answers": {},
        "costs": {"A": Decimal(70), "B": Decimal(30)}, "total": Decimal(100), "requested": Decimal(90),
        "duration_months": 24, "part_b_pages": 40, "annexes": frozenset(),
    }  # fmt: skip
    return Case(**(whole | more))


def judged(rule: str, of: Case, **given: Any) -> bool | None:
    (found,) = outcomes([rule_of({"rule": rule, "with": given})], of)
    return found.met


def of_countries(*codes: str) -> Case:
    return case(*(party(n, code, Role.COORDINATOR if n == 0 else Role.BENEFICIARY) for n, code in enumerate(codes)))


HORIZON = {"entities": 3, "countries_at_least": 3, "members": 1}


@pytest.mark.parametrize(
    ("countries", "met"),
    [
        (("BE", "PT", "PL"), True),
        (("BE", "PT"), False),
        (("BE", "PT", "PT"), False),
        (("EL", "GR", "SE"), False),  # one country by either code
        (("GB", "NO", "IS"), False),  # no Member State
        (("GB", "NO", "IE"), True),
    ],
)
def test_the_consortium_of_horizon_europe(countries, met):
    assert judged("consortium", of_countries(*countries), **HORIZON) is met


def test_three_countries_without_a_member_state_were_enough_in_horizon_2020():
    assert judged("consortium", of_countries("GB", "NO", "IS"), entities=3, countries_at_least=3, members=0) is True


def test_only_countries_of_the_named_groups_count():
    of = of_countries("BE", "PT", "BR")
    assert judged("consortium", of, entities=3, countries_at_least=3, members=1) is True
    assert judged("consortium", of, entities=3, countries_at_least=3, members=1, countries=["EU", "HE-AC"]) is False
    assert judged("consortium", of, entities=3, countries_at_least=3, members=1, countries=["EU", "BR"]) is True


@pytest.mark.parametrize("role", [Role.AFFILIATED, Role.ASSOCIATED])
def test_affiliated_entities_and_associated_partners_do_not_count(role):
    of = case(party(1, role=Role.COORDINATOR), party(2, "PT"), party(3, "PL", role))
    assert judged("consortium", of, **HORIZON) is False


def test_one_organisation_named_twice_is_one_entity():
    of = case(party(1, role=Role.COORDINATOR), party(1, "PT"), party(2, "PL"))
    assert judged("consortium", of, entities=3) is False


@pytest.mark.parametrize(
    ("countries", "met"), [(("US",), False), (("US", "BE"), True), (("BE",), True), (("US", "BR"), False)]
)
def test_isf_takes_third_countries_only_beside_a_member_state(countries, met):
    assert judged("third_countries", of_countries(*countries), countries=["ISF"]) is met


def test_denmark_does_not_take_part_in_isf():
    assert judged("eligible_countries", of_countries("DK"), countries=["ISF"]) is False
    assert judged("eligible_countries", of_countries("DK"), countries=["EU"]) is True


def test_who_gets_no_money_may_come_from_anywhere():
    of = case(party(1, role=Role.COORDINATOR), party(2, "US", Role.ASSOCIATED))
    assert judged("eligible_countries", of, countries=["EU"]) is True


@pytest.mark.parametrize(
    ("rule", "given", "kind", "met"),
    [
        ("participant_type", {"kinds": ["PUB"]}, Kind.PUB, True),
        ("participant_type", {"kinds": ["PUB"]}, Kind.OTH, False),
        ("participant_type", {"kinds": ["PUB"], "at_least": 2}, Kind.PUB, False),
        ("excluded_type", {"kinds": ["PRC"]}, Kind.PRC, False),
        ("excluded_type", {"kinds": ["PRC"]}, Kind.HES, True),
        ("coordinator_type", {"kinds": ["PUB", "HES"]}, Kind.HES, True),
        ("coordinator_type", {"kinds": ["PUB"]}, Kind.HES, False),
    ],
)
def test_types_of_participants(rule, given, kind, met):
    assert judged(rule, case(party(1, role=Role.COORDINATOR, kind=kind)), **given) is met


def test_a_law_enforcement_authority_is_known_by_its_mark_whatever_its_type():
    police = Party(1, "P1", "900000001", "BE", Kind.OTH, Role.COORDINATOR, frozenset({"law_enforcement"}))
    assert judged("participant_type", case(police), flags=["law_enforcement"]) is True
    assert judged("participant_type", case(party(1, role=Role.COORDINATOR)), flags=["law_enforcement"]) is False


def test_a_direct_award_is_for_the_named_body_alone():
    of = case(party(1, role=Role.COORDINATOR, pic="987654321"))
    assert judged("named_bodies", of, pics=["987654321"]) is True
    assert judged("named_bodies", of, pics=["987654322"]) is False


@pytest.mark.parametrize(
    ("rule", "limits", "change", "met"),
    [
        ("largest_grant", {"max_grant": Decimal(90)}, {}, True),
        ("largest_grant", {"max_grant": Decimal("89.99")}, {}, False),
        ("smallest_grant", {"min_grant": Decimal(90)}, {}, True),
        ("smallest_grant", {"min_grant": Decimal("90.01")}, {}, False),
        ("smallest_grant", {"min_grant": Decimal(1)}, {"requested": Decimal(0)}, None),
        ("longest_duration", {"max_months": 24}, {}, True),
        ("longest_duration", {"max_months": 23}, {}, False),
        ("longest_duration", {"max_months": 23}, {"duration_months": None}, None),
        ("shortest_duration", {"min_months": 25}, {}, False),
        ("page_limit", {"page_limit": 40}, {}, True),
        ("page_limit", {"page_limit": 39}, {}, False),
        ("page_limit", {"page_limit": 39}, {"part_b_pages": None}, None),
    ],
)
def test_limits_of_the_topic_at_their_edges(rule, limits, change, met):
    assert judged(rule, case(limits=limits, **change)) is met


@pytest.mark.parametrize(("share", "met"), [(30, True), ("29.99", False)])
def test_subcontracting_is_a_limited_share_of_all_costs(share, met):
    assert judged("share_of_costs", case(), categories=["B"], at_most=share) is met


@pytest.mark.parametrize(("share", "met"), [(10, True), ("10.01", False)])
def test_part_of_the_costs_is_paid_from_elsewhere(share, met):
    assert judged("own_contribution", case(), at_least=share) is met


def test_one_proposal_per_person_and_per_coordinator():
    assert judged("one_per_person", case()) is True
    assert judged("one_per_person", case(same_person=1)) is False
    assert judged("one_per_coordinator", case(same_coordinator=1)) is False
    assert judged("one_per_coordinator", case(same_coordinator=1), at_most=2) is True


@pytest.mark.parametrize(("answer", "met"), [("yes", True), ("no", False), ("", None)])
def test_a_declaration_is_made_or_not(answer, met):
    assert judged("declaration", case(answers={"d": {"sanctions": answer}}), field="sanctions") is met


def test_a_mandatory_annex_is_there_or_not():
    assert judged("annex", case(), annex="letters") is False
    assert judged("annex", case(annexes=frozenset({"letters"})), annex="letters") is True


@pytest.mark.parametrize(("staff", "met"), [("10", True), ("9", False), ("", None), ("many", None)])
def test_a_condition_over_answers(staff, met):
    assert judged("condition", case(answers={"d": {"staff": staff}}), holds="staff >= 10") is met


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        ({"rule": "luck"}, "unknown-rule", "The rule “luck” is of no known kind"),
        ({"rule": "consortium", "with": {"entities": "3"}}, "wrong-value", "whole number as “entities”, not “3”"),
        ({"rule": "consortium", "with": {"entities": True}}, "wrong-value", "whole number"),
        ({"rule": "consortium", "with": {"size": 3}}, "unknown-parameter", "is told “size”"),
        ({"rule": "eligible_countries", "with": {"countries": ["EEC"]}}, "wrong-value", "names “EEC”"),
        ({"rule": "eligible_countries"}, "missing", "needs countries"),
        ({"rule": "eligible_countries", "with": {"countries": []}}, "wrong-value", "needs countries"),
        ({"rule": "coordinator_type", "with": {"kinds": ["POLICE"]}}, "wrong-value", "names “POLICE”"),
        ({"rule": "participant_type", "with": {"flags": ["brave"]}}, "wrong-value", "names “brave”"),
        ({"rule": "named_bodies", "with": {"pics": ["12345"]}}, "wrong-value", "names “12345”"),
        ({"rule": "share_of_costs", "with": {"categories": ["Z"], "at_most": 3}}, "wrong-value", "names “Z”"),
        ({"rule": "share_of_costs", "with": {"categories": ["B"], "at_most": 300}}, "wrong-value", "per cent"),
        ({"rule": "declaration", "with": {"field": "gone"}}, "wrong-value", "question “gone”"),
        ({"rule": "declaration", "with": {"field": "staff"}}, "wrong-value", "no yes-or-no question"),
        ({"rule": "annex", "with": {"annex": "gone"}}, "wrong-value", "annex “gone”"),
        ({"rule": "condition", "with": {"holds": "gone > 1"}}, "wrong-value", "names “gone”"),
        ({"rule": "condition", "with": {"holds": "staff"}}, "wrong-value", "gives a number"),
        ({"rule": "page_limit"}, "no-limit", "page limit of Part B, which the topic does not set"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_name(data, code, says):
    (found,) = rule_findings([data | {"key": data.get("key", data["rule"])}], AROUND)
    assert (found.code, says in found.message) == (code, True)
    assert f"“{data['rule']}”" in found.message


def test_two_rules_of_one_name_are_refused():
    found = rule_findings([{"rule": "one_per_person"}, {"rule": "one_per_person"}], AROUND)
    assert {each.code for each in found} == {"key-twice"}


def test_rules_say_which_fields_they_need():
    rules = [
        {"rule": "declaration", "with": {"field": "sanctions"}},
        {"rule": "condition", "with": {"holds": "staff > 1"}},
    ]
    assert set(fields_used(rules)) == {"sanctions", "staff"}


def test_a_limit_alone_is_judged_too_and_a_rule_of_the_topic_comes_before_it():
    limits = {"max_grant": Decimal(1), "max_months": 12}
    implied = with_implied([], limits)
    assert [(each.key, each.severity) for each in implied] == [
        ("largest_grant", Severity.WARNS), ("longest_duration", Severity.BLOCKS)
    ]  # fmt: skip
    own = with_implied([{"rule": "largest_grant", "severity": "blocks"}], limits)
    assert next((each.key, each.severity.value) for each in own) == ("largest_grant", "blocks")
    assert len(own) == 2


def test_what_is_found_says_the_rule_its_source_and_the_facts():
    rule = {
        "rule": "consortium",
        "severity": "officer",
        "citation": "Call, 6",
        "message": "Too few.",
        "with": HORIZON,
    }
    (found,) = eligibility_findings([rule_of(rule)], of_countries("BE", "PT"))
    assert (found.code, found.place, found.severity, found.source) == (
        "rule-consortium", "consortium", Severity.OFFICER, "Call, 6",
    )  # fmt: skip
    assert found.message == "Too few. There are 2 from 2, 2 of these countries in the EU."


def test_a_finding_about_an_answer_leads_to_its_question():
    (found,) = eligibility_findings(
        [rule_of({"rule": "declaration", "with": {"field": "sanctions"}})],
        case(answers={"d": {"sanctions": "no"}}),
    )
    assert found.place == "sections.d.sanctions"


def test_the_gravest_of_several():
    rules = [
        rule_of({"rule": "one_per_person", "severity": "warns"}),
        rule_of({"rule": "annex", "severity": "officer", "with": {"annex": "x"}}),
    ]
    assert worst(outcomes(rules, case(same_person=1))) is Severity.OFFICER
    assert worst([]) is None


CODES = st.sampled_from(sorted({code for group in country_groups().values() for code in group} | {"US", "EL", "UK"}))


@given(st.lists(CODES, min_size=1, max_size=8), CODES)
def test_another_partner_never_makes_a_consortium_too_small(countries, more):
    before = judged("consortium", of_countries(*countries), **HORIZON)
    assert judged("consortium", of_countries(*countries, more), **HORIZON) >= before


@given(st.permutations(["BE", "PT", "PL", "NO", "US"]))
def test_the_order_of_partners_does_not_matter(countries):
    assert judged("consortium", of_countries(*countries), **HORIZON) is True
