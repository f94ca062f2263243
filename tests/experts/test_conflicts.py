"""Conflicts of interest by example and by property. Source: domain.md 8.4."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.experts.rules import (
    Conflict,
    Decided,
    ExpertFacts,
    Job,
    Named,
    ProposalParties,
    Windows,
    conflicts,
    standing,
)

TODAY = date(2026, 9, 1)
SEEN = Windows(TODAY)
LAB = ProposalParties(3, {7: ("Laboratory of Ghent", "LG")}, frozenset({40}))


def found(expert, proposal=LAB, windows=SEEN):
    return [(each.code, each.disqualifying) for each in conflicts(expert, proposal, windows)]


@pytest.mark.parametrize(("job", "expected"), [
    (Job("Laboratory of Ghent", 7), [("employer", True)]),
    (Job("laboratory of  ghent"), [("employer", True)]),
    (Job("LG", ended=TODAY), [("employer", True)]),
    (Job("LG", 7, ended=date(2023, 9, 2)), [("former-employer", False)]),
    (Job("LG", 7, ended=date(2023, 9, 1)), []),
    (Job("Laboratory of Bruges", 8), []),
])  # fmt: skip
def test_a_job_at_a_participant_rules_out_now_and_is_decided_on_for_three_years(job, expected):
    assert found(ExpertFacts(1, jobs=(job,))) == expected


def test_the_topic_says_how_long_a_former_job_counts():
    expert = ExpertFacts(1, jobs=(Job("LG", 7, ended=date(2024, 9, 1)),))
    assert found(expert, windows=Windows(TODAY, employment=2)) == []
    assert found(expert, windows=Windows(TODAY, employment=3)) == [("former-employer", False)]


@pytest.mark.parametrize(("own", "theirs", "code"), [
    ("Law", "Chemistry", "department"), ("Chemistry", "chemistry ", "employer"), ("", "Chemistry", "employer"),
    ("Law", "", "employer"),
])  # fmt: skip
def test_another_department_is_decided_on_and_a_department_nobody_named_is_not_another(own, theirs, code):
    expert = ExpertFacts(1, organisations=frozenset({7}), jobs=(Job("LG", 7, own),))
    assert [each for each, _ in found(expert, replace(LAB, departments={7: theirs}))] == [code]


@pytest.mark.parametrize("written", ["Contact: Zoe Simic, Ghent", "ŠIMIĆ Zoë", "zoë  šimić"])
def test_a_name_in_the_proposal_is_decided_on_whatever_its_spelling(written):
    expert = ExpertFacts(1, name="Zoë Šimić")
    assert found(expert, replace(LAB, named=Named([written]))) == [("named", False)]
    assert found(expert, replace(LAB, part_b=Named([written]))) == [("named-in-part-b", False)]


@pytest.mark.parametrize("written", ["Zoe works; Simic rests", "Zoe", "Zoe Simicova", ""])
def test_parts_of_a_name_are_no_name(written):
    assert found(ExpertFacts(1, name="Zoë Šimić"), replace(LAB, named=Named([written]))) == []


def test_a_single_word_is_nobodys_name():
    assert found(ExpertFacts(1, name="Zoe"), replace(LAB, named=Named(["Zoe Simic"]))) == []


def test_names_are_not_put_together_from_two_texts():
    assert "Zoe Simic" not in Named(["by Zoe", "Simic and others"])


def test_who_applied_with_a_person_of_the_proposal_is_decided_on_for_five_years():
    assert found(ExpertFacts(1, applied_with={40: date(2021, 9, 2)})) == [("co-applicant", False)]
    assert found(ExpertFacts(1, applied_with={40: date(2021, 9, 1)})) == []
    assert found(ExpertFacts(1, applied_with={41: TODAY})) == []


def test_who_published_with_a_named_person_is_decided_on_for_five_years():
    naming = replace(LAB, named=Named(["Ana Petrov leads the work"]))
    assert found(ExpertFacts(1, authors={"Ana Petrov": 2022}), naming) == [("co-author", False)]
    assert found(ExpertFacts(1, authors={"Ana Petrov": 2021}), naming) == []
    assert found(ExpertFacts(1, authors={"Ana Petrova": 2026}), naming) == []


@pytest.mark.parametrize(("kind", "rules_out"), [("family", True), ("post", True), ("professional", False)])
def test_a_declared_tie_with_a_participant_or_a_named_person_counts_as_its_kind_says(kind, rules_out):
    assert found(ExpertFacts(1, ties=((kind, "Laboratory of Ghent"),))) == [(f"tie-{kind}", rules_out)]
    naming = replace(LAB, named=Named(["Ana Petrov"]))
    assert found(ExpertFacts(1, ties=((kind, "Ana Petrov"),)), naming) == [(f"tie-{kind}", rules_out)]
    assert found(ExpertFacts(1, ties=((kind, "Somebody Else"),)), naming) == []


def test_who_works_on_a_rival_is_decided_on_and_who_works_on_it_is_out():
    assert found(ExpertFacts(1, own_proposals=frozenset({3}))) == []
    assert found(ExpertFacts(1, own_proposals=frozenset({3, 4}))) == [("competitor", False)]
    assert found(ExpertFacts(40)) == [("member", True)]


CODES = st.sampled_from(["named", "co-author", "department", "employer", "member"])
FOUND = st.lists(st.builds(Conflict, CODES, st.just("Words."), st.booleans()), max_size=6)


@given(FOUND, st.frozensets(CODES))
def test_no_decision_sets_a_disqualifying_conflict_aside_and_none_covers_what_it_did_not_name(ties, codes):
    left = standing(ties, Decided(codes, allowed=True))
    assert [each for each in left if each.disqualifying] == [each for each in ties if each.disqualifying]
    assert all(each in left for each in ties if each.code not in codes)
    assert standing(ties, Decided(codes, allowed=False))[0].disqualifying
    assert standing(ties, None) == ties


@given(st.integers(0, 20), st.integers(0, 9000))
def test_a_longer_window_never_loses_a_conflict(years, days):
    expert = ExpertFacts(1, jobs=(Job("LG", 7, ended=TODAY - timedelta(days=days)),))
    shorter, longer = (found(expert, windows=Windows(TODAY, employment=each)) for each in (years, years + 1))
    assert set(shorter) <= set(longer)
