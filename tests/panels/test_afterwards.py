"""After the ranked list is prepared or the letters are out, nobody is heard and no panel sits."""

from __future__ import annotations

import pytest

from grants.db import db
from grants.kernel.errors import Invalid, Refused
from grants.panels.services import meetings
from grants.ranking import services as ranking
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, evaluated, expert, manager_of
from tests.factories.panels import SITS, asked, opened_meeting, panel_of, planned
from tests.factories.ranking import decided

SCORES = {"excellence": "5", "impact": "4.5", "implementation": "4"}


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
