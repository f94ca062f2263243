"""Panels on PostgreSQL: who sits on them against which rules, which proposals they look at, who sees them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.panels.models import PanelProposal
from grants.panels.queries import panels as queries
from grants.panels.services import panels as services
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, expert_actor, manager_of
from tests.factories.panels import opened_panel, panel_of, sits
from tests.factories.proposals import submitted
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app):
    """Three evaluated proposals and one that is not; three experts who may sit on panels."""
    of = topic()
    _, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    judged = [evaluated(of, pool, SCORES, manager=manager) for _ in range(3)]
    fresh = accepted(of, expert("Ida"), expert("Jan"), expert("Kai"), manager=manager)
    return of, manager, fresh, judged, submitted(of)


def test_proposals_are_given_by_filter_by_number_or_all_and_to_one_panel_only(scene):
    of, manager, fresh, judged, waiting = scene
    first = panel_of(of, fresh, [], manager=manager, name="One")
    second = panel_of(of, (), [judged[0]], manager=manager, name="Two")
    added = services.add_proposals(opened_panel(first, manager), consensus=True, actor=manager, now=LATER)
    assert added == 2
    with pytest.raises(Invalid) as problem:
        numbers = [judged[1].number]
        services.add_proposals(opened_panel(second, manager), numbers=numbers, actor=manager, now=LATER)
    assert problem.value.code == "not-assignable"
    assert services.add_proposals(opened_panel(second, manager), actor=manager, now=LATER) == 1
    where = dict(db.session.execute(select(PanelProposal.proposal_id, PanelProposal.panel_id)).all())
    assert where == {
        judged[0].id: second.id, judged[1].id: first.id, judged[2].id: first.id, waiting.id: second.id
    }  # fmt: skip


def test_a_member_against_the_balance_needs_a_reason_which_is_kept(scene):
    of, manager, fresh, _, _ = scene
    of.panel_nationality = 2
    for each in fresh:
        each.nationality = "BE"
    panel = panel_of(of, fresh[:2], (), manager=manager)
    with pytest.raises(Invalid) as problem:
        services.name_member(opened_panel(panel, manager), fresh[2].id, actor=manager, now=LATER)
    assert problem.value.code == "nationality"
    made = services.name_member(
        opened_panel(panel, manager), fresh[2].id, reason="Nobody else knows it.", actor=manager, now=LATER
    )
    assert made.reason == "Nobody else knows it."
    db.session.commit()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "panel.member_named")).all()[-1]
    assert (event.reason, event.facts["against"]) == ("Nobody else knows it.", ["nationality"])


def test_a_topic_without_limits_takes_everybody(scene):
    of, manager, fresh, _, _ = scene
    of.panel_nationality = of.panel_organisation = None
    for each in fresh:
        each.nationality, each.employer_name = "BE", "One Lab"
    assert len(queries.opened(manager, panel_of(of, fresh, (), manager=manager).id).panel.members) == 3


def test_years_are_counted_over_panels_of_one_name_in_the_programme(scene):
    of, manager, fresh, _, _ = scene
    of.panel_years = 1
    earlier = topic(of=of.call.programme, deadline=of.deadline.replace(year=of.deadline.year - 1),
                    opens_at=of.opens_at.replace(year=of.opens_at.year - 2))  # fmt: skip
    accepted(earlier, *fresh[:2], manager=manager)
    panel_of(earlier, fresh[:1], (), manager=manager, name="PE1")
    panel_of(earlier, fresh[1:2], (), manager=manager, name="Another")
    with pytest.raises(Invalid) as problem:
        panel_of(of, fresh[:1], (), manager=manager, name="PE1")
    assert problem.value.code == "years"
    panel_of(of, fresh[1:2], (), manager=manager, name="PE2")


def test_only_experts_of_the_pool_sit_and_the_chair_is_one_of_them_or_an_officer(scene):
    of, manager, fresh, _, _ = scene
    panel = panel_of(of, fresh[:1], (), manager=manager)
    with pytest.raises(Invalid) as problem:
        services.name_member(opened_panel(panel, manager), expert().id, actor=manager, now=LATER)
    assert problem.value.code == "no-such-expert"
    for chair, fits in ((fresh[0].account_id, True), (manager.id, True), (fresh[1].account_id, False)):
        change = {"name": "PE1", "remote": False, "place": "Room", "chair_id": chair, "actor": manager, "now": LATER}
        opened = opened_panel(panel, manager)
        if fits:
            services.change_panel(opened, seen=opened.panel.version, **change)
        else:
            with pytest.raises(Invalid):
                services.change_panel(opened, seen=opened.panel.version, **change)
    with pytest.raises(Stale):
        services.change_panel(opened_panel(panel, manager), seen=1, **change)


def test_who_took_part_and_what_was_talked_about_stays(scene):
    of, manager, fresh, judged, _ = scene
    panel = panel_of(of, fresh[:2], judged[:2], manager=manager)
    services.remove_proposal(opened_panel(panel, manager), judged[1].number, actor=manager, now=LATER)
    sits(panel, manager=manager)
    with pytest.raises(Refused) as problem:
        services.remove_proposal(opened_panel(panel, manager), judged[0].number, actor=manager, now=LATER)
    assert problem.value.code == "under-way"
    gone = opened_panel(panel, manager).panel.members[1]
    services.remove_member(opened_panel(panel, manager), gone.id, actor=manager, now=LATER)


def test_the_monitor_counts_in_one_statement_what_each_panel_has(scene):
    of, manager, fresh, judged, _ = scene
    panel = panel_of(of, fresh, judged, manager=manager, chair=fresh[0].account_id)
    panel_of(of, (), (), manager=manager, name="Z")
    meeting = sits(panel, manager=manager)
    first, second = queries.monitor(of.id)
    assert (first.name, first.chair, first.members, first.proposals, first.done) == ("PE1", "Ida", 3, 3, 0)
    assert (first.next_at, first.sat) == (meeting.starts_at, 1)
    assert (second.members, second.proposals, second.next_at) == (0, 0, None)


def test_members_and_chair_find_their_panel_and_nobody_else_does(scene):
    of, manager, fresh, judged, _ = scene
    panel = panel_of(of, fresh[:1], judged, manager=manager)
    assert queries.opened(expert_actor(fresh[0].account), panel.id).panel is panel
    _, stranger = manager_of(topic())
    for who in (expert_actor(fresh[1].account), stranger):
        with pytest.raises(NotFound):
            queries.opened(who, panel.id)
    with pytest.raises(NotFound):
        queries.managed(expert_actor(fresh[0].account), panel.id)
