"""Which migration the database is at, and which one this program needs. Web workers ask this too: Alembic itself, ten
megabytes of each, is loaded where a database is migrated (``grants.local.database``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, select, table, text
from sqlalchemy.orm import scoped_session

from grants.db import db

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
_VERSION = table("alembic_version", column("version_num"))


@cache
def head() -> str | None:
    """The newest migration of this program: their files begin with their numbers, which a test holds to Alembic's."""
    numbers = [each.name.partition("_")[0] for each in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    return max(numbers, default=None)


def version(connection: Connection | scoped_session[Any]) -> str | None:
    """The migration that a database is at; None where nothing was migrated yet."""
    there = connection.scalar(select(text("to_regclass('alembic_version') IS NOT NULL")))
    return connection.scalar(select(_VERSION.c.version_num)) if there else None


def current() -> str | None:
    """The migration that the application's database is at."""
    return version(db.session)
