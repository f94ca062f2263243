"""The ranked list on PostgreSQL: computed, decided, announced; who sees what when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.ranking import queries, services
from grants.ranking.models import Placement
from grants.ranking.states import Decision, RankingState
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import submitted
from tests.factories.ranking import decided as decided_by_two
from tests.factories.shared import once

D = Decimal
GOOD = {"excellence": "5", "impact": "4.5", "implementation": "4"}
FAIR = {"excellence": "4", "impact": "4", "implementation": "3.5"}
POOR = {"excellence": "2.5", "impact": "5", "implementation": "5"}


@once
def scene(app):
    """A topic whose budget pays for one of its three evaluated proposals: good, fair, below a threshold."""
    of = topic(budget=D(500_000))
    account, manager = manager_of(of)
    pool = accepted(of, expert("Ann Secret"), expert("Bob Secret"), expert("Cid Secret"), manager=manager)
    poor, fair, good = (evaluated(of, pool, scores, manager=manager) for scores in (POOR, FAIR, GOOD))
    return of, account, manager, good, fair, poor


def rows(ranking):
    return [(each.proposal.number, each.outcome, each.decision) for each in queries.all_placements(ranking.id)]


def test_the_list_orders_scores_draws_the_line_and_says_why(scene):
    of, _, manager, good, fair, poor = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    found = queries.all_placements(ranking.id)
    assert [(each.proposal.number, each.outcome) for each in found] == [
        (good.number, "main"),
        (fair.number, "reserve"),
        (poor.number, "below_threshold"),
    ]
    assert [each.total for each in found] == [D("13.5"), D("11.5"), D("12.5")]
    assert found[2].reason == "Excellence: 2.5, at least 3 is needed"
    assert [each.cumulated for each in found] == [D(375_000)] * 3


def test_a_missing_consensus_stops_the_list_and_is_named(scene):
    of, _, manager, *_ = scene
    late = submitted(of)
    with pytest.raises(Invalid) as problem:
        services.compute_ranking(of, actor=manager, now=LATER)
    assert str(late.number) in problem.value.message


def test_computing_again_keeps_the_decisions_and_changes_nothing_else(scene):
    of, _, manager, good, *_ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    first = queries.all_placements(ranking.id)[0]
    services.save_decisions(
        ranking, {first.id: (Decision.RESERVE, "Double funding")}, seen=ranking.version, actor=manager, now=LATER
    )
    before = ranking.inputs_sha256
    again = services.compute_ranking(of, actor=manager, now=LATER)
    assert again.inputs_sha256 == before
    assert rows(again)[0] == (good.number, "main", Decision.RESERVE)


def test_a_decision_against_the_list_needs_a_reason_and_a_threshold_is_never_set_aside(scene):
    of, _, manager, *_ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    _, fair, poor = queries.all_placements(ranking.id)
    for row, reason, code in ((fair, " ", "no-reason"), (poor, "We like it", "below-threshold")):
        with pytest.raises(Invalid) as problem:
            services.save_decisions(
                ranking, {row.id: (Decision.MAIN, reason)}, seen=ranking.version, actor=manager, now=LATER
            )
        assert problem.value.code == code
        db.session.refresh(row)


def test_a_stale_list_is_not_decided_on(scene):
    of, _, manager, *_ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    with pytest.raises(Stale):
        services.save_decisions(ranking, {}, seen=ranking.version - 1, actor=manager, now=LATER)
    with pytest.raises(Stale):
        services.prepare_decision(ranking, seen=ranking.version - 1, actor=manager, now=LATER)


def test_the_main_list_stays_within_the_budget(scene):
    of, _, manager, *_ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    fair = queries.all_placements(ranking.id)[1]
    services.save_decisions(
        ranking, {fair.id: (Decision.MAIN, "Strategic")}, seen=ranking.version, actor=manager, now=LATER
    )
    with pytest.raises(Invalid) as problem:
        services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=LATER)
    assert problem.value.code == "over-budget"


def test_a_list_computed_from_older_facts_is_not_decided_on(scene):
    of, _, manager, *_ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    of.tie_break = ["criterion:impact", "lottery"]
    db.session.flush()
    with pytest.raises(Invalid) as problem:
        services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=LATER)
    assert problem.value.code == "out-of-date"


def decided(scene):
    of, _, manager, *_ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    decided_by_two(ranking, manager=manager, now=LATER)
    return ranking


def test_deciding_takes_the_suggestions_and_freezes_the_list(scene):
    of, _, manager, good, fair, poor = scene
    ranking = decided(scene)
    assert [(number, decision) for number, _, decision in rows(ranking)] == [
        (good.number, Decision.MAIN),
        (fair.number, Decision.RESERVE),
        (poor.number, Decision.REJECTED),
    ]
    with pytest.raises(Refused):
        services.compute_ranking(of, actor=manager, now=LATER)
    services.reopen_ranking(ranking, reason="A slip", actor=manager, now=LATER)
    assert ranking.state is RankingState.DRAFT


def test_all_letters_go_at_once_each_once_and_name_no_expert(scene):
    _, _, manager, good, fair, poor = scene
    ranking = decided(scene)
    with pytest.raises(Refused) as refused:
        services.send_letters(ranking, count=2, actor=manager, now=LATER)
    assert refused.value.code == "count"
    assert services.send_letters(ranking, count=3, actor=manager, now=LATER) == 3
    sent = db.session.scalars(select(Letter).where(Letter.kind.startswith("result_"))).all()
    assert {(each.kind, each.object_key) for each in sent} == {
        ("result_main", str(good.number)),
        ("result_reserve", str(fair.number)),
        ("result_rejected", str(poor.number)),
    }
    assert not any("Secret" in each.body + each.subject for each in sent)
    with pytest.raises(Refused):
        services.send_letters(ranking, count=3, actor=manager, now=LATER)


def test_another_programme_sees_and_does_nothing(scene):
    of, *_ = scene
    other = manager_of(topic())[1]
    ranking = decided(scene)
    for act in (
        lambda: services.compute_ranking(of, actor=other, now=LATER),
        lambda: services.send_letters(ranking, count=3, actor=other, now=LATER),
        lambda: queries.seen_ranking(other, of, None),
    ):
        with pytest.raises(NotFound):
            act()


def test_auditors_read_what_is_decided_and_not_before(scene):
    of, *_ = scene
    auditor = actor_of(person("", Role.AUDITOR), Role.AUDITOR)
    with pytest.raises(NotFound):
        queries.seen_ranking(auditor, of, None)
    ranking = decided(scene)
    assert queries.seen_ranking(auditor, of, None) is ranking
    assert db.session.scalars(queries.decided_lists(auditor)).all() == [ranking]


def test_the_coordinator_reads_the_report_after_the_letter_and_never_a_name(scene, client, clock):
    _, _, manager, good, *_ = scene
    clock.instant = LATER + timedelta(hours=1)
    ranking = decided(scene)
    coordinator = signed_in(client, good.members[0].account, now=LATER)
    assert coordinator.get(f"/proposals/{good.number}/result").status_code == 404
    assert coordinator.get(f"/proposals/{good.number}/result.pdf").status_code == 404
    assert "result" not in coordinator.get(f"/proposals/{good.number}").text.split("<main")[1]
    services.send_letters(ranking, count=3, actor=manager, now=LATER)
    db.session.commit()
    page = coordinator.get(f"/proposals/{good.number}/result")
    assert page.status_code == 200
    assert "Main list" in page.text
    assert "Secret" not in page.text
    for _ in range(2):  # a second time in the same process too
        assert coordinator.get(f"/proposals/{good.number}/result.pdf").data.startswith(b"%PDF")
    assert f"/proposals/{good.number}/result" in coordinator.get(f"/proposals/{good.number}").text
    assert signed_in(client, person(), now=LATER).get(f"/proposals/{good.number}/result").status_code == 404


def test_the_manager_walks_the_pages_of_the_list(scene, client, clock):
    of, account, *_ = scene
    clock.instant = LATER + timedelta(hours=1)
    manager = signed_in(client, account, now=LATER)
    base = f"/manage/topics/{of.identifier}/ranking"
    assert "not computed yet" in manager.get(base).text
    manager.post(f"{base}/compute")
    page = manager.get(f"{base}?budget=900000")
    assert "2 proposals" in page.text
    assert of.lottery_seed not in page.text
    ranking = queries.ranking_of(of.id, None)
    first = db.session.scalar(select(Placement).where(Placement.place == 1))
    answer = manager.post(f"{base}/decisions", data={"version": ranking.version, f"decision-{first.id}": "reserve"})
    assert answer.status_code == 422
    assert "say why you decide otherwise" in answer.text
    manager.post(f"{base}/decide", data={"version": queries.ranking_of(of.id, None).version})
    assert "You prepared this decision" in manager.get(base).text
    second, _ = manager_of(of)
    other = signed_in(client, second, now=LATER)
    other.post(f"{base}/confirm", data={"version": queries.ranking_of(of.id, None).version})
    manager = signed_in(client, account, now=LATER)
    letters = manager.get(f"{base}/letters")
    assert "3 letters of result" in letters.text
    assert manager.post(f"{base}/letters", data={"count": "3"}).status_code == 422
    assert manager.post(f"{base}/letters", data={"count": "3", "checked": "y"}).status_code == 302
    assert of.lottery_seed in manager.get(base).text


def test_lists_wait_on_the_manager_s_first_page_until_their_letters_are_sent(scene, client):
    of, account, manager, *_ = scene
    _, other = manager_of(topic())
    assert queries.open_lists(manager, limit=9) == []
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    assert [each.id for each in queries.open_lists(manager, limit=9)] == [ranking.id]
    assert queries.open_lists(other, limit=9) == []
    assert "To decide" in signed_in(client, account, now=LATER).get("/").text
    decided_by_two(ranking, manager=manager, now=LATER)
    services.send_letters(ranking, count=3, actor=manager, now=LATER)
    assert queries.open_lists(manager, limit=9) == []


def test_the_figures_kept_with_a_list_are_those_of_its_rows_after_every_change(scene):
    of, _, manager, *_ = scene

    def kept_and_counted(ranking):
        db.session.flush()
        return ranking.figures, queries.figures(ranking.id)

    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    kept, counted = kept_and_counted(ranking)
    assert kept == counted
    assert queries.summary(ranking).main == 1
    first, second, _ = queries.all_placements(ranking.id)
    changed = {first.id: (Decision.RESERVE, "A later start"), second.id: (Decision.MAIN, "A sooner start")}
    services.save_decisions(ranking, changed, seen=ranking.version, actor=manager, now=LATER)
    kept, counted = kept_and_counted(ranking)
    assert kept == counted
    assert queries.summary(ranking).main_sum == second.requested
    decided_by_two(ranking, manager=manager, now=LATER)
    kept, counted = kept_and_counted(ranking)
    assert kept == counted
    services.reopen_ranking(ranking, reason="A slip", actor=manager, now=LATER)
    services.compute_ranking(of, actor=manager, now=LATER)
    kept, counted = kept_and_counted(ranking)
    assert kept == counted


def test_a_list_from_before_the_figures_were_kept_is_counted(scene):
    of, _, manager, *_ = scene
    ranking = services.compute_ranking(of, actor=manager, now=LATER)
    before, ranking.figures = queries.summary(ranking), {}
    assert queries.summary(ranking) == before
