"""PostgreSQL is stopped under a running application: pages say so and keep what was typed, and all goes on by itself
once it is back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.serving import make_server

from benchmarks.kill import Postgres, own_server
from grants.app import Options, create_app
from grants.db import db
from grants.kernel.clock import FixedClock
from grants.local import database
from grants.queue import defer
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import person, signed_in
from tests.factories.proposals import draft

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Postgres, str]]:
    """A PostgreSQL of these tests alone."""
    with own_server() as started:
        url = started.begin()
        database.upgrade(url)
        yield started, url


@pytest.fixture(scope="module")
def site(server, settings) -> Iterator[Flask]:
    app = create_app(replace(settings, database_url=server[1]), Options(testing=True, clock=FixedClock(NOW)))
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def applicant(site) -> tuple[FlaskClient, int]:
    """A browser, and the number of its draft."""
    with site.app_context():
        contact = person()
        number = draft(topic(deadline=NOW + timedelta(days=30)), main_contact=contact).number
        return signed_in(site.test_client(), contact), number


@pytest.fixture
def away(server, applicant) -> Iterator[None]:
    """PostgreSQL is down during the test; connections to it were open before."""
    client, number = applicant
    assert client.get(f"/proposals/{number}").status_code == 200
    server[0].end()
    yield
    server[0].start()


@pytest.mark.usefixtures("away")
def test_a_page_says_that_the_database_is_away_and_tries_again(applicant):
    client, number = applicant
    answer = client.get(f"/proposals/{number}/general?a=b")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert f'href="/proposals/{number}/general?a=b" data-again' in answer.text


@pytest.mark.usefixtures("away")
def test_what_saves_by_itself_is_told_to_come_back(applicant):
    client, number = applicant
    form = {"title": "Kept", "version": "1"}
    answer = client.post(f"/proposals/{number}/general/save", data=form, headers={"X-Autosave": "1"})

    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "database", "5")


@pytest.mark.usefixtures("away")
def test_a_form_is_kept_in_the_page_and_sent_again_by_itself_where_that_is_harmless(applicant):
    client, number = applicant
    page = client.post(f"/proposals/{number}/general", data={"title": "Typed <b> & kept", "version": "1"}).text

    assert f'<form method="post" action="/proposals/{number}/general" data-again="5">' in page
    assert '<textarea name="title" hidden>\nTyped &lt;b&gt; &amp; kept</textarea>' in page


@pytest.mark.usefixtures("away")
def test_what_may_not_be_done_twice_waits_for_a_person(applicant):
    client, number = applicant
    page = client.post(f"/proposals/{number}/withdraw", data={"reason": "Because"}).text

    assert f'<form method="post" action="/proposals/{number}/withdraw">' in page
    assert "Because" in page
    assert "data-again=" not in page


@pytest.mark.usefixtures("away")
def test_a_password_is_never_written_into_a_page(site):
    page = site.test_client().post("/sign-in", data={"email": "a@example.org", "password": "correct horse"})

    assert page.status_code == 503
    assert "correct horse" not in page.text


@pytest.mark.usefixtures("away")
def test_the_form_goes_to_no_other_site(site):
    page = site.test_client().post("//elsewhere.example/x", data={"a": "b"})

    assert "elsewhere.example" not in page.text


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_pool_recovers_by_itself_at_once(server, applicant, mode):
    """Without a single failed request once the server is back, and long before the five seconds that are allowed."""
    client, number = applicant
    assert client.get(f"/proposals/{number}").status_code == 200
    server[0].end(mode)
    assert client.get(f"/proposals/{number}").status_code == 503
    server[0].start()

    began = time.monotonic()
    assert client.get(f"/proposals/{number}").status_code == 200
    assert time.monotonic() - began < 5


@pytest.mark.browser
def test_the_page_tries_again_by_itself_until_the_form_is_saved(server, site, browser):
    """A form that was sent while the database was away is saved when it is back, with no hand on the keyboard."""
    with site.app_context():
        contact = person()
        number = draft(topic(deadline=NOW + timedelta(days=30)), main_contact=contact).number
        client = signed_in(site.test_client(), contact)
    cookie = client.get_cookie(site.config["SESSION_COOKIE_NAME"])
    listening = make_server("127.0.0.1", 0, site, threaded=True)
    thread = Thread(target=listening.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{listening.port}"
    context = browser.new_context(base_url=address)
    try:
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        page = context.new_page()
        page.goto(f"/proposals/{number}/general")
        server[0].end()
        page.evaluate(  # as a browser without scripts sends it
            "const field = document.querySelector('[name=title]'); field.value = 'Typed while away';"
            " HTMLFormElement.prototype.submit.call(field.form);"
        )
        page.get_by_text("What you typed is kept in this page").wait_for()
        server[0].start()
        page.get_by_text("Saved.", exact=True).wait_for(timeout=20_000)
        assert page.locator("[name=title]").input_value() == "Typed while away"
    finally:
        context.close()
        listening.shutdown()
        thread.join()
        listening.server_close()


def test_a_connection_that_ends_in_the_middle_of_a_request_is_no_bug(site, server):
    """Queueing work uses the driver itself: its errors mean the same."""
    app = site

    def cut() -> None:
        pid = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        defer("sign_receipt", submission_id=1)

    view = app.view_functions["healthz"]
    app.view_functions["healthz"] = cut
    try:
        assert app.test_client().get("/healthz").status_code == 503
    finally:
        app.view_functions["healthz"] = view
    assert app.test_client().get("/calls").status_code == 200


def test_a_connection_that_ends_after_the_last_statement_spoils_no_answer(site, server):
    """What the page needed was read: that nothing is left to roll back must not become an error."""
    app = site

    def cut() -> str:
        pid = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        return "all read"

    view = app.view_functions["healthz"]
    app.view_functions["healthz"] = cut
    try:
        assert app.test_client().get("/healthz").text == "all read"
    finally:
        app.view_functions["healthz"] = view
    assert app.test_client().get("/calls").status_code == 200
