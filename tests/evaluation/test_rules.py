"""Rules of scores, reports and consensus. Source: domain.md 8, evaluation.md 2.1."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import (
    AssignmentFacts,
    Failure,
    Judgement,
    Spread,
    Totals,
    approval_findings,
    consensus_findings,
    disagreements,
    parse_score,
    percentage_score,
    plain_number,
    report_findings,
    spreads,
    threshold_failures,
    totals,
)
from grants.evaluation.states import Answer, AssignmentState

D = Decimal
HALVES = st.integers(0, 10).map(lambda number: D(number) / 2)


def horizon(impact: str = "1") -> list[CriterionFacts]:
    return [
        CriterionFacts("excellence", "Excellence", D(5), D("0.5"), D(1), D(3)),
        CriterionFacts("impact", "Impact", D(5), D("0.5"), D(impact), D(3)),
        CriterionFacts("implementation", "Implementation", D(5), D("0.5"), D(1), D(3)),
    ]


def scored(*numbers: str) -> dict[str, Decimal]:
    return dict(zip(("excellence", "impact", "implementation"), map(D, numbers), strict=True))


def judged(*numbers: str | None, comment: str = "Sound.") -> list[Judgement]:
    codes = ("excellence", "impact", "implementation")
    return [Judgement(code, None if n is None else D(n), comment) for code, n in zip(codes, numbers, strict=True)]


def expert(number: int, **more) -> AssignmentFacts:
    facts = {"state": AssignmentState.ACCEPTED, "rapporteur": number == 1, "submitted": True, **more}
    return AssignmentFacts(number, f"Expert {number}", **facts)


@pytest.mark.parametrize(
    ("text", "score"),
    [("3.5", D("3.5")), ("3,5", D("3.5")), (" 4 ", D(4)), ("0", D(0)), ("5.0", D(5)), ("", None), ("  ", None)],
)
def test_a_score_is_typed_with_point_or_comma_and_nothing_is_not_zero(text, score):
    assert parse_score(text, horizon()[0]) == score


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("5.5", "between 0 and 5"), ("3.25", "steps of 0.5"), ("-1", "number"), ("four", "number"), ("1e1", "number"),
        ("NaN", "number"), ("٣", "number"), ("3 5", "number"), ("3.", "number"), ("9" * 50, "number"),
    ],
)  # fmt: skip
def test_what_is_no_score_is_refused_with_a_sentence(text, told):
    with pytest.raises(ValueError, match=told):
        parse_score(text, horizon()[0])


@given(st.integers(0, 400), st.sampled_from(["0.1", "0.5", "1"]))
def test_every_step_up_to_the_maximum_is_read_as_it_is_written(count, step):
    criterion = CriterionFacts("c", "C", D(step) * 400, D(step))
    score = D(step) * count
    assert parse_score(plain_number(score), criterion) == score


def test_a_complete_report_may_be_handed_in_with_a_score_of_zero():
    assert report_findings(judged("0", "2.5", "5"), horizon()) == []


def test_every_gap_of_a_report_is_told_at_its_place():
    gaps = [Judgement("excellence", None, "Sound."), Judgement("impact", D("3.3"), " ")]
    assert [(finding.code, finding.place) for finding in report_findings(gaps, horizon())] == [
        ("not-scored", "scores.excellence.score"),
        ("score", "scores.impact.score"),
        ("no-comment", "scores.impact.comment"),
        ("not-scored", "scores.implementation.score"),
        ("no-comment", "scores.implementation.comment"),
    ]


def test_how_long_a_comment_must_be_is_the_call_s_decision():
    report = judged("3", "3", "3", comment="Sound.")
    assert [f.code for f in report_findings(report, horizon(), shortest_comment=20)] == ["short-comment"] * 3
    assert report_findings(judged("3", "3", "3", comment=""), horizon(), shortest_comment=0) == []


def test_the_weight_moves_the_ranking_score_and_never_the_total():
    assert totals(scored("4.5", "3.5", "4.5"), horizon()) == Totals(D("12.5"), D("12.5"))
    assert totals(scored("4.5", "3.5", "4.5"), horizon(impact="1.5")) == Totals(D("12.5"), D("14.25"))


def test_a_proposal_without_all_scores_has_no_total():
    with pytest.raises(ValueError, match="Implementation is not scored"):
        totals({"excellence": D(3), "impact": D(3)}, horizon())


def test_nine_and_a_half_misses_a_threshold_of_ten_and_ten_passes():
    assert threshold_failures(scored("3.5", "3", "3"), horizon(), overall=D(10)) == [
        Failure("", "Total", D("9.5"), D(10))
    ]
    assert threshold_failures(scored("4", "3", "3"), horizon(), overall=D(10)) == []


def test_two_and_a_half_in_one_criterion_fails_at_a_total_of_twelve_and_a_half():
    (failure,) = threshold_failures(scored("5", "5", "2.5"), horizon(), overall=D(10))
    assert failure.sentence == "Implementation: 2.5, at least 3 is needed"


def test_all_failures_are_listed():
    failed = threshold_failures(scored("2", "0", "3"), horizon(), overall=D(10))
    assert [failure.code for failure in failed] == ["excellence", "impact", ""]


@given(HALVES, HALVES, HALVES, st.sampled_from(["1", "1.5", "3"]))
def test_the_ranking_weight_never_moves_a_threshold(one, two, three, weight):
    scores = {"excellence": one, "impact": two, "implementation": three}
    assert threshold_failures(scores, horizon(weight), overall=D(10)) == threshold_failures(
        scores, horizon(), overall=D(10)
    )


def msca() -> list[CriterionFacts]:
    return [
        CriterionFacts(code, code, D(5), D("0.1"), D(weight))
        for code, weight in (("excellence", 50), ("impact", 30), ("implementation", 20))
    ]


def test_a_percentage_is_rounded_half_up_once():
    fine = [CriterionFacts("a", "A", D(2000), D(1))]
    assert percentage_score({"a": D(1399)}, fine) == D("70.0")  # 69.95
    assert percentage_score({"a": D(1398)}, fine) == D("69.9")
    assert percentage_score(scored("3.5", "3.5", "3.5"), msca()) == D("70.0")
    assert percentage_score(scored("4.6", "4.7", "4.8"), msca()) == D("93.4")


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=4))
def test_a_percentage_is_the_exact_share_rounded_half_up(parts):
    criteria = [CriterionFacts(str(n), "C", D(5), D("0.1"), D(weight)) for n, (_, weight) in enumerate(parts)]
    scores = {str(n): D(tenths) / 10 for n, (tenths, _) in enumerate(parts)}
    exact = Fraction(sum(tenths * weight for tenths, weight in parts), 50 * sum(weight for _, weight in parts))
    tenths_of_percent = exact * 1000
    nearest = (tenths_of_percent + Fraction(1, 2)).__floor__()
    assert percentage_score(scores, criteria) == D(nearest).scaleb(-1)


def test_spreads_leave_out_what_is_not_scored():
    reports = [{"excellence": D(3), "impact": None}, {"excellence": D("4.5"), "impact": D(2)}, {}]
    assert spreads(reports, horizon()) == [Spread("excellence", "Excellence", D(3), D("4.5"))]


def test_a_spread_that_reaches_the_limit_is_a_disagreement():
    reports = [scored("3", "1", "4"), scored("4.5", "4", "5")]
    assert [spread.code for spread in disagreements(reports, horizon(), limit=D("1.5"))] == ["impact", "excellence"]
    assert disagreements(reports, horizon(), limit=None) == []


def test_a_consensus_may_start_once_all_reports_are_in():
    assert consensus_findings([expert(1), expert(2), expert(3)], experts=3) == []


def test_an_expert_with_a_conflict_and_one_who_was_removed_are_not_waited_for():
    people = [
        expert(1), expert(2), expert(3),
        expert(4, state=AssignmentState.CONFLICTED, submitted=False),
        expert(5, state=AssignmentState.REMOVED, submitted=False),
    ]  # fmt: skip
    assert consensus_findings(people, experts=3) == []


def test_what_the_consensus_waits_for_is_named():
    people = [expert(1, submitted=False, rapporteur=False), expert(2, state=AssignmentState.PROPOSED)]
    assert [(finding.code, finding.place) for finding in consensus_findings(people, experts=3)] == [
        ("few-experts", "assignments"),
        ("no-rapporteur", "assignments"),
        ("no-report", "assignments.1"),
        ("not-accepted", "assignments.2"),
    ]


def test_a_disagreement_is_shown_and_a_missing_answer_blocks():
    people = [expert(1), expert(2, opinion=Answer.DISAGREES), expert(3), expert(4, opinion=Answer.AGREES)]
    found = approval_findings(judged("3", "3", "4"), horizon(), people)
    assert [(finding.code, finding.blocks) for finding in found] == [("disagrees", False), ("no-opinion", True)]
