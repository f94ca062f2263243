"""The pool's connections: prepared statements outlive a rollback, an ended connection is replaced unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from grants.app import Options, create_app
from grants.db import db


@pytest.fixture(scope="module")
def site(migrated, settings) -> Iterator[Flask]:
    """An application with a pool of its own."""
    url = migrated()
    app = create_app(replace(settings, database_url=url), Options(testing=True))
    yield app
    with app.app_context():
        db.engine.dispose()


def prepared() -> int:
    return db.session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()


def test_prepared_statements_outlive_the_rollback_of_a_request_that_only_read(site):
    with site.app_context():
        for _ in range(8):  # the driver prepares what it has seen five times
            db.session.execute(text("SELECT 'often'"))
            db.session.rollback()
        assert prepared() > 0


def test_what_was_written_before_a_rollback_is_gone(site):
    with site.app_context():
        db.session.execute(text("INSERT INTO programme (code, title, description) VALUES ('GONE', 't', '')"))
        db.session.rollback()
        assert db.session.execute(text("SELECT count(*) FROM programme WHERE code = 'GONE'")).scalar_one() == 0


def test_a_failed_statement_is_rolled_back_and_the_connection_goes_on(site):
    with site.app_context():
        with pytest.raises(Exception, match="division by zero"):
            db.session.execute(text("SELECT 1 / 0"))
        db.session.rollback()
        assert db.session.execute(text("SELECT 1")).scalar_one() == 1


def test_a_connection_that_the_server_ended_is_replaced_before_a_request_uses_it(site):
    with site.app_context():
        pid = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    address = site.extensions["settings"].database_url.replace("postgresql+psycopg:", "postgresql:", 1)
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))  # waits for its end
    client = site.test_client()
    assert client.get("/calls").status_code == 200
    with site.app_context():
        assert db.session.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid


def test_a_connection_that_this_side_closed_is_replaced_too(site):
    with site.app_context():
        with db.engine.connect() as connection:
            driver = connection.connection.driver_connection
        driver.close()
        assert db.session.execute(text("SELECT 1")).scalar_one() == 1
