"""The place of new scores in an announced list: by example and by property. The list itself never changes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import Judgement
from grants.experts.rules import Conflict
from grants.ranking.rules import CandidateFacts, RankingConfig, rank
from grants.ranking.states import Decision
from grants.redress import rules

D = Decimal
CODES = ("excellence", "impact", "implementation")
CRITERIA = tuple(CriterionFacts(code, code.capitalize(), D(5), D("0.5"), D(1), D(3)) for code in CODES)
KEYS = ("coverage", "criterion:excellence", "criterion:impact", "gender", "geography", "lottery")
CONFIG = RankingConfig(CRITERIA, KEYS, D(2_000_000), overall_threshold=D(10), seed="seed")


def scores(text):
    return dict(zip(CODES, map(D, text.split("/")), strict=True))


def proposal(number, text, **more):
    return CandidateFacts(number, scores(text), **{"requested": D(1_000_000), **more})


LIST = [proposal(1, "5/5/5"), proposal(2, "4/4/4"), proposal(3, "4/4/3.5"), proposal(4, "3/3/3")]


def test_a_better_score_stands_where_it_would_have_stood_and_the_line_says_what_that_means():
    found = rules.supplement(LIST, CONFIG, 3, scores("5/4/3.5"))
    assert (found.place, found.old_place, found.order) == (2, 3, (1, 3, 2, 4))
    assert (found.total, found.failures, found.suggests) == (D("12.5"), (), Decision.MAIN)
    assert rules.supplement(LIST, CONFIG, 3, scores("4/4/3")).suggests is Decision.RESERVE


def test_who_passes_the_thresholds_now_leaves_those_below_and_the_other_way_round():
    up = rules.supplement(LIST, CONFIG, 4, scores("5/5/4"))
    assert (up.place, up.failures) == (2, ())
    down = rules.supplement(LIST, CONFIG, 3, scores("5/5/2.5"))
    assert (down.place, [each.code for each in down.failures]) == (3, ["implementation"])
    assert down.suggests is Decision.REJECTED
    assert rules.supplement(LIST, CONFIG, 3, scores("3/3/2.5")).place == 4


def test_who_has_no_place_in_the_list_gets_no_supplement():
    assert rules.supplement(LIST, CONFIG, 9, scores("5/5/5")) is None
    out = [*LIST, CandidateFacts(5, {}, D(1), ineligible="Too late")]
    assert rules.supplement(out, CONFIG, 5, scores("5/5/5")) is None
    assert rules.supplement(out, CONFIG, 4, scores("2/2/2")).place == 4  # before who is not eligible


HALVES = st.integers(2, 10).map(lambda half: D(half) / 2)
CANDIDATES = st.lists(
    st.builds(
        lambda values, requested, countries, themes, women: CandidateFacts(
            1, dict(zip(CODES, values, strict=True)), D(requested), frozenset(themes), frozenset(countries), women, 2
        ),
        st.tuples(HALVES, HALVES, HALVES), st.integers(1, 9), st.sets(st.sampled_from(["BE", "EL", "PT"])),
        st.sets(st.sampled_from("XYZ")), st.integers(0, 3),
    ),
    min_size=1, max_size=8,
).map(lambda found: [replace(each, number=place) for place, each in enumerate(found, start=1)])  # fmt: skip


@pytest.mark.slow
@given(CANDIDATES, st.data())
def test_an_unchanged_score_gives_the_same_place(found, data):
    number = data.draw(st.integers(1, len(found)))
    same = rules.supplement(found, CONFIG, number, found[number - 1].scores)
    announced = rank(found, CONFIG)
    assert same.order == tuple(each.number for each in announced)
    assert same.place == same.old_place
    mine = announced[same.place - 1]
    assert (same.total, same.ranking_score, same.failures) == (mine.total, mine.ranking_score, mine.failures)


@given(CANDIDATES, st.data())
def test_the_others_never_move_among_themselves(found, data):
    number = data.draw(st.integers(1, len(found)))
    new = data.draw(st.tuples(HALVES, HALVES, HALVES))
    order = rules.supplement(found, CONFIG, number, dict(zip(CODES, new, strict=True))).order
    announced = [each.number for each in rank(found, CONFIG)]
    assert [each for each in order if each != number] == [each for each in announced if each != number]


@given(CANDIDATES, st.data())
def test_a_higher_score_never_gives_a_lower_place(found, data):
    number = data.draw(st.integers(1, len(found)))
    old = found[number - 1].scores
    higher = {code: data.draw(st.sampled_from([old[code], D(5)])) for code in CODES}
    assert rules.supplement(found, CONFIG, number, higher).place <= rules.supplement(found, CONFIG, number, old).place


def test_criteria_that_are_not_judged_again_keep_their_scores():
    new = {"impact": D(5), "excellence": None}
    assert rules.merged(scores("3/3/4"), new, ["impact"]) == scores("3/5/4")
    assert rules.merged(scores("3/3/4"), new, ["impact", "excellence"]) == {"impact": D(5), "implementation": D(4)}


@pytest.mark.parametrize(
    ("accepted", "assigned", "declared", "conflicts", "why"),
    [
        (True, False, True, [], ""),
        (True, False, True, [Conflict("competitor", "Competes.", disqualifying=False)],
         "has a conflict of interest: Competes."),
        (False, False, True, [], "has not accepted an invitation to this topic"),
        (True, True, True, [], "was asked to evaluate this proposal before"),
        (True, False, False, [], "has a declaration of interests that is out of date"),
        (True, False, True, [Conflict("member", "Works on it.", disqualifying=True)],
         "has a conflict of interest: Works on it."),
    ],
)  # fmt: skip
def test_who_judges_again_is_new_to_the_proposal_and_free_of_conflicts(accepted, assigned, declared, conflicts, why):
    assert rules.why_not_named(accepted=accepted, assigned=assigned, declared=declared, conflicts=conflicts) == why


def test_new_scores_need_experts_comments_and_words_on_how_they_were_agreed():
    found = rules.judged_findings(
        [Judgement("impact", D(4), " ")], CRITERIA[:2], shortest_comment=0, agreement="", experts=2, least=3
    )
    assert [each.code for each in found] == [
        "too-few-experts", "not-scored", "no-comment", "no-comment", "no-agreement",
    ]  # fmt: skip
    whole = [Judgement("impact", D(4), "Clear.")]
    assert rules.judged_findings(
        whole, CRITERIA[1:2], shortest_comment=1, agreement="In a meeting.", experts=3, least=3
    ) == []  # fmt: skip


def test_money_is_for_those_who_reach_the_thresholds_and_every_decision_has_a_reason():
    low = rules.supplement(LIST, CONFIG, 4, scores("5/5/2"))
    codes = [[each.code for each in rules.decision_findings(*given_)] for given_ in (
        (None, "x", low), (Decision.MAIN, "x", low), (Decision.RESERVE, "x", low), (Decision.REJECTED, "x", low),
        (Decision.REJECTED, " ", low), (Decision.MAIN, "x", None),
    )]  # fmt: skip
    assert codes == [
        ["no-decision"], ["below-threshold"], ["below-threshold"], [], ["no-reason"], ["not-in-the-list"],
    ]  # fmt: skip
