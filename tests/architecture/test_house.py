"""The house's own promises: states, migrations, settings, pages without scripts inside, tokens on every form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import grants.models
from grants.db import db
from grants.kernel.states import machines, reachable
from grants.local import database
from grants.settings import SETTINGS, SettingsError, load
from grants.web import schema
from tests.factories.people import person, signed_in

ROOT = Path(__file__).resolve().parents[2]


def test_there_are_machines():
    assert {"call", "document", "proposal"} <= set(machines())


@pytest.mark.parametrize("name", sorted(machines()))
def test_every_state_is_reached_and_none_is_a_trap(name):
    machine = machines()[name]
    assert reachable(machine) == set(machine.states)
    traps = {state for state in machine.states if not list(machine.actions(state))}
    assert traps <= set(machine.final)


@pytest.mark.slow
def test_migrations_go_up_and_down_and_up_and_equal_the_models(new_database):
    url = new_database()
    database.upgrade(url)
    database.downgrade(url, "base")
    database.upgrade(url)
    engine = create_engine(url)

    def ours(_thing, name, kind, _reflected, _other):
        return not (kind == "table" and name.startswith("procrastinate_"))

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, grants.models.metadata) == []
    engine.dispose()


def test_the_newest_migration_is_known_without_alembic(app):
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert schema.head() == ScriptDirectory.from_config(config).get_current_head() == schema.current()
    db.session.execute(text("DROP TABLE alembic_version"))
    assert schema.current() is None


def test_the_readme_has_the_table_of_settings():
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    expected = [(each.name, f"`{each.default}`" if each.default else "", each.meaning) for each in SETTINGS]
    assert rows == expected


def test_every_wrong_setting_gets_one_line_and_secrets_are_not_repeated(tmp_path):
    wrong = {"PORT": "x", "DATABASE_URL": "mysql://root:hunter2@db", "DEMO": "maybe", "DATA_DIR": str(tmp_path)}
    with pytest.raises(SettingsError) as problem:
        load(wrong)
    assert [line.partition("=")[0] for line in problem.value.lines] == ["PORT", "DATABASE_URL", "DEMO"]
    assert "hunter2" not in str(problem.value)


def test_settings_are_shown_without_their_secrets(tmp_path):
    shown = repr(load({"DATA_DIR": str(tmp_path), "SECRET_KEY": "s3cret" * 8, "SMTP_URL": "smtp://u:pw99@mail:25"}))
    assert "s3cret" not in shown
    assert "pw99" not in shown


def unsafe_rules(app):
    """Every route that takes an unsafe method, with values for its parts."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            values = {name: _value(converter) for name, converter in rule._converters.items()}
            yield method, rule, values


def _value(converter):
    kind = type(converter).__name__
    return {"IntegerConverter": 1, "UUIDConverter": "00000000-0000-0000-0000-000000000001"}.get(kind, "x")


#: Not guarded by a form's token, and why.
WITHOUT_TOKEN = {"documents.put_local": "the address itself is signed, as an S3 store's is"}


def test_every_unsafe_route_refuses_without_a_token(app):
    app.config["WTF_CSRF_ENABLED"] = True
    client = signed_in(app.test_client(), person())
    passed = []
    with app.test_request_context():
        routes = [
            (method, rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, values, method=method))
            for method, rule, values in unsafe_rules(app)
        ]
    for method, endpoint, address in routes:
        answer = client.open(address, method=method)
        if answer.status_code != 400 and endpoint not in WITHOUT_TOKEN:
            passed.append((endpoint, answer.status_code))
    assert passed == []


#: Pages that everybody may read; every other one needs somebody signed in, or says that it is not there.
PUBLIC = {
    "healthz", "readyz", "metrics", "now", "static", "dashboard.home", "dashboard.about", "dashboard.accessibility",
    "dashboard.licences", "calls.public_list", "accounts.sign_in", "accounts.register", "accounts.confirm",
    "accounts.forgot", "partners.public_list", "proposals.verify",
}  # fmt: skip


@pytest.mark.slow
def test_a_visitor_reads_public_pages_only(app, client):
    unguarded = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        pages = [
            (rule.endpoint, adapter.build(rule.endpoint, {n: _value(c) for n, c in rule._converters.items()}))
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or set()) and rule.endpoint != "static"
        ]
    for endpoint, address in pages:
        answer = client.get(address)
        to_sign_in = answer.status_code == 302 and answer.location.startswith("/sign-in")
        if not to_sign_in and answer.status_code not in {403, 404} and endpoint not in PUBLIC:
            unguarded.append((endpoint, answer.status_code))
    assert unguarded == []


def test_missing_and_forbidden_proposals_answer_alike(app, client):
    from tests.factories.calls import topic
    from tests.factories.proposals import draft

    hidden = draft(topic())
    signed_in(client, person("A rival")).get("/")  # the first page sets the cookie with the token
    answers = []
    for number in (hidden.number, 199_999_999):
        answer = client.get(f"/proposals/{number}")
        names = sorted(name for name, _ in answer.headers if name not in {"X-Request-Id", "Date"})
        body = re.sub(r'content="[^"]{40,}"|value="[^"]{40,}"', "", answer.text)
        answers.append((answer.status_code, names, body))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_every_page_carries_the_strict_policy(client):
    headers = client.get("/").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_request_from_another_site_is_refused(client):
    answer = client.post("/sign-in", data={"email": "a"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
