"""What-ifs: the same scores under other numbers, kept side by side; the list itself never moves."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.rules import CriterionFacts
from grants.db import db
from grants.kernel.errors import Invalid
from grants.ranking import outlooks, queries, rules, services
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import signed_in

D = Decimal
CRITERIA = (
    CriterionFacts("e", "Excellence", D(5), D("0.5"), threshold=D(3)),
    CriterionFacts("i", "Impact", D(5), D("0.5"), threshold=D(3)),
)
CONFIG = rules.RankingConfig(
    criteria=CRITERIA, keys=("criterion:e",), budget=D(10), overall_threshold=D(7), seed="seed"
)


def proposal(number: int, e: str, i: str, cost: int = 4) -> rules.CandidateFacts:
    return rules.CandidateFacts(number=number, scores={"e": D(e), "i": D(i)}, requested=D(cost))


LIST = [proposal(1, "5", "3"), proposal(2, "4", "4.5"), proposal(3, "3.5", "4.5"), proposal(4, "3", "3")]
NOW_MAIN = frozenset({2, 1})


@pytest.mark.parametrize(
    ("changes", "main", "entered", "left"),
    [
        pytest.param(rules.Changes(), 2, (), (), id="nothing"),
        pytest.param(rules.Changes(budget=D(12)), 3, (3,), (), id="more money"),
        pytest.param(rules.Changes(weights={"i": D(3)}), 2, (3,), (1,), id="impact counts three times"),
        pytest.param(rules.Changes(thresholds={"e": D("4.5")}), 1, (), (2,), id="a higher threshold"),
        pytest.param(rules.Changes(budget=D(16), overall=D(6)), 4, (3, 4), (), id="a lower overall threshold"),
    ],
)
def test_what_would_change_is_named(changes, main, entered, left):
    found = rules.what_if(LIST, CONFIG, changes, main_now=NOW_MAIN)
    assert (found.main, found.entered, found.left) == (main, entered, left)
    assert found.spent == 4 * main


def test_a_weight_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        rules.what_if(LIST, CONFIG, rules.Changes(weights={"e": D(0)}), main_now=NOW_MAIN)


SCORES = st.sampled_from([D(n) / 2 for n in range(11)])


@given(st.lists(st.tuples(SCORES, SCORES), max_size=10), st.decimals(0, 40, places=0))
def test_it_is_what_the_rules_would_give_under_these_numbers(scores, budget):
    people = [replace(LIST[0], number=n, scores={"e": e, "i": i}) for n, (e, i) in enumerate(scores, 1)]
    found = rules.what_if(people, CONFIG, rules.Changes(budget=budget), main_now=frozenset())
    placed = rules.rank(people, replace(CONFIG, budget=budget))
    assert found.entered == tuple(each.number for each in placed if each.outcome is rules.Outcome.MAIN)
    assert found.spent <= budget


def test_what_was_kept_stands_beside_the_list_which_never_moves(app, client):
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    for score in ("4.5", "4"):
        evaluated(of, pool, dict.fromkeys(("excellence", "impact", "implementation"), score), manager=manager)
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    db.session.commit()
    before = [(each.place, each.outcome, ranking.version) for each in queries.all_placements(ranking.id)]
    app.config["WTF_CSRF_ENABLED"] = False
    browser = signed_in(client, account, now=LATER)
    page = f"/manage/topics/{of.identifier}/ranking/what-if"

    tried = browser.post(page, data={"budget": "1", "on_misfit": ""}).text
    assert "0 proposals on the main list" in tried
    assert outlooks.kept(ranking.id) == []
    assert browser.post(page, data={"weight-impact": "0"}).status_code == 422
    assert browser.post(page, data={"budget": "lots"}).status_code == 422
    answer = browser.post(page, data={"budget": "1", "on_misfit": "skip", "name": "Hardly any"})
    assert answer.status_code == 302

    (kept,) = outlooks.kept(ranking.id)
    assert (kept.name, kept.figures["main"], kept.changes["budget"]) == ("Hardly any", 0, "1.00")
    shown = browser.get(page).text
    assert "Hardly any" in shown
    assert "The list as it is" in shown
    db.session.expire_all()
    assert [(each.place, each.outcome, ranking.version) for each in queries.all_placements(ranking.id)] == before
    browser.post(f"{page}/{kept.id}/forget")
    assert outlooks.kept(ranking.id) == []
    with pytest.raises(Invalid):
        outlooks.keep(ranking, " ", rules.Changes(), actor=manager, now=LATER)
