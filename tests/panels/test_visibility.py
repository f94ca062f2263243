"""What the topic's table says is kept in the panel too: own report first, hidden scores, blind names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.calls.states import Blind
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.evaluation import services as evaluating
from grants.evaluation.visibility import DEFAULT, Aspect, stored_of
from tests.factories.calls import topic
from tests.factories.evaluation import (
    LATER,
    accepted,
    assigned,
    evaluated,
    expert,
    expert_actor,
    handed_in,
    manager_of,
)
from tests.factories.panels import SITS, asked, changed, panel_of, sits
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app, clock):
    """A topic, its manager with account, three evaluators, and one evaluated proposal."""
    clock.instant = SITS
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert("Eve"), expert("Eva"), expert("Evi"), manager=manager)
    return of, account, manager, pool


def approved_early(proposal, pool, manager):
    """A consensus of two; the third has not handed in."""
    made = assigned(proposal, *pool, manager=manager)
    for each in made[:2]:
        handed_in(each, "4")
    consensus = evaluating.open_consensus(proposal, reason="She is ill.", actor=manager, now=LATER)
    who = expert_actor(made[0].expert.account)
    typed = {f"scores.{code}.score": score for code, score in SCORES.items()}
    opened = evaluation.open_assignment(who, made[0].id, now=LATER)
    evaluating.save_consensus(opened, typed, seen=1, actor=who, now=LATER)
    evaluating.propose_consensus(evaluation.open_assignment(who, made[0].id, now=LATER), actor=who, now=LATER)
    evaluating.approve_consensus(consensus, reason="Enough.", actor=manager, now=LATER)


@pytest.mark.parametrize("blind", [True, False])
def test_an_evaluator_without_a_report_learns_nothing_of_others_through_the_panel(scene, client, blind):
    of, _, manager, pool = scene
    of.blind = Blind.ALL if blind else of.blind
    shown = (replace(each, shows=each.shows | {Aspect.APPLICANTS}) for each in DEFAULT)
    of.visibility = stored_of(tuple(shown))
    proposal = submitted(of)
    approved_early(proposal, pool, manager)
    panel = panel_of(of, [pool[2]], [proposal], manager=manager)
    sits(panel, manager=manager)
    asked(panel, proposal, manager=manager, questions=("Who is the third?",))
    changed(panel, proposal, {"excellence": "2.5"}, actor=manager)
    db.session.commit()
    page = signed_in(client, pool[2].account, now=SITS).get(f"/panels/{panel.id}/proposals/{proposal.number}")
    assert page.status_code == 200
    assert "Hand in your own report first" in page.text
    assert (proposal.participants[0].organisation.legal_name in page.text) is not blind
    for words in (">2.5<", "As all others of this kind", "Who is the third?", "Change to confirm"):
        assert words not in page.text, words


def test_a_phase_that_hides_scores_and_texts_hides_them_in_the_panel_but_not_from_chair_and_officers(scene, client):
    of, account, manager, pool = scene
    proposal = evaluated(of, pool, SCORES, manager=manager)
    fresh = accepted(of, expert("Ida"), expert("Jan"), manager=manager)
    hidden = (replace(each, shows=frozenset({Aspect.OWN})) for each in DEFAULT)
    of.visibility = stored_of(tuple(hidden))
    panel = panel_of(of, fresh, [proposal], manager=manager, chair=fresh[1].account_id)
    sits(panel, manager=manager)
    changed(panel, proposal, {"excellence": "2.5"}, actor=manager)
    db.session.commit()
    address = f"/panels/{panel.id}/proposals/{proposal.number}"
    page = signed_in(client, fresh[0].account, now=SITS).get(address).text
    assert "Change to confirm" in page
    for words in ("2.5", "As all others of this kind"):
        assert words not in page, words
    for who in (fresh[1].account, account):
        page = signed_in(client, who, now=SITS).get(address).text
        assert ">2.5<" in page
        assert "As all others of this kind" in page
