"""Rules of panels by example and by property: balance, order, changes of scores, hearings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.rules import CriterionFacts
from grants.panels import rules
from grants.panels.rules import Limits, Line, Seat
from grants.panels.states import HearingKind

D = Decimal
NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
CRITERIA = (
    CriterionFacts("excellence", "Excellence", D(5), D("0.5")),
    CriterionFacts("impact", "Impact", D(5), D("0.5")),
)
codes = st.sampled_from(["", "BE", "FR", "PL"])
seats = st.lists(st.builds(Seat, st.just("A"), codes, codes), max_size=8)


@given(seats, st.integers(1, 4))
def test_whoever_is_named_without_a_finding_keeps_the_panel_within_its_limits(found, most):
    panel: list[Seat] = []
    limits = Limits(nationality=most, organisation=most)
    for each in found:
        if not rules.seat_findings(each, panel, limits, year=2026):
            panel.append(each)
    for value in ("BE", "FR", "PL"):
        assert sum(each.nationality == value for each in panel) <= most
        assert sum(each.organisation == value for each in panel) <= most
    assert rules.over_limits(panel, limits, year=2026) == []


def test_who_did_not_say_a_nationality_or_has_no_employer_is_not_counted():
    one = Seat("A")
    assert rules.seat_findings(one, [one] * 9, Limits(1, 1), year=2026) == []


@pytest.mark.parametrize(("years", "found"), [({2023, 2024, 2025}, ["years"]), ({2022, 2024, 2025}, []), (set(), [])])
def test_three_years_in_a_row_are_enough(years, found):
    candidate = Seat("A", years=frozenset(years))
    assert [each.code for each in rules.seat_findings(candidate, [], Limits(years=3), year=2026)] == found


@given(st.lists(st.integers(), unique=True, min_size=1), st.data())
def test_moving_up_and_down_again_changes_nothing_and_loses_nothing(order, data):
    item = data.draw(st.sampled_from(order))
    up = rules.moved(order, item, up=True)
    assert sorted(up) == sorted(order)
    if up != order:
        assert rules.moved(up, item, up=False) == order


lines = st.lists(
    st.builds(Line, st.integers(1, 999), st.integers(1, 999), st.none() | st.integers(0, 15).map(D)),
    unique_by=(lambda each: each.id, lambda each: each.number),
)


@given(lines)
def test_the_suggested_order_goes_down_by_total_and_those_without_one_come_last(found):
    by_id = {each.id: each for each in found}
    totals = [by_id[each].total for each in rules.suggested(found, by="total")]
    known = [each for each in totals if each is not None]
    assert known == sorted(known, reverse=True)
    assert totals[: len(known)] == known
    numbers = [by_id[each].number for each in rules.suggested(found, by="number")]
    assert numbers == sorted(numbers)


@given(st.lists(st.integers(1, 90), min_size=1))
def test_items_begin_where_the_one_before_ends(minutes):
    found = rules.times(NOW, minutes)
    assert found[0] == NOW
    ends = [at + timedelta(minutes=each) for at, each in zip(found, minutes, strict=True)]
    assert found[1:] == ends[:-1]


OLD = {"excellence": D(4), "impact": D("3.5")}


def test_a_change_needs_a_score_in_steps_and_a_reason():
    typed = {"excellence": ("4.3", "Why"), "impact": ("4", " ")}
    found, problems = rules.changes(typed, OLD, CRITERIA)
    places = [(each.code, each.place) for each in problems]
    assert places == [("score", "scores.excellence.score"), ("no-reason", "scores.impact.reason")]
    assert [each.code for each in found] == ["impact"]


def test_an_empty_score_or_the_agreed_one_changes_nothing():
    typed = {"excellence": ("", "Why"), "impact": ("3,5", "Why")}
    assert rules.changes(typed, OLD, CRITERIA) == ([], [])


scores = st.integers(0, 10).map(lambda each: D(each) / 2)


@given(scores, scores)
def test_old_and_new_stand_beside_each_other_in_what_is_kept(before, after):
    found, problems = rules.changes({"impact": (str(after), "Why")}, {"impact": before}, CRITERIA)
    assert problems == []
    assert [(D(each.as_json()["old"]), D(each.as_json()["new"])) for each in found] == (
        [] if before == after else [(before, after)]
    )


def checked(kind=HearingKind.WRITING, **given):
    whole = {
        "questions": ["Who?"], "send_at": None, "answer_by": NOW + timedelta(1), "starts_at": NOW + timedelta(2),
        "minutes": 30, "place": "Room 2",
    }  # fmt: skip
    return [each.code for each in rules.hearing_findings(kind, now=NOW, **(whole | given))]


def test_questions_in_writing_need_questions_and_time_to_answer_after_they_are_sent():
    assert checked() == []
    assert checked(questions=[]) == ["no-questions"]
    assert checked(answer_by=NOW) == ["answer-by"]
    assert checked(send_at=NOW + timedelta(3)) == ["answer-by"]


def test_an_interview_needs_its_whole_slot():
    assert checked(HearingKind.INTERVIEW) == []
    assert checked(HearingKind.INTERVIEW, starts_at=NOW, minutes=0, place=" ") == [
        "no-slot",
        "no-minutes",
        "no-place",
    ]


@given(st.integers(0, 30), st.integers(1, 20))
def test_an_answer_is_too_long_one_character_above_the_limit(length, limit):
    found = rules.answer_findings({1: "x" * length}, limit=limit, whole=True)
    expected = "long-answer" if length > limit else "no-answer" if length == 0 else None
    assert [each.code for each in found] == ([expected] if expected else [])
