"""Whatever is typed into a form of the panels is kept or refused in words: no number, date or text is an error."""

from __future__ import annotations

import pytest

from grants.db import db
from grants.panels.queries import meetings
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, evaluated, expert, manager_of
from tests.factories.panels import SITS, panel_of, sits
from tests.factories.people import signed_in
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}
SOON, HUGE, LONG = "2027-05-05T10:00", "9" * 5000, "x" * 501
INTERVIEW = {"do": "save", "kind": "interview", "starts_at": SOON}
WRITING = {"do": "save", "kind": "writing"}
HEARING, AGENDA = "/panels/{p}/proposals/{n}/hearing", "/manage/panels/meetings/{m}/agenda"
ITEM, OVERVIEW, PANEL = "/panels/{p}/proposals/{n}", "/manage/topics/{t}/panels", "/manage/panels/{p}"


@once
def scene(app, clock):
    """A panel that sits on one proposal, with the account of an officer."""
    clock.instant = SITS
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    proposal = evaluated(of, pool, SCORES, manager=manager)
    fresh = accepted(of, expert("Ida"), expert("Jan"), manager=manager)
    panel = panel_of(of, fresh, [proposal], manager=manager)
    meeting = sits(panel, manager=manager)
    db.session.commit()
    return of, account, proposal, panel, meeting


def post(scene, client, path, data):
    of, account, proposal, panel, meeting = scene
    address = path.format(t=of.identifier, p=panel.id, m=meeting.id, n=proposal.number)
    return signed_in(client, account, now=SITS).post(address, data=data)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (HEARING, INTERVIEW | {"minutes": "9" * 4000}),
        (HEARING, INTERVIEW | {"minutes": HUGE}),
        (HEARING, INTERVIEW | {"minutes": "-5"}),
        (HEARING, INTERVIEW | {"minutes": "30", "starts_at": "9999-12-31T23:00"}),
        (HEARING, WRITING | {"send_at": "0001-01-01T00:00"}),
        (HEARING, WRITING | {"send_at": "9999-12-31T23:59"}),
        (HEARING, WRITING | {"send_at": "tomorrow"}),
        (HEARING, WRITING | {"place": LONG}),
        (HEARING, WRITING | {"questions": "a\0b"}),
        (OVERVIEW, {"name": "x" * 121, "remote": "remote"}),
        (OVERVIEW, {"name": "y", "remote": "remote", "place": LONG}),
        (OVERVIEW, {}),
        (PANEL, {"name": "x" * 121, "remote": "remote", "version": "1"}),
        (PANEL + "/meetings", {"starts_at": SOON, "place": LONG}),
        (PANEL + "/meetings", {"starts_at": "9999-12-31T23:59"}),
        (PANEL + "/meetings", {"starts_at": "0001-01-01T00:00"}),
        (PANEL + "/proposals", {"which": "numbers", "numbers": "9" * 4000}),
        (PANEL + "/proposals", {"which": "numbers", "numbers": "9" * 18}),
        (PANEL + "/members", {"expert": "9" * 18}),
        ("/manage/panels/meetings/{m}", {"starts_at": SOON, "place": LONG, "version": "1"}),
        (AGENDA, {"do": "break", "title": "x" * 500, "minutes": "15"}),
        (AGENDA, {"do": "break", "title": "Lunch", "minutes": "9" * 4000}),
        (AGENDA, {"do": "break", "title": "Lunch", "minutes": "0"}),
        (AGENDA, {"do": "break", "title": "Lunch", "minutes": "²"}),
        (AGENDA, {"do": "add", "numbers": "9" * 18, "minutes": "15"}),
        ("/manage/topics/{t}/observers", {"email": "x\0@example.org"}),
        ("/manage/topics/{t}/observers", {"email": "x" * 300 + "@example.org"}),
        (ITEM + "/outcome", {"outcome": "change", "scores.excellence.score": HUGE}),
        (ITEM + "/outcome", {"outcome": "change", "scores.excellence.score": "NaN", "scores.impact.score": "²"}),
        (ITEM + "/outcome", {"outcome": "keep", "remark": "x" * 5001}),
        (ITEM + "/outcome", {"outcome": "keep", "remark": "a\0b"}),
        (ITEM + "/readers", {"member": "9" * 18}),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(scene, client, path, data):
    answer = post(scene, client, path, data)
    assert answer.status_code == 422, answer.status_code


def test_no_minutes_that_were_refused_are_on_the_agenda(scene, client):
    for minutes in ("0", "²", "-1"):
        post(scene, client, AGENDA, {"do": "break", "title": "Lunch", "minutes": minutes})
    assert [each.title for each in meetings.items(scene[4].id)] == [""]
    assert post(scene, client, AGENDA, {"do": "break", "title": "Lunch", "minutes": "30"}).status_code == 302


def test_what_was_typed_and_what_is_wrong_are_on_the_page(scene, client):
    answer = post(scene, client, HEARING, INTERVIEW | {"minutes": "-5", "place": "Room 7"})
    assert "Number must be between 1 and 600" in answer.text
    assert "Room 7" in answer.text
