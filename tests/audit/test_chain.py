"""The audit trail on a real PostgreSQL: it refuses changes, and whoever gets round that is found."""

from __future__ import annotations

import threading
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import create_engine

from grants.app import Options, create_app
from grants.audit import queries
from grants.audit.services import record
from grants.db import db, transaction
from grants.kernel.actor import SYSTEM
from grants.kernel.links import Ref
from tests.conftest import NOW


@pytest.fixture(scope="module")
def trail(migrated, settings):
    """An application on a database of its own, for true commits."""
    from dataclasses import replace

    url = migrated()
    app = create_app(replace(settings, database_url=url), Options(testing=True))
    with app.app_context():
        for number in range(6):
            with transaction():
                record(Ref("thing", str(number)), "thing.done", actor=SYSTEM, now=NOW, facts={"n": number})
        db.session.remove()
    yield app, url
    with app.app_context():
        db.engine.dispose()


def broken_after(trail, *statements: str) -> list[int]:
    """Which events are reported after somebody with every right ran these statements; then all is undone."""
    app, url = trail
    engine = create_engine(url)
    with engine.connect() as connection, app.app_context():
        outer = connection.begin()
        for statement in ("ALTER TABLE audit_event DISABLE TRIGGER ALL", *statements):
            connection.exec_driver_sql(statement)
        engines = db._app_engines[app]
        db._app_engines[app] = {None: connection}
        found = [place.number for place in queries.verify()]
        db.session.remove()
        db._app_engines[app] = engines
        outer.rollback()
    engine.dispose()
    return found


def test_an_untouched_chain_is_whole(trail):
    assert broken_after(trail) == []


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("changed content", "UPDATE audit_event SET content = replace(content, '\"n\":2', '\"n\":7')"),
        ("changed column", "UPDATE audit_event SET actor_name = 'Nobody' WHERE number = 3"),
        ("removed", "DELETE FROM audit_event WHERE number = 3"),
        ("cut tail", "DELETE FROM audit_event WHERE number > 4"),
        ("reordered", "UPDATE audit_event SET number = CASE number WHEN 3 THEN -4 ELSE -3 END WHERE number IN (3, 4);"
                      "UPDATE audit_event SET number = -number WHERE number < 0"),
        ("inserted", "INSERT INTO audit_event SELECT 7, at, actor_id, actor_name, address, action, object_kind,"
                     " object_key, reason, facts, content, previous, hash FROM audit_event WHERE number = 6"),
    ],
)  # fmt: skip
def test_tampering_is_found(trail, what, statement):
    assert broken_after(trail, statement) != [], what


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET reason = ''", "DELETE FROM audit_event", "TRUNCATE audit_event"]
)
def test_the_database_refuses_to_change_the_trail(trail, statement):
    _, url = trail
    with (
        psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:")) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        connection.execute(statement)


def test_two_writers_at_once_keep_one_chain(trail):
    app, _ = trail
    failed: list[Exception] = []

    def write(name: str) -> None:
        try:
            with app.app_context():
                for number in range(20):
                    with transaction():
                        record(Ref("race", f"{name}{number}"), "race.step", actor=SYSTEM, now=NOW)
        except Exception as problem:  # reported below
            failed.append(problem)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with app.app_context():
        assert (failed, list(queries.verify())) == ([], [])
        assert queries.head()[0] == 46


def test_a_rolled_back_change_leaves_no_event(app):
    before = queries.head()
    with pytest.raises(LookupError), transaction():
        record(Ref("thing", "x"), "thing.undone", actor=SYSTEM, now=NOW)
        raise LookupError
    with transaction():
        pass
    assert queries.head() == before


def test_an_instant_of_another_zone_is_the_same_instant(app):
    with transaction():
        local = NOW.astimezone(ZoneInfo("Europe/Brussels"))
        record(Ref("thing", "zone"), "thing.done", actor=SYSTEM, now=local)
    assert list(queries.verify()) == []
