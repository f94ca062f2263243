"""Handing in over several true connections at once: one intent, one version, whatever the browsers do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from grants.accounts.models import Account
from grants.app import Options, create_app
from grants.db import db
from grants.kernel.clock import FixedClock
from grants.notifications.models import Letter
from grants.proposals import queries, services
from grants.proposals.models import Participant, Submission
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import draft


@pytest.fixture(scope="module")
def site(migrated, settings) -> Iterator[Flask]:
    """An application whose commits are true ones."""
    url = migrated()
    app = create_app(replace(settings, database_url=url), Options(testing=True, clock=FixedClock(NOW)))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


class Draft:
    """A complete draft, and browsers of its main contact."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            contact = person()
            made = draft(topic(deadline=NOW + timedelta(days=30)), main_contact=contact)
            row = select(Participant.id).where(Participant.proposal_id == made.id, Participant.position == 1)
            self.number, self.id, self.contact_id = made.number, made.id, contact.id
            self.participant = db.session.scalars(row).one()
            db.session.commit()
        self.path = f"/proposals/{self.number}/submit"

    def browser(self) -> FlaskClient:
        """Each has a session and a connection of its own."""
        with self.app.app_context():
            return signed_in(self.app.test_client(), db.session.get_one(Account, self.contact_id))


@pytest.fixture
def a_draft(site: Flask) -> Draft:
    return Draft(site)


def key_on(page: str) -> str:
    found = re.search(r'name="key"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def intent(key: str) -> dict[str, str]:
    return {"key": key, "declared": "y"}


def at_once(*acts: Callable[[], object]) -> list[object]:
    """All acts in threads that start together."""
    together = Barrier(len(acts))

    def go(act: Callable[[], object]) -> object:
        together.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(go, acts))


def versions(of: Draft) -> list[Submission]:
    with of.app.app_context():
        rows = select(Submission).where(Submission.proposal_id == of.id).order_by(Submission.number)
        return list(db.session.scalars(rows))


def test_two_clicks_at_once_give_one_version_and_the_same_receipt(a_draft):
    browsers, key = [a_draft.browser(), a_draft.browser()], str(uuid4())

    answers = at_once(*(lambda browser=each: browser.post(a_draft.path, data=intent(key)) for each in browsers))

    (version,) = versions(a_draft)
    assert {each.status_code for each in answers} == {302}
    assert {each.location for each in answers} == {f"/proposals/{a_draft.number}/versions/{version.number}"}
    with a_draft.app.app_context():
        letters = db.session.scalars(select(Letter).where(Letter.object_key == str(a_draft.number))).all()
    assert len(letters) == 1


def test_nothing_is_submitted_without_the_main_contacts_declaration(a_draft):
    browser = a_draft.browser()

    answer = browser.post(a_draft.path, data={"key": str(uuid4())})

    assert answer.status_code == 422
    assert "Tick this to submit" in answer.text
    assert versions(a_draft) == []


def test_two_tabs_that_show_the_same_draft_are_one_intent(a_draft):
    tabs = [a_draft.browser(), a_draft.browser()]
    keys = [key_on(tab.get(a_draft.path).text) for tab in tabs]

    both = zip(tabs, keys, strict=True)
    at_once(*(lambda tab=tab, key=key: tab.post(a_draft.path, data=intent(key)) for tab, key in both))

    assert len(versions(a_draft)) == 1


def test_after_a_version_or_a_change_the_page_shows_a_new_intent(a_draft):
    browser = a_draft.browser()
    first = key_on(browser.get(a_draft.path).text)
    browser.post(a_draft.path, data=intent(first))
    second = key_on(browser.get(a_draft.path).text)
    a_draft.app.extensions["clock"] = FixedClock(NOW + timedelta(seconds=1))
    try:
        browser.post(f"/proposals/{a_draft.number}/general/save", data={"title": "Another", "version": "1"})
        third = key_on(browser.get(a_draft.path).text)
    finally:
        a_draft.app.extensions["clock"] = FixedClock(NOW)

    assert len({first, second, third}) == 3


def test_two_intents_at_once_give_two_numbered_versions(a_draft):
    browsers = [a_draft.browser(), a_draft.browser()]

    answers = at_once(
        *(lambda browser=each: browser.post(a_draft.path, data=intent(str(uuid4()))) for each in browsers)
    )

    assert {each.status_code for each in answers} == {302}
    assert [each.number for each in versions(a_draft)] == [1, 2]


def test_a_change_that_is_committed_while_a_submission_waits_for_it_is_in_the_version(a_draft):
    """The draft is read after its lock was taken, the rows of the budget too."""
    browser = a_draft.browser()
    url = a_draft.app.extensions["settings"].database_url.replace("+psycopg", "")
    with psycopg.connect(url) as other, ThreadPoolExecutor(1) as pool:
        other.execute("UPDATE proposal SET title = 'Just in time' WHERE id = %s", (a_draft.id,))
        other.execute("UPDATE budget_line SET amount = 77 WHERE participant_id = %s", (a_draft.participant,))
        waiting = pool.submit(browser.post, a_draft.path, data=intent(str(uuid4())))
        until_somebody_waits(url)
        other.commit()
        assert waiting.result(10).status_code == 302

    (version,) = versions(a_draft)
    assert version.content["title"] == "Just in time"
    assert version.content["participants"][0]["costs"]["A"] == "77.00"


def until_somebody_waits(url: str) -> None:
    """Until a connection waits for the lock of another; the database itself pauses between two looks."""
    waits = "SELECT count(*), pg_sleep(0.02) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(url, autocommit=True) as watching:
        while not watching.execute(waits).fetchone()[0]:
            pass


def test_handing_in_reads_the_draft_once(a_draft):
    """A number of statements, not a speed: it is the same on every machine. Two more queue the worker's tasks."""
    browser = a_draft.browser()
    seen: list[str] = []
    with a_draft.app.app_context():
        engine = db.engine

    def count(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.post(a_draft.path, data=intent(str(uuid4()))).status_code == 302
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(seen) <= 14, "\n".join(seen)


def test_a_save_that_was_received_before_a_submission_but_waited_for_it_is_a_change_after_it(a_draft):
    with a_draft.app.app_context():
        contact = db.session.get_one(Account, a_draft.contact_id)
        actor = actor_of(contact)
        opened = queries.open_proposal(actor, a_draft.number, now=NOW)
        services.submit_proposal(opened, actor=actor, now=NOW, key=uuid4())
        db.session.commit()
        values = services.general_texts(opened.proposal) | {"title": "Another title"}
        services.save_general(
            opened, values, seen=opened.proposal.version, actor=actor, now=NOW - timedelta(seconds=1)
        )
        db.session.commit()

    assert "changes that are not submitted" in a_draft.browser().get(f"/proposals/{a_draft.number}").text
