"""Which migration the database is at, and which one this program needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from grants.db import db

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def config() -> Config:
    """Alembic's settings, without a file."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    return settings


@cache
def head() -> str | None:
    """The newest migration of this program."""
    return ScriptDirectory.from_config(config()).get_current_head()


def current() -> str | None:
    """The migration that the database is at."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()
