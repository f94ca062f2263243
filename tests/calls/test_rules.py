"""Rules of calls: phases, deadlines and clocks, what publication needs, what a correction changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.parta.definition import form_of
from grants.calls.rules import (
    CallFacts,
    Change,
    CriterionFacts,
    Phase,
    TopicFacts,
    changes,
    criterion_findings,
    deadline_in,
    next_deadline,
    phase,
    publication_findings,
    time_to_grant,
    time_to_inform,
)
from grants.calls.states import DeadlineModel
from grants.kernel.findings import blocking

BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
DEADLINE = datetime(2026, 9, 23, 15, tzinfo=UTC)
EXCELLENCE = CriterionFacts("excellence", "Excellence", Decimal(5), Decimal("0.5"), Decimal(1), Decimal(3))
EMPTY_SECTION = form_of({"sections": [{"key": "nothing", "title": "Nothing"}]})
TOPIC = TopicFacts(
    identifier="ISF-2026-A",
    title="Prevention networks",
    type_of_action="ISF Project Grants",
    opens_at=datetime(2026, 7, 1, tzinfo=UTC),
    deadlines=(DEADLINE,),
    criteria=(EXCELLENCE,),
    categories=("A", "C1"),
    description="What it is for.",
)
CALL = CallFacts("ISF-2026", "Security", "call@example.org", Decimal(1_000_000), (TOPIC,), "In short.")


def wall(text: str) -> datetime:
    """What a clock on the wall shows: no zone."""
    return datetime.fromisoformat(text)


instants = st.datetimes(wall("2014-01-01"), wall("2050-01-01"), timezones=st.just(UTC))


def codes(call: CallFacts) -> list[str]:
    return [finding.code for finding in publication_findings(call, now=NOW)]


def test_a_topic_is_open_from_its_opening_until_one_millisecond_before_the_deadline() -> None:
    opening = datetime(2026, 7, 1, tzinfo=UTC)
    at = {
        opening - timedelta(milliseconds=1): Phase.FORTHCOMING,
        opening: Phase.OPEN,
        datetime(2026, 9, 23, 14, 59, 59, 999000, tzinfo=UTC): Phase.OPEN,
        DEADLINE: Phase.CLOSED,
        DEADLINE + timedelta(milliseconds=1): Phase.CLOSED,
    }

    assert {now: phase(opens_at=opening, deadline=DEADLINE, now=now) for now in at} == at


@given(instants, instants, instants)
def test_a_topic_is_open_exactly_between_opening_and_deadline(
    opening: datetime, deadline: datetime, now: datetime
) -> None:
    found = phase(opens_at=opening, deadline=deadline, now=now)

    assert (found is Phase.OPEN) == (opening <= now < deadline)


def test_the_phase_in_the_hour_that_autumn_repeats_follows_the_instant_not_the_wall_clock() -> None:
    deadline = datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS, fold=1)
    now = datetime(2026, 10, 25, 2, 45, tzinfo=BRUSSELS, fold=0)

    assert phase(opens_at=DEADLINE, deadline=deadline, now=now) is Phase.OPEN


def test_an_instant_without_a_zone_has_no_phase() -> None:
    with pytest.raises(ValueError, match="zone"):
        phase(opens_at=NOW, deadline=DEADLINE.replace(tzinfo=None), now=NOW)


def test_the_next_deadline_is_the_earliest_still_to_come() -> None:
    first, second = DEADLINE, DEADLINE + timedelta(days=90)

    assert next_deadline((second, first), now=NOW) == first
    assert next_deadline((second, first), now=first) == second
    assert next_deadline((second, first), now=second) is None


@pytest.mark.parametrize(
    ("local", "utc_hour"),
    [
        (wall("2026-03-28T17:00"), 16),
        (wall("2026-03-29T17:00"), 15),
        (wall("2026-10-24T17:00"), 15),
        (wall("2026-10-25T17:00"), 16),
    ],
)
def test_five_in_brussels_is_another_instant_before_and_after_the_clocks_change(
    local: datetime, utc_hour: int
) -> None:
    assert deadline_in(local, zone=BRUSSELS) == local.replace(hour=utc_hour, tzinfo=UTC)


def test_a_local_time_that_spring_skips_is_refused() -> None:
    with pytest.raises(ValueError, match="skip"):
        deadline_in(wall("2026-03-29T02:30"), zone=BRUSSELS)


def test_a_local_time_that_autumn_repeats_means_the_later_one() -> None:
    assert deadline_in(wall("2026-10-25T02:30"), zone=BRUSSELS) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_local_time_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="already"):
        deadline_in(DEADLINE, zone=BRUSSELS)


@given(st.dates(date(2014, 1, 1), date(2050, 1, 1)), st.sampled_from(["Europe/Brussels", "Asia/Kolkata", "UTC"]))
def test_a_deadline_at_five_is_shown_as_five_in_its_zone(day: date, zone: str) -> None:
    local = wall(f"{day}T17:00")

    assert deadline_in(local, zone=ZoneInfo(zone)).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


@given(instants, st.integers(0, 24))
def test_the_clock_ends_in_the_month_it_names(deadline: datetime, months: int) -> None:
    start, last = deadline.astimezone(BRUSSELS), time_to_grant(deadline, zone=BRUSSELS, months=months)

    assert (last.year - start.year) * 12 + last.month - start.month == months
    assert last.day <= start.day


def test_time_to_inform_starts_on_the_zone_s_day() -> None:
    late_in_utc = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)

    assert time_to_inform(late_in_utc, zone=BRUSSELS, months=5) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"maximum": Decimal(0), "threshold": None}, "criteria.0.maximum"),
        ({"step": Decimal(0)}, "criteria.0.step"),
        ({"step": Decimal("0.7"), "threshold": None}, "criteria.0.step"),
        ({"threshold": Decimal("5.5")}, "criteria.0.threshold"),
        ({"threshold": Decimal("3.25")}, "criteria.0.threshold"),
        ({"threshold": Decimal(-1)}, "criteria.0.threshold"),
        ({"weight": Decimal(0)}, "criteria.0.weight"),
        ({"code": " "}, "criteria.0.code"),
        ({"name": ""}, "criteria.0.name"),
    ],
)
def test_each_fault_of_a_criterion_is_found_at_its_field(change: dict[str, Any], place: str) -> None:
    found = criterion_findings([replace(EXCELLENCE, **change)])

    assert [finding.place for finding in found] == [place]


def test_sound_criteria_have_no_findings() -> None:
    relevance = CriterionFacts("relevance", "Relevance", Decimal(40), Decimal(1), Decimal("1.5"), Decimal(25))

    assert criterion_findings([EXCELLENCE, relevance], overall_threshold=Decimal(45)) == []


def test_no_criteria_and_a_code_used_twice_and_too_high_a_total_are_found() -> None:
    assert [finding.code for finding in criterion_findings([])] == ["no-criteria"]
    assert [
        (finding.code, finding.place)
        for finding in criterion_findings([EXCELLENCE, EXCELLENCE], overall_threshold=Decimal("10.5"))
    ] == [
        ("code-twice", "criteria.0.code"),
        ("code-twice", "criteria.1.code"),
        ("overall-threshold", "overall_threshold"),
    ]


def test_a_complete_call_may_be_published() -> None:
    assert codes(CALL) == []


@pytest.mark.parametrize(
    ("call", "code", "place"),
    [
        (replace(CALL, title=""), "no-title", "title"),
        (replace(CALL, contact=""), "no-contact", "contact"),
        (replace(CALL, budget=None), "no-budget", "budget"),
        (replace(CALL, budget=Decimal(0)), "budget", "budget"),
        (replace(CALL, topics=()), "no-topics", "topics"),
        (replace(CALL, topics=(replace(TOPIC, criteria=()),)), "no-criteria", "topics.ISF-2026-A.criteria"),
        (replace(CALL, topics=(replace(TOPIC, categories=()),)), "no-categories", "topics.ISF-2026-A.categories"),
        (replace(CALL, topics=(replace(TOPIC, deadlines=()),)), "no-deadline", "topics.ISF-2026-A.deadline"),
        (replace(CALL, topics=(replace(TOPIC, deadlines=(NOW,)),)), "deadline-passed", "topics.ISF-2026-A.deadline"),
        (
            replace(CALL, topics=(replace(TOPIC, opens_at=DEADLINE),)),
            "opening-after-deadline",
            "topics.ISF-2026-A.opens_at",
        ),
        (
            replace(CALL, topics=(replace(TOPIC, min_grant=Decimal(2), max_grant=Decimal(1)),)),
            "grant-range",
            "topics.ISF-2026-A.min_grant",
        ),
        (
            replace(CALL, topics=(replace(TOPIC, quality_low=81, quality_high=80),)),
            "quality-range",
            "topics.ISF-2026-A.quality_low",
        ),
        (
            replace(CALL, topics=(replace(TOPIC, eligibility=({"rule": "luck"},)),)),
            "unknown-rule",
            "topics.ISF-2026-A.eligibility.0.rule",
        ),
        (
            replace(CALL, topics=(replace(TOPIC, form=EMPTY_SECTION),)),
            "no-fields",
            "topics.ISF-2026-A.form.sections.0.fields",
        ),
        (
            replace(CALL, topics=(replace(TOPIC, funding_rate=Decimal(101)),)),
            "funding-rate",
            "topics.ISF-2026-A.funding_rate",
        ),
    ],
)
def test_what_a_call_lacks_blocks_its_publication(call: CallFacts, code: str, place: str) -> None:
    found = blocking(publication_findings(call, now=NOW))

    assert [(finding.code, finding.place) for finding in found] == [(code, place)]


def test_a_call_without_a_budget_is_fine_when_every_topic_has_one() -> None:
    own = replace(TOPIC, budget=Decimal(500_000))

    assert codes(replace(CALL, budget=None, topics=(own,))) == []
    assert codes(replace(CALL, budget=None, topics=(own, replace(TOPIC, identifier="B")))) == ["no-budget"]


def test_topics_with_more_than_the_call_has_are_a_warning() -> None:
    topics = (replace(TOPIC, budget=Decimal(600_000)), replace(TOPIC, identifier="B", budget=Decimal(600_000)))
    found = publication_findings(replace(CALL, topics=topics), now=NOW)

    assert ([finding.code for finding in found], blocking(found)) == (["topics-over-budget"], [])


def test_two_deadlines_of_a_single_stage_are_a_warning() -> None:
    two = replace(TOPIC, deadlines=(DEADLINE, DEADLINE + timedelta(days=9)))

    assert codes(replace(CALL, topics=(two,))) == ["deadline-model"]
    assert codes(replace(CALL, topics=(replace(two, deadline_model=DeadlineModel.CUT_OFFS),))) == []


def test_a_correction_tells_each_value_that_changed_at_its_place() -> None:
    before = {"title": "Old", "topics": [{"identifier": "A", "max_grant": "100.00", "keywords": ["x"]}]}
    after = {"title": "New", "topics": [{"identifier": "A", "max_grant": "200.00", "keywords": ["x", "y"]}]}

    assert changes(before, after, labels={"max_grant": "largest grant"}) == [
        Change("title", "Title", "Old", "New"),
        Change("topics.A.max_grant", "Topics: A: largest grant", "100.00", "200.00"),
        Change("topics.A.keywords", "Topics: A: keywords", "x", "x, y"),
    ]


def test_an_inserted_row_is_no_change_of_the_rows_after_it() -> None:
    old = {"criteria": [{"code": "b", "name": "B"}]}
    new = {"criteria": [{"code": "a", "name": "A"}, {"code": "b", "name": "B"}]}

    assert [change.place for change in changes(old, new)] == ["criteria.a.code", "criteria.a.name"]
    assert [change.after for change in changes(new, old)] == ["", ""]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3),
    max_leaves=10,
)
contents = st.dictionaries(st.text(min_size=1, max_size=3), json_values, max_size=4)


@given(contents)
def test_nothing_changed_between_equal_contents(content: dict[str, Any]) -> None:
    assert changes(content, content) == []


@pytest.mark.slow
@given(contents, contents)
def test_going_back_swaps_before_and_after(one: dict[str, Any], other: dict[str, Any]) -> None:
    there = {(change.place, change.before, change.after) for change in changes(one, other)}
    back = {(change.place, change.after, change.before) for change in changes(other, one)}

    assert there == back
