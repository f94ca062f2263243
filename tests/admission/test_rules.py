"""What may be decided on a proposal at its opening. Source: domain.md 4 and 8.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.admission.rules import Judged, admission_findings, judged


def rule(met: bool | None, *, severity: str = "officer", officer: bool | None = None) -> Judged:
    return Judged("r", "A rule.", "", severity, met, "", officer)


@pytest.mark.parametrize(
    ("one", "codes"),
    [
        (rule(True), []),
        (rule(None), []),
        (rule(False, severity="warns"), []),
        (rule(False), ["rule-open"]),
        (rule(False, officer=True), []),
        (rule(False, officer=False), ["rule-broken"]),
        (rule(True, officer=False), ["rule-broken"]),
        (rule(False, severity="blocks"), ["rule-open"]),
    ],
)
def test_a_proposal_is_admitted_when_each_rule_is_met_by_itself_or_by_an_officer(one, codes):
    assert [each.code for each in admission_findings([one], admit=True, reason="")] == codes


def test_a_proposal_is_excluded_with_a_reason_only():
    assert [each.code for each in admission_findings([rule(True)], admit=False, reason=" ")] == ["no-reason"]
    assert admission_findings([rule(True)], admit=False, reason="Two countries only.") == []


def test_an_officer_s_decision_lies_over_what_the_rule_found():
    kept = {"key": "r", "words": "W", "citation": "C", "severity": "officer", "met": False, "why": "two"}
    (found,) = judged([kept], {"r": (True, "The third joined by letter."), "gone": (False, "")})
    assert (found.holds, found.is_open, found.reason, found.why) == (
        True,
        False,
        "The third joined by letter.",
        "two",
    )


@given(st.lists(st.builds(rule, st.none() | st.booleans(), officer=st.none() | st.booleans())))
def test_admission_is_open_exactly_when_no_rule_is_open_or_broken(rules):
    may = admission_findings(rules, admit=True, reason="") == []
    assert may == all(each.holds and not each.is_open for each in rules)
