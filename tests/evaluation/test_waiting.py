"""First pages tell what waits for whom, and nothing that waits for others."""

from __future__ import annotations

from datetime import timedelta

from grants.evaluation import queries, services, waiting
from grants.evaluation.states import Answer
from grants.evaluation.waiting import Step
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of, values
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once


@once
def scene(app):
    """A topic with three experts, its manager and one submitted proposal."""
    of = topic()
    account, manager = manager_of(of)
    return of, account, manager, accepted(of, expert(), expert(), expert(), manager=manager), submitted(of)


def steps(who, now=LATER):
    return [each.step for each in waiting.next_steps(expert_actor(who.account), now=now, limit=9)]


def figures(manager, now=LATER):
    (found,) = waiting.topics_under_way(manager, now=now, limit=9)
    return found


def test_an_expert_declares_then_writes_then_has_nothing_to_do(scene):
    _, _, manager, (first, second, third), proposal = scene
    made = [services.assign(proposal, each, actor=manager, now=LATER) for each in (first, second)]
    assert (steps(first), steps(third)) == ([Step.DECLARE], [])
    who = expert_actor(first.account)
    services.accept_assignment(queries.open_assignment(who, made[0].id, now=LATER), actor=who, now=LATER)
    assert steps(first) == [Step.REPORT]
    handed_in(made[0])
    assert steps(first) == []
    assert steps(second) == [Step.DECLARE]


def test_the_consensus_waits_for_its_rapporteur_and_then_for_the_others(scene):
    of, _, manager, experts, proposal = scene
    made = assigned(proposal, *experts, manager=manager)
    for each in made:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    assert [steps(each) for each in experts] == [[Step.WRITE], [], []]
    who = expert_actor(experts[0].account)
    services.save_consensus(
        queries.open_assignment(who, made[0].id, now=LATER), values(of, "4"), seen=1, actor=who, now=LATER
    )
    services.propose_consensus(queries.open_assignment(who, made[0].id, now=LATER), actor=who, now=LATER)
    assert [steps(each) for each in experts] == [[], [Step.ANSWER], [Step.ANSWER]]
    other = expert_actor(experts[1].account)
    services.give_opinion(
        queries.open_assignment(other, made[1].id, now=LATER), answer=Answer.AGREES, actor=other, now=LATER
    )
    assert [steps(each) for each in experts] == [[], [], [Step.ANSWER]]


def test_a_late_report_is_marked_and_one_to_declare_is_not(scene):
    _, _, manager, (first, second, _), proposal = scene
    made = assigned(proposal, first, manager=manager)
    services.assign(proposal, second, actor=manager, now=LATER)
    after = made[0].due_at + timedelta(seconds=1)
    assert [each.late for each in waiting.next_steps(expert_actor(first.account), now=after, limit=9)] == [True]
    assert [each.late for each in waiting.next_steps(expert_actor(second.account), now=after, limit=9)] == [False]


def test_a_conflict_takes_the_proposal_from_the_first_page(scene):
    _, _, manager, (first, *_), proposal = scene
    made = services.assign(proposal, first, actor=manager, now=LATER)
    who = expert_actor(first.account)
    services.declare_conflict(
        queries.open_assignment(who, made.id, now=LATER), reason="My sister", actor=who, now=LATER
    )
    assert steps(first) == []


def test_a_manager_sees_each_topic_in_figures_until_the_letters(scene):
    of, _, manager, experts, proposal = scene
    assert waiting.topics_under_way(manager, now=of.deadline - timedelta(seconds=1), limit=9) == []
    submitted(of)
    found = figures(manager)
    assert (found.proposals, found.short, found.to_open, found.approved) == (2, 2, 0, 0)
    made = assigned(proposal, *experts, manager=manager)
    assert figures(manager).late == 0
    assert figures(manager, now=made[0].due_at + timedelta(days=1)).late == 3
    for each in made:
        handed_in(each)
    found = figures(manager)
    assert (found.short, found.to_open, found.to_approve) == (1, 1, 0)
    consensus = services.open_consensus(proposal, actor=manager, now=LATER)
    assert figures(manager).to_open == 0
    who = expert_actor(experts[0].account)
    services.save_consensus(
        queries.open_assignment(who, made[0].id, now=LATER), values(of, "4"), seen=1, actor=who, now=LATER
    )
    services.propose_consensus(queries.open_assignment(who, made[0].id, now=LATER), actor=who, now=LATER)
    for each in made[1:]:
        assert figures(manager).to_approve == 0
        other = expert_actor(each.expert.account)
        services.give_opinion(
            queries.open_assignment(other, each.id, now=LATER), answer=Answer.AGREES, actor=other, now=LATER
        )
    assert figures(manager).to_approve == 1
    services.approve_consensus(consensus, actor=manager, now=LATER)
    assert (figures(manager).to_approve, figures(manager).approved) == (0, 1)
    for each in (proposal,):
        each.decided_at = LATER
    assert figures(manager).proposals == 1


def test_another_programme_s_manager_sees_none_of_it(scene):
    _, other = manager_of(topic())
    assert waiting.topics_under_way(other, now=LATER, limit=9) == []


def test_the_first_pages_show_it(scene, client, clock):
    _, account, manager, experts, proposal = scene
    assigned(proposal, *experts, manager=manager)
    clock.instant = LATER
    page = signed_in(client, experts[0].account, now=LATER).get("/").text
    assert "Write your report" in page
    assert f"{proposal.number} {proposal.acronym}" in page
    page = signed_in(client, account, now=LATER).get("/").text
    assert "Under evaluation" in page
    assert "0 of 1 proposal agreed" in page
