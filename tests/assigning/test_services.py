"""An assignment of a real topic on PostgreSQL: asked for, computed by the worker's part, looked at, taken over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from grants.assigning import queries, running, services
from grants.assigning.models import Run
from grants.assigning.rules import Options, fits, profile
from grants.assigning.states import RunState
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.evaluation import services as evaluating
from grants.evaluation.models import Assignment
from grants.evaluation.states import AssignmentState
from grants.kernel.actor import Actor
from grants.kernel.clock import FixedClock
from grants.kernel.errors import Invalid, Refused
from grants.notifications.models import Letter
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, manager_of
from tests.factories.people import organisation, signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

CLOCK = FixedClock(LATER)


@once
def scene(app):
    """A closed topic with three proposals and eight experts who accepted; employers, countries and genders differ."""
    of = topic()
    account, manager = manager_of(of)
    pool = [expert(employer=organisation()) for _ in range(8)]
    for place, each in enumerate(pool):
        each.country, each.gender = ("BE", "FR", "DE", "PL")[place % 4], ("woman", "man")[place % 2]
        each.expertise = [("hotlines", "forensics", "training", "prevention")[place % 4], f"word{place}"]
    accepted(of, *pool, manager=manager)
    proposals = [submitted(of) for _ in range(3)]
    db.session.commit()
    return of, manager, pool, proposals, account


def computed(of, manager: Actor, **options) -> Run:
    run = services.ask_for_run(of, Options(gender="must", **options), actor=manager, now=LATER)
    db.session.commit()
    running.run(run.id, clock=CLOCK)
    db.session.expire_all()
    return run


def active(proposal) -> dict[int, Assignment]:
    rows = db.session.scalars(select(Assignment).where(Assignment.proposal_id == proposal.id))
    return {each.expert_id: each for each in rows if each.state in ("proposed", "accepted")}


@pytest.mark.slow
def test_from_the_question_to_the_letters(scene, client):
    of, manager, pool, proposals, account = scene

    run = computed(of, manager)

    assert (run.state, run.progress, run.says) == (RunState.DONE, 100, [])
    assert run.figures["broken"] == run.figures["without"] == 0
    assert run.figures["objective"] <= run.figures["bound"]
    teams = {row["number"]: [each["expert"] for each in row["members"]] for row in run.teams}
    assert {len(set(team)) for team in teams.values()} == {3}
    page = signed_in(client, account, now=LATER).get(f"/manage/topics/{of.identifier}/assignment").text
    assert "Take it over and ask the experts" in page
    assert pool[0].account.name in page

    services.take_over(run, actor=manager, now=LATER)
    db.session.commit()
    for _ in range(2):  # repeating is harmless
        running.take_over(run.id, manager.id, clock=CLOCK)
    db.session.expire_all()

    assert run.state is RunState.TAKEN
    for each in proposals:
        made = active(each)
        assert set(made) == set(teams[each.number])
        assert [made[who].rapporteur for who in teams[each.number]] == [True, False, False]
    assert len(db.session.scalars(select(Letter).where(Letter.kind == "assignment")).all()) == 9


def test_what_experts_accepted_stays_and_conflicts_are_never_assigned(scene):
    of, manager, pool, proposals, _ = scene
    first = assigned(proposals[0], pool[0], manager=manager)[0]
    pool[1].employer_id = proposals[1].participants[0].organisation_id
    gone = evaluating.assign(proposals[2], pool[2], actor=manager, now=LATER)
    who = Actor(id=pool[2].account_id, name="x", roles=frozenset({"evaluator"}))
    evaluating.declare_conflict(
        evaluation.open_assignment(who, gone.id, now=LATER), reason="A friend applies.", actor=who, now=LATER
    )

    run = computed(of, manager)

    teams = {row["number"]: {each["expert"] for each in row["members"]} for row in run.teams}
    assert first.expert_id in teams[proposals[0].number]
    assert pool[1].id not in teams[proposals[1].number]
    assert pool[2].id not in teams[proposals[2].number]


def test_a_manager_s_word_on_a_pair_counts(scene):
    of, manager, pool, proposals, _ = scene
    for each in pool[:2]:
        services.note_pair(proposals[0], each, fit=None, forbidden=True, actor=manager, now=LATER)
    services.note_pair(proposals[0], pool[2], fit=3, forbidden=False, actor=manager, now=LATER)
    services.note_pair(proposals[0], pool[2], fit=1000, forbidden=False, actor=manager, now=LATER)
    with pytest.raises(Invalid):
        services.note_pair(proposals[0], pool[3], fit=1001, forbidden=False, actor=manager, now=LATER)

    run = computed(of, manager)

    team = next(row["members"] for row in run.teams if row["number"] == proposals[0].number)
    assert not {each["expert"] for each in team} & {pool[0].id, pool[1].id}
    assert {"expert": pool[2].id, "fit": 1000, "there": False} in team
    notes = queries.notes_of(of.id)
    assert len(notes) == 3
    services.forget(of.id, notes[0].id, actor=manager, now=LATER)
    assert len(queries.notes_of(of.id)) == 2


def test_one_run_at_a_time_and_it_can_be_stopped(scene, monkeypatch):
    of, manager, *_ = scene
    run = services.ask_for_run(of, Options(), actor=manager, now=LATER)
    with pytest.raises(Refused) as refused:
        services.ask_for_run(of, Options(), actor=manager, now=LATER)
    assert refused.value.code == "under-way"
    services.stop_run(run, actor=manager, now=LATER)
    assert run.state is RunState.CANCELLED

    run = services.ask_for_run(of, Options(), actor=manager, now=LATER)
    db.session.commit()
    began = running.solve

    def asked_meanwhile(*arguments, **more):
        """Somebody else, in another session, while it is computed."""
        db.session.connection().execute(update(Run).values(stop_asked=True))
        return began(*arguments, **more)

    monkeypatch.setattr(running, "solve", asked_meanwhile)
    running.run(run.id, clock=CLOCK)
    db.session.expire_all()
    assert run.state is RunState.CANCELLED
    with pytest.raises(Refused):
        services.take_over(run, actor=manager, now=LATER)


def test_what_makes_it_impossible_is_said_and_the_rest_is_assigned(scene):
    of, manager, pool, proposals, _ = scene
    for each in pool:
        each.gender = "woman"
    for each in pool[3:]:
        services.note_pair(proposals[0], each, fit=None, forbidden=True, actor=manager, now=LATER)

    run = computed(of, manager)

    assert any("No man among those who may take it" in each for each in run.says)
    assert run.figures["without"] == 3


def test_nothing_is_assigned_before_the_deadline(scene):
    of, manager, *_ = scene
    with pytest.raises(Refused) as refused:
        services.ask_for_run(of, Options(), actor=manager, now=LATER - timedelta(days=31))
    assert refused.value.code == "open"


def test_an_expert_who_left_meanwhile_is_reported_and_nobody_else_suffers(scene):
    of, manager, pool, proposals, _ = scene
    run = computed(of, manager)
    services.take_over(run, actor=manager, now=LATER)
    lost = run.teams[0]["members"][1]["expert"]
    proposal = next(each for each in proposals if each.number == run.teams[0]["number"])
    someone = next(each for each in pool if each.id == lost)
    someone.employer_id = proposal.participants[0].organisation_id
    db.session.commit()

    running.take_over(run.id, manager.id, clock=CLOCK)
    db.session.expire_all()

    assert run.state is RunState.TAKEN
    assert [each.split(":")[0] for each in run.says] == [str(proposal.number)]
    assert len(active(proposal)) == 2


def test_fit_grows_with_shared_rare_words_in_any_script():
    experts = [profile(["hotlines"], ""), profile(["горещи линии"], ""), profile(["painting"], "")]
    rows = fits([profile(["hotlines"], "A network of hotlines"), profile([], "Мрежа от горещи линии")], experts)
    assert rows[0][0] > 400
    assert rows[1][1] > 400
    assert rows[0][1] == rows[0][2] == rows[1][0] == 0
    assert AssignmentState.PROPOSED == "proposed"
