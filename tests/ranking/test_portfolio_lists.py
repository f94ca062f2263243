"""Lists of topics with a portfolio: selected by the worker, decided, proven; areas in tie-breaks; shared budgets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from grants.audit import queries as audit
from grants.calls.facts import topic_facts
from grants.calls.models import Topic, TopicDeadline
from grants.calls.rules import topic_findings
from grants.calls.states import DeadlineModel, Misfit
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.proposals.models import Proposal
from grants.ranking import outlooks, portfolios, queries, rules, services, verifying
from grants.ranking.models import Ranking
from grants.ranking.states import Decision
from grants.redress.rules import supplement
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import signed_in
from tests.factories.ranking import decided, second_manager
from tests.factories.shared import once

D = Decimal
#: The impact first: individual reports of the factory have its score everywhere.
HIGH = {"impact": "20", "relevance": "40", "quality": "40"}
GOOD = {"impact": "19", "relevance": "38", "quality": "38"}
FAIR = {"impact": "15", "relevance": "35", "quality": "35"}


@once
def scene(app):
    """Three evaluated proposals, two on prevention before one on training; the budget pays for two."""
    of = topic(template="ISF-PJG", budget=D(700_000))
    of.min_grant = of.max_grant = None
    of.area_field, of.on_misfit, of.portfolio = "priorities", Misfit.PORTFOLIO, ["at most 1 from each area"]
    account, manager = manager_of(of)
    pool = accepted(of, expert("Ann Secret"), expert("Bob Secret"), expert("Cid Secret"), manager=manager)
    made = [
        evaluated(of, pool, scores, manager=manager, answers={"priorities": [area]})
        for scores, area in ((HIGH, "prevention"), (GOOD, "prevention"), (FAIR, "training"))
    ]
    return of, account, manager, made


def filled(ranking: Ranking) -> Ranking:
    portfolios.fill(ranking.id, ranking.inputs_sha256, now=LATER)
    return ranking


def outcomes(ranking: Ranking) -> dict[int, str]:
    return {each.proposal.number: each.outcome for each in queries.all_placements(ranking.id)}


def test_the_worker_selects_and_who_is_passed_over_says_why(scene):
    of, _, manager, (high, good, fair) = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    assert ranking.selection == {"state": "waiting"}
    assert set(outcomes(ranking).values()) == {"reserve"}
    filled(ranking)
    assert ranking.selection == {"state": "made", "chosen": [high.number, fair.number], "score": "185"}
    assert outcomes(ranking) == {high.number: "main", good.number: "reserve", fair.number: "main"}
    reason = queries.all_placements(ranking.id)[1].reason
    assert reason.endswith(
        "Passed over: with it the budget and “at most 1 from each area (prevention)” would be exceeded."
    )
    db.session.commit()
    event = audit.event_with(ranking.ref(), "ranking.selected", name="score", value="185")
    assert event is not None


def test_nothing_is_decided_before_the_selection_is_there(scene):
    of, _, manager, _ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    with pytest.raises(Invalid, match="still being computed"):
        services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=LATER)
    filled(ranking)
    services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=LATER)


def test_a_selection_of_facts_that_have_changed_is_dropped(scene):
    of, _, manager, _ = scene
    old = services.compute_ranking(of, actor=manager, now=LATER).inputs_sha256
    of.portfolio = ["at most 2 from prevention"]
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    portfolios.fill(ranking.id, old, now=LATER)
    assert ranking.selection == {"state": "waiting"}


def test_people_may_choose_otherwise_but_not_against_the_rules(scene):
    of, _, manager, (high, good, fair) = scene
    ranking = filled(services.compute_ranking(of, actor=manager, now=LATER))
    rows = {each.proposal.number: each for each in queries.all_placements(ranking.id)}
    second = {rows[good.number].id: (Decision.MAIN, "Better known"), rows[fair.number].id: (Decision.RESERVE, "Late")}
    services.save_decisions(ranking, second, seen=ranking.version, actor=manager, now=LATER)
    with pytest.raises(Invalid, match=r"does not keep “at most 1 from each area \(prevention\)”"):
        services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=LATER)
    instead = {rows[high.number].id: (Decision.RESERVE, "Double funding")}
    services.save_decisions(ranking, instead, seen=ranking.version, actor=manager, now=LATER)
    services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=LATER)


def test_a_decided_selection_is_proven_and_another_one_is_found_out(scene):
    of, _, manager, (high, good, _) = scene
    ranking = filled(services.compute_ranking(of, actor=manager, now=LATER))
    decided(ranking, manager=manager, now=LATER)
    db.session.commit()
    assert [each.says for each in verifying.verify(of.identifier)] == [()]
    other = {**ranking.selection, "chosen": [high.number, good.number]}
    db.session.execute(update(Ranking).where(Ranking.id == ranking.id).values(selection=other))
    db.session.expire_all()
    says = verifying.verify(of.identifier)[0].says
    assert says[0].startswith("the best selection is computed as")


def test_rules_that_exclude_each_other_leave_a_list_without_suggestions_and_say_so(scene, client):
    of, account, manager, _ = scene
    of.portfolio = ["at least 2 from prevention", "at most 300000 euro for prevention"]
    ranking = filled(services.compute_ranking(of, actor=manager, now=LATER))
    assert ranking.selection["state"] == "impossible"
    page = signed_in(client, account, now=LATER).get(f"/manage/topics/{of.identifier}/ranking").text
    assert "No selection keeps all the rules" in page
    assert "“at least 2 from prevention”; “at most 300000 euro for prevention”" in page.replace("&#34;", '"')


def test_the_page_says_what_the_selection_is(scene, client):
    of, account, manager, _ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    browser = signed_in(client, account, now=LATER)
    address = f"/manage/topics/{of.identifier}/ranking"
    assert "The selection is being computed" in browser.get(address).text
    filled(ranking)
    page = browser.get(address).text
    assert "2 proposals with 185 points" in page
    assert "Passed over" in page
    shown = browser.get(f"/topics/{of.identifier}").text
    assert "At most 1 from each area" in shown


def test_a_what_if_of_a_portfolio_is_computed_by_the_worker(scene, client):
    of, account, manager, (_, good, fair) = scene
    ranking = filled(services.compute_ranking(of, actor=manager, now=LATER))
    richer = rules.Changes(budget=D(900_000), thresholds={"relevance": D(36)})
    with pytest.raises(Invalid, match="Give it a name"):
        outlooks.outlook(ranking, richer)
    outlooks.keep(ranking, "Richer", richer, actor=manager, now=LATER)
    (kept,) = outlooks.kept(ranking.id)
    address = f"/manage/topics/{of.identifier}/ranking/what-if"
    browser = signed_in(client, account, now=LATER)
    assert "Being computed" in browser.get(address).text
    portfolios.look_ahead(kept.id)
    assert (kept.figures["main"], kept.figures["left"], kept.figures["below"]) == (1, [fair.number], 1)
    assert "Being computed" not in browser.get(address).text
    # without the portfolio the funding line goes down the list: no worker is needed
    strict = outlooks.outlook(ranking, rules.Changes(on_misfit=Misfit.STOP))
    assert (strict["entered"], strict["left"]) == ([good.number], [fair.number])


@pytest.mark.slow
def test_the_tie_break_coverage_looks_at_the_areas_that_applicants_named(app):
    of = topic(template="ISF-PJG", budget=D(700_000))
    of.min_grant = of.max_grant = None
    of.area_field, of.tie_break = "priorities", ["coverage", "lottery"]
    _, manager = manager_of(of)
    pool = accepted(of, expert("Ann Secret"), expert("Bob Secret"), expert("Cid Secret"), manager=manager)
    first, same, new = (
        evaluated(of, pool, scores, manager=manager, answers={"priorities": areas})
        for scores, areas in ((HIGH, ["prevention"]), (GOOD, ["prevention"]), (GOOD, ["prevention", "training"]))
    )
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    found = queries.all_placements(ranking.id)
    assert [each.proposal.number for each in found] == [first.number, new.number, same.number]
    assert found[1].decided_by_key == "coverage"
    assert "(training against nothing new)" in found[1].reason


def test_topics_that_share_the_budget_of_a_call_cannot_spend_it_twice(app):
    of, other = topic(template="ISF-PJG", budget=D(400_000)), topic(template="ISF-PJG", budget=D(400_000))
    other.call = of.call
    for each in (of, other):
        each.budget = each.min_grant = each.max_grant = None
    db.session.flush()
    _, manager = manager_of(of)
    for each in (of, other):
        pool = accepted(each, expert("Ann Secret"), expert("Bob Secret"), expert("Cid Secret"), manager=manager)
        evaluated(each, pool, HIGH, manager=manager)
    decided(services.compute_ranking(of, actor=manager, now=LATER), manager=manager, now=LATER)
    second = services.compute_ranking(other, actor=manager, now=LATER)
    with pytest.raises(Invalid, match="share the call's budget"):
        services.prepare_decision(second, seen=second.version, actor=manager, now=LATER)


def test_a_rule_that_names_no_area_stands_against_the_publication(app):
    of = topic(template="ISF-PJG", published=False)
    of.area_field, of.portfolio = "priorities", ["at most 1 from space"]
    found = {each.place for each in topic_findings(topic_facts(of), now=NOW)}
    assert "portfolio" in found
    of.portfolio = ["at most 1 from each area"]
    assert "portfolio" not in {each.place for each in topic_findings(topic_facts(of), now=NOW)}


def two_topics_of_one_call() -> tuple[Topic, Topic, Actor]:
    """They share 400,000 euro; each has a proposal that asks for more than half of it."""
    of, other = topic(template="ISF-PJG", budget=D(400_000)), topic(template="ISF-PJG", budget=D(400_000))
    other.call = of.call
    for each in (of, other):
        each.budget = each.min_grant = each.max_grant = None
    db.session.flush()
    _, manager = manager_of(of)
    for each in (of, other):
        pool = accepted(each, expert("Ann Secret"), expert("Bob Secret"), expert("Cid Secret"), manager=manager)
        evaluated(each, pool, HIGH, manager=manager)
    return of, other, manager


def test_two_lists_that_are_prepared_at_once_are_not_both_confirmed(app):
    *topics, manager = two_topics_of_one_call()
    lists = [services.compute_ranking(each, actor=manager, now=LATER) for each in topics]
    for each in lists:
        services.prepare_decision(each, seen=each.version, actor=manager, now=LATER)
    second = second_manager(lists[0])
    services.confirm_decision(lists[0], seen=lists[0].version, actor=second, now=LATER)
    with pytest.raises(Invalid, match="share the call's budget"):
        services.confirm_decision(lists[1], seen=lists[1].version, actor=second, now=LATER)


@pytest.mark.slow
def test_batches_of_a_topic_count_against_the_call_s_budget_too(app):
    of, other, manager = two_topics_of_one_call()
    of.call.budget = D(900_000)
    first = of.deadline - timedelta(days=1)
    of.deadline_model, of.first_deadline = DeadlineModel.CUT_OFFS, first
    of.deadlines = [TopicDeadline(at=first), *of.deadlines]
    pool = accepted(of, expert("Dan Secret"), expert("Eve Secret"), expert("Fay Secret"), manager=manager)
    early = evaluated(of, pool, HIGH, manager=manager)
    early.cut_off = first
    db.session.flush()
    later = of.deadline
    for proposal in db.session.query(Proposal).filter_by(topic_id=of.id, cut_off=None):
        proposal.cut_off = later
    for each, at in ((of, first), (other, None)):
        made = services.compute_ranking(each, actor=manager, now=LATER, cut_off=at)
        decided(made, manager=manager, now=LATER)
    last = services.compute_ranking(of, actor=manager, now=LATER, cut_off=later)
    with pytest.raises(Invalid, match="share the call's budget"):
        services.prepare_decision(last, seen=last.version, actor=manager, now=LATER)


def test_where_no_selection_keeps_the_rules_people_decide_with_reasons(scene):
    of, _, manager, (high, good, _) = scene
    of.portfolio = ["at least 2 from prevention", "at most 300000 euro for prevention"]
    ranking = filled(services.compute_ranking(of, actor=manager, now=LATER))
    rows = {each.proposal.number: each for each in queries.all_placements(ranking.id)}
    chosen = {
        rows[number].id: (Decision.MAIN, "The rules exclude each other.") for number in (high.number, good.number)
    }
    services.save_decisions(ranking, chosen, seen=ranking.version, actor=manager, now=LATER)
    decided(ranking, manager=manager, now=LATER)
    assert queries.main_numbers(ranking.id) == {high.number, good.number}


def test_the_same_scores_after_a_review_leave_a_proposal_on_the_main_list(scene):
    of, _, manager, (high, *_) = scene
    ranking = filled(services.compute_ranking(of, actor=manager, now=LATER))
    candidates, config = rules.read_inputs(ranking.inputs)
    mine = next(each for each in candidates if each.number == high.number)
    found = supplement(candidates, config, high.number, mine.scores, ranking.selection["chosen"])
    assert found.suggests is Decision.MAIN
