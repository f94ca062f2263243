"""What others learn of a panel: the audit trail before and after the decision, and reviews of the procedure."""

from __future__ import annotations

from sqlalchemy import select

from grants.audit import queries as audit
from grants.audit.models import AuditEvent
from grants.db import db
from grants.panels.services import outcomes, reading
from grants.ranking import services as ranking
from grants.redress.queries import involvement
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, evaluated, expert, expert_actor, manager_of
from tests.factories.panels import SITS, asked, changed, closed, opened_item, opened_panel, panel_of, sits
from tests.factories.ranking import decided
from tests.factories.shared import once

KINDS = {"panel", "panel_meeting", "panel_conflict", "panel_outcome", "cross_reading", "hearing"}
SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app):
    """A panel that did everything there is to do with one proposal."""
    of = topic()
    (_, manager), (_, other) = manager_of(of), manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    proposal = evaluated(of, pool, SCORES, manager=manager)
    fresh = accepted(of, expert(), expert(), manager=manager)
    panel = panel_of(of, fresh, [proposal], manager=manager)
    meeting = sits(panel, manager=manager)
    first, second = (expert_actor(each.account) for each in fresh)
    member = opened_panel(panel, manager).panel.members[0].id
    item = opened_item(panel, proposal, manager)
    reading.name_reader(opened_panel(panel, manager), item, member, actor=manager, now=SITS)
    item = opened_item(panel, proposal, first)
    reading.submit_note(item, "In line.", {}, seen=1, actor=first, now=SITS)
    item = opened_item(panel, proposal, second)
    reading.declare_conflict(item, reason="A friend.", actor=second, now=SITS)
    asked(panel, proposal, manager=manager)
    changed(panel, proposal, {"excellence": "3"}, actor=manager)
    outcomes.confirm_outcome(opened_item(panel, proposal, other), actor=other, now=SITS)
    closed(meeting, manager=manager)
    db.session.commit()
    return of, manager, other, proposal, fresh


def shown():
    return {each.object_kind for each in db.session.scalars(audit.events())} & KINDS


def test_nothing_of_a_panel_is_shown_before_the_decision_and_all_of_it_afterwards(scene):
    of, manager, *_ = scene
    assert set(db.session.scalars(select(AuditEvent.object_kind).distinct())) >= KINDS
    assert shown() == set()
    listed = decided(ranking.compute_ranking(of, actor=manager, now=SITS), manager=manager, now=SITS)
    db.session.commit()
    assert shown() == set()
    ranking.send_letters(listed, count=1, actor=manager, now=SITS)
    db.session.commit()
    assert shown() == KINDS
    assert list(audit.verify()) == []


def test_who_sat_on_the_panel_or_changed_scores_has_no_part_in_a_review(scene):
    _, manager, other, proposal, fresh = scene
    found = involvement(proposal)
    assert {each.account_id for each in fresh} <= found.experts
    assert {manager.id, other.id} <= found.deciders
