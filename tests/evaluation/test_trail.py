"""What the audit trail shows of an evaluation, and when: nothing before the decision is announced, then all of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.audit import queries as audit
from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.actor import Role
from grants.ranking import services as ranking
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, evaluated, expert, manager_of
from tests.factories.people import person, signed_in
from tests.factories.proposals import submitted
from tests.factories.ranking import decided
from tests.factories.shared import once

KINDS = {"proposal", "assignment", "report", "consensus", "invitation", "ranking"}
SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app):
    """An evaluated proposal with a list that is drawn up, not decided; all of it, and of another topic."""
    of, other = topic(), topic()
    pools = []
    for each, name in ((of, "Ann Secret"), (other, "Bob Elsewhere")):
        _, manager = manager_of(each)
        pools.append((each, manager, accepted(each, expert(name), expert(), expert(), manager=manager)))
    evaluated(of, pools[0][2], SCORES, manager=pools[0][1])
    assigned(submitted(other), *pools[1][2], manager=pools[1][1])
    drawn_up = ranking.compute_ranking(of, actor=pools[0][1], now=LATER)
    db.session.commit()
    return drawn_up, pools[0][1]


def announced(drawn_up, manager):
    """The list decided and the letters out."""
    decided(drawn_up, manager=manager, now=LATER)
    ranking.send_letters(drawn_up, count=1, actor=manager, now=LATER)
    db.session.commit()


def shown():
    return {each.object_kind for each in db.session.scalars(audit.events())} & KINDS


def named(text):
    return {each.object_kind for each in db.session.scalars(audit.events(text=text))}


def test_nothing_of_an_undecided_evaluation_is_shown_though_it_is_in_the_chain(scene):
    stored = set(db.session.scalars(select(AuditEvent.object_kind).distinct()))
    assert stored >= KINDS
    assert shown() == set()
    assert list(audit.verify()) == []


def test_all_of_it_is_shown_once_the_letters_are_out_and_nothing_of_other_topics(scene):
    announced(*scene)
    assert shown() == KINDS
    assert "assignment" in named("Ann Secret")
    assert not named("Bob Elsewhere") & KINDS


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_the_page_says_so_and_names_nobody_s_evaluations(client, scene, role):
    signed_in(client, person("", role), now=LATER)
    page = client.get("/audit?q=Ann+Secret").text
    assert "shown after the decision" in page
    assert "expert.profile_changed" in page  # who is an expert is no secret, what they evaluate is
    assert "invitation." not in page
    announced(*scene)
    assert "invitation." in client.get("/audit?q=Ann+Secret").text
