"""Who evaluates what in the demo, without a database."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from grants.demo import judgements
from grants.demo.panels import ELENI, LOAD, RUTA, TOMASZ, Agreement, TopicPanels, Work, draw
from grants.demo.people import EVALUATORS
from grants.demo.plan import build
from grants.evaluation.rules import Judgement, report_findings
from grants.kernel.findings import blocking
from tests.demo.test_plan import PLAN, criteria_of

TOPICS = list(draw(PLAN))
UNDER_EVALUATION = [each for each in TOPICS if each.topic.startswith("evaluation")]
PANELS = [panel for each in TOPICS for panel in each.panels]
EMPLOYER = {each.email: each.employer for each in EVALUATORS}


def test_the_same_plan_has_the_same_panels():
    assert list(draw(build(PLAN.seed))) == TOPICS
    assert len(TOPICS) == 5


def test_three_different_experts_without_a_tie_evaluate_each_proposal():
    for panel in PANELS:
        names = {seat.email for seat in panel.seats}
        assert len(names) == 3
        assert {EMPLOYER[name] for name in names}.isdisjoint({each.organisation for each in panel.proposal.partners})


@pytest.mark.parametrize("topic", TOPICS, ids=lambda each: each.topic)
def test_nobody_has_more_than_agreed_and_all_were_asked(topic: TopicPanels):
    loads = Counter(seat.email for panel in topic.panels for seat in panel.seats)
    assert max(loads.values()) <= LOAD
    assert set(loads) <= set(topic.pool)
    assert set(topic.pool).isdisjoint({*topic.declined, *topic.silent})
    assert topic.declined


def test_every_state_of_an_evaluation_can_be_seen():
    panels = [panel for each in UNDER_EVALUATION for panel in each.panels]
    assert {panel.agreement for panel in panels} == set(Agreement)
    assert {seat.work for panel in panels for seat in panel.seats} == set(Work)
    assert any(panel.overdue for panel in panels)
    assert any(panel.minority for panel in panels)


def test_a_consensus_begins_when_all_reports_are_there():
    for panel in PANELS:
        if panel.agreement is not Agreement.NOT_OPENED:
            assert {seat.work for seat in panel.seats} == {Work.HANDED_IN}


@pytest.mark.parametrize("email", [ELENI, TOMASZ, RUTA])
def test_each_evaluator_of_the_sign_ins_has_something_to_do_and_something_done(email: str):
    mine = [
        (seat.work, panel.agreement, index)
        for each in UNDER_EVALUATION for panel in each.panels
        for index, seat in enumerate(panel.seats) if seat.email == email
    ]  # fmt: skip
    assert any(work in {Work.ASKED, Work.ACCEPTED, Work.DRAFT} for work, _, _ in mine)
    assert any(work is Work.HANDED_IN for work, _, _ in mine)


def test_reports_are_complete_in_the_steps_of_the_criteria_and_differ():
    for panel in PANELS:
        criteria, texts = criteria_of(panel.proposal), []
        for seat in panel.seats:
            given = judgements.scores(panel.proposal, criteria, steps=seat.steps, rng=Random(seat.email))
            values = judgements.values(panel.proposal, given, criteria, questions=[], rng=Random(seat.email))
            texts.append(values)
            told = [
                Judgement(each.code, given[each.code], values[f"scores.{each.code}.comment"]) for each in criteria
            ]
            assert blocking(report_findings(told, criteria)) == []
            assert not any(sign in text for text in values.values() for sign in "[]{}|")
        assert texts[0] != texts[1]


def test_the_agreed_scores_are_those_of_the_plan():
    for panel in PANELS:
        agreed = judgements.scores(panel.proposal, criteria_of(panel.proposal), steps=0, rng=Random(0))
        assert agreed == dict(panel.proposal.quality)
