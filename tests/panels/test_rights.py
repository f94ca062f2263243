"""Who leads a panel, what a declared conflict binds, what a chair with a conflict is not told."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from grants.accounts.models import RoleGrant
from grants.db import db
from grants.experts.models import Employment
from grants.kernel.actor import Role
from grants.kernel.errors import Refused
from grants.panels.services import outcomes, reading
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, evaluated, expert, expert_actor, manager_of
from tests.factories.panels import SITS, changed, opened_item, panel_of, planned, sits
from tests.factories.people import actor_of, signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app, clock):
    """A topic with one evaluated proposal and two experts who may sit on a panel."""
    clock.instant = SITS
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert("Eve"), expert("Eva"), expert("Evi"), manager=manager)
    proposal = evaluated(of, pool, SCORES, manager=manager)
    fresh = accepted(of, expert("Ida"), expert("Jan"), manager=manager)
    return of, account, manager, fresh, proposal


@pytest.mark.parametrize("officer", [True, False])
def test_who_lost_the_role_leads_no_more_and_finds_nothing(scene, client, officer):
    _, account, manager, fresh, proposal = scene
    chair = account if officer else fresh[0].account
    panel = panel_of(scene[0], fresh, [proposal], manager=manager, chair=chair.id)
    meeting = sits(panel, manager=manager)
    db.session.commit()
    addresses = [f"/panels/{panel.id}/proposals/{proposal.number}", f"/panels/meetings/{meeting.id}"]
    browser = signed_in(client, chair, now=SITS)
    assert [browser.get(each).status_code for each in addresses] == [200, 200]
    db.session.execute(delete(RoleGrant).where(RoleGrant.account_id == chair.id))
    db.session.commit()
    browser = signed_in(client, chair, now=SITS)
    assert [browser.get(each).status_code for each in addresses] == [404, 404]
    assert f'/panels/{panel.id}"' not in browser.get("/panels").text


def test_a_conflict_that_an_officer_declared_as_a_member_binds_the_officer(scene):
    of, _, manager, fresh, proposal = scene
    panel = panel_of(of, fresh, [proposal], manager=manager)
    sits(panel, manager=manager)
    who = expert_actor(fresh[0].account)
    reading.declare_conflict(opened_item(panel, proposal, who), reason="My brother.", actor=who, now=SITS)
    both = actor_of(fresh[0].account, Role.MANAGER, programme=of.call.programme.code)
    with pytest.raises(Refused) as problem:
        outcomes.record_outcome(opened_item(panel, proposal, both), {}, change=False, remark="", actor=both, now=SITS)
    assert problem.value.code == "conflict"
    changed(panel, proposal, {"excellence": "2.5"}, actor=manager)
    with pytest.raises(Refused) as problem:
        outcomes.confirm_outcome(opened_item(panel, proposal, both), actor=both, now=SITS)
    assert problem.value.code == "conflict"


def test_a_chair_is_not_told_the_number_of_a_proposal_with_a_conflict(scene, client):
    of, _, manager, fresh, proposal = scene
    other = submitted(of)
    tied = other.participants[0].organisation
    panel = panel_of(of, fresh, [proposal, other], manager=manager, chair=fresh[0].account_id)
    meeting = planned(panel, manager=manager)
    fresh[0].jobs.append(Employment(name=tied.legal_name, organisation_id=tied.id, began_on=SITS.date()))
    db.session.commit()
    browser = signed_in(client, fresh[0].account, now=SITS)
    answer = browser.post(f"/panels/meetings/{meeting.id}/state", data={"do": "open"})
    assert answer.status_code == 422
    assert "a proposal that you do not see" in answer.text
    assert str(other.number) not in answer.text
