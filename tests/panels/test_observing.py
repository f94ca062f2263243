"""Observers: named, sign first, read process data and nothing else, hand in a report."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select, update

from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.panels.queries import observing as queries
from grants.panels.services import observing as services
from grants.panels.states import ObserverState
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.panels import SITS, closed, observer_of, panel_of, sits
from tests.factories.people import actor_of, person, signed_in
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "3.5", "implementation": "4.5"}


@once
def scene(app, clock):
    """An evaluated proposal, a panel that met, somebody who observes."""
    clock.instant = SITS
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert("Eve Evaluator"), expert(), expert(), manager=manager)
    proposal = evaluated(of, pool, SCORES, manager=manager)
    fresh = accepted(of, expert("Ida Member"), expert(), manager=manager)
    panel = panel_of(of, fresh, [proposal], manager=manager, chair=fresh[0].account_id)
    closed(sits(panel, manager=manager), manager=manager)
    observer = observer_of(of, manager=manager)
    db.session.commit()
    return of, account, manager, proposal, fresh, observer


def own(observer, *, locked=True):
    return queries.own(actor_of(observer.account), observer.topic.identifier, locked=locked)


def sign(observer):
    services.sign(own(observer), agreed=True, actor=actor_of(observer.account), now=SITS)


def test_nothing_is_shown_before_the_statement_is_signed(scene, client):
    of, *_, observer = scene
    browser = signed_in(client, observer.account, now=SITS)
    address = f"/observations/{of.identifier}"
    page = browser.get(address).text
    assert "Statement of confidentiality" in page
    assert "Dates and counts" not in page
    assert browser.post(f"{address}/report", data={"text": "x", "do": "save"}).status_code == 403
    assert browser.post(f"{address}/sign").status_code == 422
    assert browser.post(f"{address}/sign", data={"agreed": "y"}).status_code == 302
    assert "Dates and counts" in browser.get(address).text
    assert "keep what I see" in observer.statement


def test_the_page_tells_counts_dates_and_rules_and_no_name_score_or_proposal(scene, client):
    of, _, _, proposal, _, observer = scene
    sign(observer)
    db.session.execute(update(Letter).values(sent_at=SITS))
    db.session.commit()
    page = signed_in(client, observer.account, now=SITS).get(f"/observations/{of.identifier}").text
    for words in ("Reports handed in", "Invitations to meetings of panels", "Minutes to approve", "Threshold", "PE1"):
        assert words in page, words
    for secret in (
        "Eve Evaluator",
        "Ida Member",
        str(proposal.number),
        proposal.title,
        "SAFEKIDS",
        ">4.5<",
        "Sound, with",
    ):
        assert secret not in page, secret


def test_process_data_are_counted(scene):
    of, *_ = scene
    db.session.execute(update(Letter).where(Letter.kind == "panel_invitation").values(sent_at=SITS))
    found = queries.process(of, now=SITS)
    assert (found.totals.proposals, found.totals.submitted, found.totals.approved) == (1, 3, 1)
    assert (found.invited, found.accepted, found.declared, found.notes) == (5, 5, 0, 0)
    assert found.last_approved == LATER
    assert dict(found.letters)["Invitations to meetings of panels"] == 2
    (sitting,) = queries.sittings(of.id)
    assert (sitting.items, sitting.planned_minutes, sitting.present, sitting.absent) == (1, 20, 2, 0)


@pytest.mark.parametrize("who", ["manager", "expert", "applicant", "nobody"])
def test_an_observer_has_no_other_part_in_the_topic(scene, who):
    of, account, manager, proposal, fresh, _ = scene
    people = {"manager": account, "expert": fresh[0].account, "applicant": proposal.members[0].account}
    email = people[who].email if who in people else "nobody@example.org"
    with pytest.raises(Invalid) as problem:
        services.name_observer(of, email, actor=manager, now=SITS)
    assert problem.value.code == ("no-account" if who == "nobody" else "takes-part")


def test_the_page_is_the_observers_own_until_they_are_removed(scene):
    of, _, manager, _, _, observer = scene
    sign(observer)
    for other in (person(), person("", Role.AUDITOR)):
        with pytest.raises(NotFound):
            queries.own(actor_of(other), of.identifier)
    services.remove_observer(of, observer.id, actor=manager, now=SITS)
    with pytest.raises(NotFound):
        own(observer)
    services.name_observer(of, observer.account.email, actor=manager, now=SITS)
    assert (observer.state, observer.statement) == (ObserverState.NAMED, "")


def test_a_report_is_saved_over_its_version_handed_in_and_read_by_the_managers(scene, client):
    of, account, _, _, _, observer = scene
    who = actor_of(observer.account)
    sign(observer)
    db.session.commit()
    typed = {"text": "Half a thought", "version": "0"}
    browser = signed_in(client, observer.account, now=SITS)
    answer = browser.post(f"/observations/{of.identifier}/report", data=typed, headers={"X-Autosave": "1"})
    assert answer.json["version"] == 1
    managers_page = f"/manage/topics/{of.identifier}/observers"
    assert "Half a thought" not in signed_in(client, account, now=SITS).get(managers_page).text
    with pytest.raises(Stale):
        services.save_report(own(observer), "Other", seen=0, actor=who, now=SITS)
    services.submit_report(own(observer), "It was run fairly.", seen=1, actor=who, now=SITS)
    with pytest.raises(Refused):
        services.save_report(own(observer), "More", seen=2, actor=who, now=SITS)
    db.session.commit()
    assert len(db.session.scalars(select(Letter).where(Letter.kind == "observer_reported")).all()) == 1
    assert "It was run fairly." in signed_in(client, account, now=SITS).get(managers_page).text


def test_an_observer_finds_nothing_else(scene, client):
    of, _, _, proposal, _, observer = scene
    sign(observer)
    db.session.commit()
    browser = signed_in(client, observer.account, now=SITS)
    for address in (
        f"/manage/topics/{of.identifier}/panels", f"/manage/topics/{of.identifier}/evaluation", "/panels/1",
        f"/proposals/{proposal.number}", f"/manage/topics/{of.identifier}/observers",
    ):  # fmt: skip
        assert browser.get(address).status_code in {403, 404}, address
    assert "You observe" in browser.get("/").text


def test_the_page_takes_few_statements(scene, client):
    of, *_, observer = scene
    sign(observer)
    db.session.commit()
    browser, statements = signed_in(client, observer.account, now=SITS), []

    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert browser.get(f"/observations/{of.identifier}").status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    reads = [each for each in statements if each.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(reads) <= 8, "\n".join(each[:150] for each in reads)


def test_an_observer_who_takes_part_since_sees_nothing_more(scene, client):
    of, _, manager, _, _, observer = scene
    late = expert("Obs")
    named = observer_of(of, manager=manager, account=late.account)
    sign(named)
    db.session.commit()
    browser, address = signed_in(client, late.account, now=SITS), f"/observations/{of.identifier}"
    assert browser.get(address).status_code == 200
    accepted(of, late, manager=manager)
    db.session.commit()
    assert browser.get(address).status_code == 404
    assert of.identifier not in browser.get("/observations").text
    assert own(observer) is not None
