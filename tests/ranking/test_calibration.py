"""Severity and reliability from individual scores: the reference values of a real panel, and the page."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from grants.db import db
from grants.ranking import calibrating, services
from grants.ranking.calibration.model import Variances, fit, intervals
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import signed_in
from tests.real import real_data


@pytest.fixture(scope="module")
def panel():
    """Proposals, reviewers and ratings of a real panel; lower is better."""
    with real_data("aibs_panel_ratings.csv").open() as source:
        rows = [row for row in csv.DictReader(source) if row["rating_0best_40worst"]]
    proposal = np.array([int(row["proposal"]) - 1 for row in rows])
    reviewer = np.array([int(row["reviewer"]) - 1 for row in rows])
    return proposal, reviewer, np.array([float(row["rating_0best_40worst"]) for row in rows])


def test_the_reference_values_of_the_panel_come_out(panel):
    proposal, reviewer, score = panel
    found = fit(proposal, reviewer, score)
    v = found.variances
    assert len(score) == 279
    assert (v.proposal, v.evaluator, v.residual) == (
        pytest.approx(63.163, abs=0.01), pytest.approx(0.4535, abs=0.01), pytest.approx(5.2821, abs=0.01),
    )  # fmt: skip
    assert found.mean == pytest.approx(14.902, abs=0.001)
    assert found.likelihood == pytest.approx(-698.9711, abs=0.001)
    reliability = [v.reliability(n) for n in (1, 3, 9.964, 12)]
    assert reliability == pytest.approx([0.9168, 0.9706, 0.9910, 0.9925], abs=0.001)
    assert [v.reliability(n, consistency=True) for n in (1, 3)] == pytest.approx([0.9228, 0.9729], abs=0.001)
    assert (np.argsort(found.proposals)[:6] + 1).tolist() == [17, 25, 19, 21, 4, 23]


def test_chances_to_be_among_the_best_six_come_out(panel):
    chances = fit(*panel).chances(6, lower_is_better=True)
    wanted = {17: 1.0, 25: 0.999, 19: 0.999, 21: 0.990, 4: 0.735, 23: 0.591, 22: 0.331, 20: 0.265, 6: 0.032}
    assert {place: chances[place - 1] for place in wanted} == pytest.approx(wanted, abs=0.02)
    assert chances.sum() == pytest.approx(6)


@pytest.mark.slow
def test_intervals_of_the_reliability_come_out(panel):
    proposal, reviewer, _ = panel
    found = fit(*panel)
    assert intervals(found, proposal, reviewer, refits=400) == pytest.approx((0.854, 0.948), abs=0.02)
    assert intervals(found, proposal, reviewer, experts=3, refits=400) == pytest.approx((0.946, 0.982), abs=0.02)


def test_known_variances_are_found_again_and_severity_is_taken_out():
    generator = np.random.default_rng(11)
    truth, severity = generator.standard_normal(200), generator.standard_normal(60) * np.sqrt(0.5)
    proposal = np.repeat(np.arange(200), 3)
    reviewer = np.concatenate([generator.choice(60, 3, replace=False) for _ in range(200)])
    score = truth[proposal] + severity[reviewer] + generator.standard_normal(600)
    found = fit(proposal, reviewer, score)
    v = found.variances
    assert (v.proposal, v.evaluator, v.residual) == pytest.approx((1.0, 0.5, 1.0), abs=0.35)
    raw = np.bincount(proposal, score) / 3
    assert np.corrcoef(truth, found.proposals)[0, 1] > np.corrcoef(truth, raw)[0, 1]


def test_too_few_scores_are_said_and_one_report_is_less_reliable_than_three():
    with pytest.raises(ValueError, match="too few"):
        fit(np.array([0, 0]), np.array([0, 1]), [1.0, 2.0])
    v = Variances(1.0, 0.5, 1.0)
    assert v.reliability(1) == pytest.approx(0.4)
    assert v.reliability(3) > v.reliability(1)


@pytest.mark.slow
def test_managers_see_it_beside_the_list_and_it_changes_nothing(app, client):
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    for score in ("4.5", "4", "3.5"):
        evaluated(of, pool, dict.fromkeys(("excellence", "impact", "implementation"), score), manager=manager)
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    before = (ranking.version, ranking.inputs_sha256)
    page = f"/manage/topics/{of.identifier}/calibration"
    browser = signed_in(client, account, now=LATER)
    assert "Nothing is computed yet" in browser.get(page).text
    app.config["WTF_CSRF_ENABLED"] = False
    assert browser.post(page).status_code == 302
    assert "Being computed" in browser.get(page).text
    waiting = services.ask_for_calibration(of, actor=manager, now=LATER)

    calibrating.calibrate(waiting.id, now=LATER)

    db.session.expire_all()
    shown = browser.get(page).text
    assert ("too few scores" in shown) or ("Proposals by calibrated total" in shown)
    assert (ranking.version, ranking.inputs_sha256) == before
    assert not any(each.account.name in shown for each in pool)
