"""Words for the timeline and versions of texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.projects.states import PROJECT
from grants.reporting.rules import HAPPENED, happened, text_version
from grants.reporting.states import DELIVERABLE, PERIODIC_REPORT


@pytest.mark.parametrize("machine", [PROJECT, DELIVERABLE, PERIODIC_REPORT], ids=lambda each: each.name)
def test_every_change_of_state_has_words(machine):
    assert {f"{machine.name}.{move.action}" for move in machine.transitions} <= set(HAPPENED)


@pytest.mark.parametrize(
    ("action", "key", "facts", "words"),
    [
        ("project.confirmed", "101000001", {"side": "funder"}, "Agreement confirmed for the funder"),
        ("periodic_report.submit", "101000001/2", {}, "Periodic report 2 handed in"),
        ("milestone.reached", "1", {"milestone": "MS1", "day": "2027-05-01"}, "Milestone MS1 noted as reached"),
        ("milestone.reached", "1", {"milestone": "MS1", "day": ""}, "Milestone MS1 noted as not reached"),
    ],
)
def test_events_are_told_in_words(action, key, facts, words):
    assert happened(action, key, facts) == words


@given(st.text(), st.text())
def test_a_text_and_its_version_belong_together(one, other):
    assert text_version(one) > 0
    assert text_version(one) == text_version(one)
    if text_version(one) != text_version(other):
        assert one != other
