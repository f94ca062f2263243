"""The table of access: who gets what from every route, in every relation and phase. A route without a row fails."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from grants.db import db
from tests.architecture.world import MOMENT, RELATIONS, build
from tests.factories.people import signed_in

TABLE = Path(__file__).with_name("access.txt")


def rows():
    """``phase method endpoint | may | refused in words``; everybody else is sent to sign in or finds nothing."""
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            head, may, refused = (part.split() for part in f"{line} ".split("|"))
            yield (*head, set(may), set(refused))


def address(app, endpoint, phase):
    rule = next(iter(app.url_map.iter_rules(endpoint)))
    values = {}
    for name in rule.arguments:
        known = phase["call"] if rule.rule.startswith(("/calls", "/manage/calls")) else phase["topic"]
        values[name] = known if name == "identifier" else phase[name]
    return app.url_map.bind("localhost").build(endpoint, values)


def outcome(answer):
    to_sign_in = answer.status_code == 302 and answer.location.startswith("/sign-in")
    if to_sign_in or answer.status_code == 401:
        return "sign-in"
    return {404: "nothing", 403: "refused"}.get(answer.status_code, "may" if answer.status_code < 500 else "bug")


def sessions_of(app, people):
    """The cookie of each person's sign-in, and none for a visitor."""
    name, cookies = app.config["SESSION_COOKIE_NAME"], {}
    for relation, who in people.items():
        browser = signed_in(app.test_client(), who, now=MOMENT) if who else None
        cookies[relation] = browser.get_cookie(name).value if browser else None
    return cookies


def asked(app, cookie, method, target):
    """One request as somebody, in a browser that did nothing else, undone afterwards."""
    connection = db._app_engines[app][None]
    savepoint = connection.begin_nested()
    client = app.test_client()
    if cookie:
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
    try:
        return outcome(client.open(target, method=method, data={} if method == "POST" else None))
    finally:
        db.session.remove()
        savepoint.rollback()


def test_every_route_stands_in_the_table(app):
    known = {(method, endpoint) for _, method, endpoint, _, _ in rows()}
    routes = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    }
    assert routes - known == set()
    assert known - routes == set()


def hands():
    """All capabilities in four hands: each world serves many, and the workers share the hands."""
    known = sorted({row[2].partition(".")[0] for row in rows()})
    return [known[number::4] for number in range(4)]


@pytest.mark.slow
@pytest.mark.parametrize("capabilities", hands(), ids=lambda names: names[0])
def test_each_relation_gets_what_the_table_says(app, clock, capabilities):
    clock.instant = MOMENT + timedelta(minutes=1)
    app.config["WTF_CSRF_ENABLED"] = False
    world = build()
    db.session.commit()
    cookies = sessions_of(app, {relation: world.people[relation] for relation in RELATIONS})
    wrong = defaultdict(dict)
    for phase, method, name, may, refused in rows():
        if name.partition(".")[0] not in capabilities:
            continue
        target = address(app, name, world.values[phase])
        for relation, cookie in cookies.items():
            names = {relation, "everybody"} | ({"signed-in"} if cookie else set())
            expected = "may" if names & may else "refused" if names & refused else "hidden"
            got = asked(app, cookie, method, target)
            fine = got in {"nothing", "sign-in"} if expected == "hidden" else got == expected
            if not fine:
                wrong[f"{phase} {method} {name}"][relation] = f"{got}, not {expected}"
    assert dict(wrong) == {}
