"""Officers' pages from making a panel to closing its meeting; statements however many rows; charts by panel."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from grants.db import db
from grants.panels.queries import panels as queries
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.panels import SITS, panel_of, planned
from tests.factories.people import person, signed_in
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app, clock):
    """Two evaluated proposals, three experts, no panel yet."""
    clock.instant = LATER
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    judged = [evaluated(of, pool, SCORES | {"excellence": score}, manager=manager) for score in ("3", "5")]
    fresh = accepted(of, expert("Ida"), expert("Jan"), expert("Kai"), manager=manager)
    db.session.commit()
    return of, account, manager, fresh, judged


@pytest.mark.slow
def test_an_officer_makes_a_panel_and_leads_it_to_its_end_without_a_script(scene, client, clock):
    of, account, _, fresh, judged = scene
    browser = signed_in(client, account, now=LATER)
    start = f"/manage/topics/{of.identifier}/panels"
    assert "no panel yet" in browser.get(start).text
    assert browser.post(start, data={"name": " ", "remote": "remote"}).status_code == 422
    panel = browser.post(start, data={"name": "PE1", "remote": "on_site", "place": "Room 1"}).location
    for each in fresh[:2]:
        assert browser.post(f"{panel}/members", data={"expert": str(each.id)}).status_code == 302
    assert browser.post(f"{panel}/proposals", data={"which": "numbers", "numbers": "x"}).status_code == 422
    assert browser.post(f"{panel}/proposals", data={"which": "consensus"}).status_code == 302
    assert browser.post(f"{panel}/meetings", data={"starts_at": ""}).status_code == 422
    meeting = browser.post(f"{panel}/meetings", data={"starts_at": SITS.strftime("%Y-%m-%dT%H:%M")}).location
    browser.post(f"{meeting}/agenda", data={"do": "add_all", "minutes": "20"})
    browser.post(f"{meeting}/agenda", data={"do": "break", "title": "Lunch", "minutes": "45"})
    page = browser.post(f"{meeting}/invite", follow_redirects=True).text
    for words in ("Lunch", str(judged[0].number), "The invitations are sent."):
        assert words in page, words
    number = meeting.rpartition("/")[2]
    clock.instant = SITS
    browser = signed_in(client, account, now=SITS)
    assert (
        "The panel sits"
        in browser.post(f"/panels/meetings/{number}/state", data={"do": "open"}, follow_redirects=True).text
    )
    early = browser.post(f"/panels/meetings/{number}/state", data={"do": "close"})
    assert early.status_code == 422
    members = queries.opened(manager_actor(scene), int(panel.rpartition("/")[2])).panel.members
    said = {f"present-{each.id}": "yes" for each in members}
    absent = dict(said, **{f"present-{members[1].id}": "no"})
    wrong = browser.post(f"/panels/meetings/{number}/attendance", data=absent)
    assert f'id="reason-{members[1].id}-error"' in wrong.text
    absent |= {f"reason-{members[1].id}": "Ill", "note": "Calm."}
    assert browser.post(f"/panels/meetings/{number}/attendance", data=absent).status_code == 302
    assert browser.post(f"/panels/meetings/{number}/state", data={"do": "close"}).status_code == 302
    minutes = browser.get(f"/panels/meetings/{number}/minutes").text
    for words in ("Ida: present", "Jan: absent, Ill", "Calm."):
        assert words in minutes, words
    assert "1 of 2 present" in browser.get(start).text


def manager_actor(scene):
    return scene[2]


def counted(browser, address):
    statements = []

    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    db.session.expire_all()
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert browser.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return [each for each in statements if each.lstrip().upper().startswith(("SELECT", "WITH"))]


@pytest.mark.slow
def test_the_pages_take_few_statements_however_many_proposals(scene, client, clock):
    of, account, manager, fresh, judged = scene
    panel = panel_of(of, fresh, judged[:1], manager=manager)
    meeting = planned(panel, manager=manager)
    db.session.commit()
    clock.instant = SITS
    officer = (
        f"/manage/topics/{of.identifier}/panels", f"/manage/panels/{panel.id}",
        f"/manage/panels/meetings/{meeting.id}", f"/panels/{panel.id}/proposals/{judged[0].number}",
    )  # fmt: skip
    browser = signed_in(client, account, now=SITS)
    before = {each: len(counted(browser, each)) for each in officer}
    assert {each: count for each, count in before.items() if count > 8 and "/proposals/" not in each} == {}
    from grants.panels.services import agendas, panels
    from tests.factories.panels import opened_meeting, opened_panel

    panels.add_proposals(opened_panel(panel, manager), actor=manager, now=SITS)
    agendas.add_items(opened_meeting(meeting, manager), minutes=10, actor=manager, now=SITS)
    db.session.commit()
    assert {each: len(counted(browser, each)) for each in officer} == before
    browser = signed_in(client, fresh[0].account, now=SITS)
    for address in ("/panels", f"/panels/{panel.id}", f"/panels/meetings/{meeting.id}"):
        assert len(counted(browser, address)) <= 8, address


def test_totals_are_counted_by_panel_and_shown_with_their_table(scene, client):
    of, account, manager, fresh, judged = scene
    panel_of(of, fresh, judged[:1], manager=manager, name="Alpha")
    panel_of(of, fresh, judged[1:], manager=manager, name="Beta")
    db.session.commit()
    found = {name: [(int(total), count) for total, count in rows] for name, rows in queries.totals_by_panel(of)}
    assert found == {"Alpha": [(11, 1)], "Beta": [(13, 1)]}
    page = signed_in(client, account, now=LATER).get(f"/manage/topics/{of.identifier}/evaluation/figures").text
    for words in ("Agreed scores by panel", "Alpha", "Beta"):
        assert words in page, words
    assert page.count("Show as a table") > len(of.criteria) + 2


def test_figures_without_panels_say_nothing_of_them(scene, client):
    of, account, *_ = scene
    page = signed_in(client, account, now=LATER).get(f"/manage/topics/{of.identifier}/evaluation/figures").text
    assert "by panel" not in page


def test_strangers_and_managers_of_other_programmes_find_nothing(scene, client):
    of, _, manager, fresh, judged = scene
    panel = panel_of(of, fresh[:1], judged, manager=manager)
    meeting = planned(panel, manager=manager)
    db.session.commit()
    for who in (person(), manager_of(topic())[0], fresh[1].account):
        browser = signed_in(client, who, now=LATER)
        for address in (
            f"/manage/topics/{of.identifier}/panels", f"/manage/panels/{panel.id}", f"/panels/{panel.id}",
            f"/panels/meetings/{meeting.id}", f"/panels/{panel.id}/proposals/{judged[0].number}",
        ):  # fmt: skip
            assert browser.get(address).status_code in {403, 404}, address
