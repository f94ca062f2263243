"""What every command needs: settings, the application, errors in one line."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from grants.app import Options, create_app
from grants.db import db
from grants.kernel.errors import DomainError
from grants.local import database
from grants.settings import Settings, SettingsError, load
from grants.web import logs


class Failed(click.ClickException):
    """One line on stderr, exit status 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """Without click's own prefix."""
        click.echo(f"grants: {self.format_message()}", err=True)


def settings_of_environment() -> Settings:
    """The settings; exit status 2 with one line for each that is wrong."""
    try:
        return load(os.environ)
    except SettingsError as problem:
        for line in problem.lines:
            click.echo(f"grants: {line}", err=True)
        sys.exit(2)


@contextlib.contextmanager
def application(*, pool: bool = False, quiet: bool = True) -> Iterator[tuple[Any, Settings]]:
    """The application on a migrated or unmigrated database, inside its context."""
    settings = settings_of_environment()
    if quiet:
        logs.configure("ERROR")
    with database.embedded(settings) as resolved:
        app = create_app(resolved, Options(pool=pool))
        with app.app_context():
            try:
                yield app, resolved
            except DomainError as problem:
                raise Failed(problem.message) from problem
            except SQLAlchemyError as problem:
                line = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
                raise Failed(f"database: {line}. Try: grants doctor") from problem
            finally:
                db.session.remove()
                db.engine.dispose()


def words(counts: dict[str, int]) -> str:
    """Counts as people read them: ``read 3, created 1``."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())
