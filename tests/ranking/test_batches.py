"""Topics with cut-offs: each batch has a list, a budget and a lottery of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grants.calls.models import TopicDeadline
from grants.calls.states import DeadlineModel, Misfit
from grants.db import db
from grants.kernel.errors import Invalid
from grants.notifications.models import Letter
from grants.projects import services as projects
from grants.ranking import clocks, queries, rules, services, verifying
from grants.ranking.states import Decision, RankingState
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import signed_in
from tests.factories.ranking import decided, second_manager
from tests.factories.shared import once

D = Decimal
GOOD = {"excellence": "5", "impact": "4.5", "implementation": "4"}
FAIR = {"excellence": "4", "impact": "4", "implementation": "3.5"}
FIRST = datetime(2026, 1, 1)  # noqa: DTZ001 the strategy adds the zone
instants = st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=FIRST.replace(year=2028))


@given(st.sets(instants, min_size=1, max_size=6), instants)
def test_batches_are_numbered_by_their_cut_offs_and_closed_at_the_instant(cut_offs, now):
    found = rules.batches(cut_offs, now=now)
    assert [each.number for each in found] == list(range(1, len(cut_offs) + 1))
    assert [each.cut_off for each in found] == sorted(cut_offs)
    assert [each.closed for each in found] == [each.cut_off <= now for each in found]
    assert rules.chosen(found, None) == ([each for each in found if each.closed] or found[:1])[-1]


def test_a_batch_that_does_not_exist_is_an_error_and_none_at_all_too():
    found = rules.batches([NOW], now=NOW)
    with pytest.raises(LookupError):
        rules.chosen(found, 2)
    with pytest.raises(ValueError, match="no batch"):
        rules.chosen([], None)


def test_what_earlier_batches_spent_is_gone_but_never_below_nothing():
    spent = {NOW: D(300), NOW + timedelta(days=1): D(500)}
    assert rules.left_for(NOW, budget=D(1000), spent=spent) == 1000
    assert rules.left_for(NOW + timedelta(days=1), budget=D(1000), spent=spent) == 700
    assert rules.left_for(NOW + timedelta(days=2), budget=D(700), spent=spent) == 0


def test_the_seed_of_one_batch_betrays_no_other():
    seeds = {rules.seed_of("secret", NOW + timedelta(days=day)) for day in range(3)}
    assert len(seeds) == 3
    assert "secret" not in seeds
    assert rules.seed_of("secret", None) == "secret"
    assert rules.seed_of("", NOW) == ""


@once
def scene(app):
    """Two batches, both closed: a good proposal in the first, a good and a fair one in the second."""
    of = topic(budget=D(1_000_000))
    first = of.deadline - timedelta(days=1)
    of.deadline_model, of.first_deadline = DeadlineModel.CUT_OFFS, first
    of.deadlines = [TopicDeadline(at=first), *of.deadlines]
    account, manager = manager_of(of)
    pool = accepted(of, expert("Ann Secret"), expert("Bob Secret"), expert("Cid Secret"), manager=manager)
    early, good, fair = (evaluated(of, pool, scores, manager=manager) for scores in (GOOD, GOOD, FAIR))
    early.cut_off, good.cut_off, fair.cut_off = first, of.deadline, of.deadline
    return of, account, manager, early, good, fair


def numbers(ranking):
    return [each.proposal.number for each in queries.all_placements(ranking.id)]


def test_each_batch_ranks_its_own_proposals_under_what_the_earlier_ones_left(scene):
    of, _, manager, early, good, fair = scene
    first = services.compute_ranking(of, actor=manager, now=LATER, cut_off=early.cut_off)
    assert (numbers(first), first.budget) == ([early.number], D(1_000_000))
    with pytest.raises(Invalid) as refused:
        services.compute_ranking(of, actor=manager, now=LATER, cut_off=of.deadline)
    assert [each.code for each in refused.value.findings] == ["earlier-batch"]
    decided(first, manager=manager, now=LATER)
    second = services.compute_ranking(of, actor=manager, now=LATER, cut_off=of.deadline)
    assert numbers(second) == [good.number, fair.number]
    assert second.budget == D(1_000_000) - queries.summary(first).main_sum == D(625_000)
    assert [each.outcome for each in queries.all_placements(second.id)] == ["main", "reserve"]


def test_a_stated_budget_does_not_wait_for_the_earlier_batch(scene):
    of, _, manager, *_ = scene
    second = services.compute_ranking(of, actor=manager, now=LATER, cut_off=of.deadline, budget=D(800_000))
    assert second.budget == D(800_000)
    assert queries.summary(second).main == 2


def test_a_batch_that_is_open_and_no_batch_at_all_are_refused(scene):
    of, _, manager, *_ = scene
    for cut_off, now in ((of.deadline, of.deadline - timedelta(milliseconds=1)), (None, LATER), (NOW, LATER)):
        with pytest.raises(Invalid):
            services.compute_ranking(of, actor=manager, now=now, cut_off=cut_off, budget=D(1))


def test_lists_are_decided_announced_and_proven_one_by_one(scene):
    of, _, manager, early, good, _ = scene
    first = services.compute_ranking(of, actor=manager, now=LATER, cut_off=early.cut_off)
    decided(first, manager=manager, now=LATER)
    assert services.send_letters(first, count=1, actor=manager, now=LATER) == 1
    assert early.decided_at == LATER
    assert good.decided_at is None
    assert [each.number for each in projects.prepare_grants(of, actor=manager, now=LATER)] == [early.number]
    second = services.compute_ranking(of, actor=manager, now=LATER, cut_off=of.deadline)
    decided(second, manager=manager, now=LATER)
    db.session.commit()
    proofs = verifying.verify(of.identifier)
    assert [(each.cut_off, each.says) for each in proofs] == [
        (early.cut_off.isoformat(), ()),
        (of.deadline.isoformat(), ()),
    ]
    services.send_letters(second, count=2, actor=manager, now=LATER)
    assert [each.number for each in projects.prepare_grants(of, actor=manager, now=LATER)] == [good.number]


def test_the_page_shows_one_batch_and_its_forms_stay_in_it(client, scene, clock):
    of, account, manager, early, good, _ = scene
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    address = f"/manage/topics/{of.identifier}/ranking"
    page = client.post(f"{address}/compute?batch=1", follow_redirects=True).text
    assert str(early.number) in page
    assert str(good.number) not in page
    assert f'action="{address}/decide?batch=1"' in page
    assert "Batch 2" in page
    ranking = queries.ranking_of(of.id, early.cut_off)
    seed = rules.seed_of(of.lottery_seed, early.cut_off)
    assert sha256(seed.encode()).hexdigest() in page
    decided(ranking, manager=manager, now=LATER)
    shown = client.get(f"{address}?batch=1").text
    assert ranking.state is RankingState.DECIDED
    assert seed in shown
    assert f"{of.lottery_seed}<" not in shown
    assert client.get(f"{address}?batch=3").status_code == 404
    wrong = client.post(f"{address}/compute?batch=2", data={"budget": "plenty"})
    assert wrong.status_code == 422
    assert "digits" in wrong.text


def test_less_than_was_asked_for_is_offered_only_where_the_topic_allows_it(scene):
    of, _, manager, _, good, fair = scene
    of.on_misfit, of.min_grant = Misfit.OFFER_LESS, D(200_000)
    ranking = services.compute_ranking(of, actor=manager, now=LATER, cut_off=of.deadline, budget=D(600_000))
    rows = {each.proposal.number: each for each in queries.all_placements(ranking.id)}
    assert (rows[good.number].offered, rows[fair.number].offered) == (None, D(225_000))
    assert [each.cumulated for each in rows.values()] == [D(375_000), D(600_000)]
    assert queries.summary(ranking).main_sum == D(600_000)
    decided(ranking, manager=manager, now=LATER)
    assert all(each.decision is Decision.MAIN for each in rows.values())
    services.send_letters(ranking, count=2, actor=manager, now=LATER)
    bodies = " ".join(letters_about(fair))
    assert "We offer €225000;" in "".join(each for each in bodies if each == " " or not each.isspace())
    made = {each.number: each.grant_amount for each in projects.prepare_grants(of, actor=manager, now=LATER)}
    assert made == {good.number: D(375_000), fair.number: D(225_000)}


def letters_about(proposal):
    return db.session.scalars(select(Letter.body).where(Letter.object_key == str(proposal.number))).all()


def test_each_batch_has_its_own_clock(scene):
    of, _, manager, early, *_ = scene
    assert [words for words, _ in clocks.to_inform([of])[of.id]] == ["Result of batch 1", "Result of batch 2"]
    first = services.compute_ranking(of, actor=manager, now=LATER, cut_off=early.cut_off)
    decided(first, manager=manager, now=LATER)
    services.send_letters(first, count=1, actor=manager, now=LATER)
    found = dict(clocks.to_inform([of])[of.id])
    assert found["Result of batch 1"].done_at == LATER
    assert found["Result of batch 2"].done_at is None
    assert found["Result of batch 1"].ends_at < found["Result of batch 2"].ends_at


def test_batches_together_never_spend_more_than_the_topic_has(scene):
    """The first is opened again after the second was decided on what it had left."""
    of, _, manager, early, *_ = scene
    first = services.compute_ranking(of, actor=manager, now=LATER, cut_off=early.cut_off)
    services.save_decisions(
        first, {queries.all_placements(first.id)[0].id: (Decision.REJECTED, "Not now.")}, seen=first.version,
        actor=manager, now=LATER,
    )  # fmt: skip
    decided(first, manager=manager, now=LATER)
    of.budget = D(400_000)
    second = services.compute_ranking(of, actor=manager, now=LATER, cut_off=of.deadline)
    decided(second, manager=manager, now=LATER)
    assert queries.summary(second).main_sum == D(375_000)
    services.reopen_ranking(first, reason="A mistake.", actor=manager, now=LATER)
    again = services.compute_ranking(of, actor=manager, now=LATER, cut_off=early.cut_off)
    services.save_decisions(
        again, {queries.all_placements(again.id)[0].id: (None, "")}, seen=again.version, actor=manager, now=LATER
    )
    with pytest.raises(Invalid) as refused:
        services.prepare_decision(again, seen=again.version, actor=manager, now=LATER)
    assert [each.code for each in refused.value.findings] == ["over-topic-budget"]


def test_two_batches_that_are_prepared_at_once_are_held_against_each_other(scene):
    of, _, manager, early, *_ = scene
    of.budget = D(600_000)
    lists = [
        services.compute_ranking(of, actor=manager, now=LATER, cut_off=cut_off, budget=D(500_000))
        for cut_off in (early.cut_off, of.deadline)
    ]
    for each in lists:
        services.prepare_decision(each, seen=each.version, actor=manager, now=LATER)
    other = second_manager(lists[0])
    services.confirm_decision(lists[0], seen=lists[0].version, actor=other, now=LATER)
    with pytest.raises(Invalid) as refused:
        services.confirm_decision(lists[1], seen=lists[1].version, actor=other, now=LATER)
    assert [each.code for each in refused.value.findings] == ["over-topic-budget"]


@pytest.mark.parametrize("batch", ["²", "9" * 4400, "-1", "0", "x"])
def test_a_batch_that_is_no_number_is_not_there(client, scene, clock, batch):
    of, account, *_ = scene
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    assert client.get(f"/manage/topics/{of.identifier}/ranking", query_string={"batch": batch}).status_code == 404
