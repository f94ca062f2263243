"""After the ranked list is prepared or the letters are out, nobody is heard and no panel sits."""

from __future__ import annotations

import pytest

from grants.db import db
from grants.evaluation.models import Assignment
from grants.evaluation.states import AssignmentState
from grants.kernel.errors import Invalid, Refused
from grants.panels.services import meetings
from grants.ranking import services as ranking
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, evaluated, expert, manager_of
from tests.factories.panels import SITS, asked, changed, opened_meeting, panel_of, planned, sits
from tests.factories.people import signed_in
from tests.factories.ranking import decided

SCORES = {"excellence": "5", "impact": "4.5", "implementation": "4"}


@pytest.mark.slow
@pytest.mark.parametrize("told", [False, True])
def test_nobody_is_heard_and_no_panel_sits_once_the_list_is_decided(app, clock, told):
    clock.instant = SITS
    of = topic()
    _, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    proposal = evaluated(of, pool, SCORES, manager=manager)
    panel = panel_of(of, accepted(of, expert("Ida"), manager=manager), [proposal], manager=manager)
    meeting = planned(panel, manager=manager)
    listed = ranking.compute_ranking(of, actor=manager, now=SITS)
    decided(listed, manager=manager, now=SITS)
    if told:
        ranking.send_letters(listed, count=1, actor=manager, now=SITS)
    db.session.commit()
    with pytest.raises(Refused) as refused:
        asked(panel, proposal, manager=manager)
    assert refused.value.code == "frozen"
    with pytest.raises(Invalid) as problem:
        meetings.open_meeting(opened_meeting(meeting, manager), actor=manager, now=SITS)
    assert problem.value.code == "frozen"


@pytest.mark.slow
def test_members_find_no_meeting_once_all_results_of_the_panel_are_out_and_no_decided_item_before(app, clock, client):
    clock.instant = SITS
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    first, second = (evaluated(of, pool, SCORES, manager=manager) for _ in range(2))
    (ida,) = accepted(of, expert("Ida"), manager=manager)
    meeting = sits(panel_of(of, [ida], [first, second], manager=manager), manager=manager)
    first.decided_at = SITS
    db.session.commit()
    address = f"/panels/meetings/{meeting.id}"
    page = signed_in(client, ida.account, now=SITS).get(address).text
    assert str(second.number) in page
    assert str(first.number) not in page
    assert address in client.get(f"/panels/{meeting.panel_id}").text
    second.decided_at = SITS
    db.session.commit()
    assert signed_in(client, ida.account, now=SITS).get(address).status_code == 404
    assert meeting.panel.name not in client.get("/panels").text
    assert str(first.number) in signed_in(client, account, now=SITS).get(address).text


@pytest.mark.slow
def test_a_chair_who_has_not_handed_in_a_report_finds_nothing_of_it_in_the_minutes(app, clock, client):
    clock.instant = SITS
    of = topic()
    _, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    proposal = evaluated(of, pool, SCORES, manager=manager)
    (late,) = accepted(of, expert("Late Chair"), manager=manager)
    panel = panel_of(of, [late], [proposal], manager=manager, chair=late.account_id)
    meeting = sits(panel, manager=manager)
    changed(panel, proposal, {"excellence": "3"}, actor=manager)
    address = f"/panels/meetings/{meeting.id}/minutes"
    db.session.commit()
    assert "recorded" in signed_in(client, late.account, now=SITS).get(address).text
    db.session.add(
        Assignment(
            proposal_id=proposal.id, expert_id=late.id, state=AssignmentState.ACCEPTED, due_at=SITS, created_at=SITS
        )
    )
    db.session.commit()
    page = client.get(address).text
    assert "Hand in your own report on it first." in page
    assert "recorded" not in page
