"""What every command needs: settings, the application, errors in one line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import click

from grants.kernel.memory import starting
from grants.settings import Settings, load


class Failed(click.ClickException):
    """One line on stderr, exit status 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """Without click's own prefix."""
        click.echo(f"grants: {self.format_message()}", err=True)


def settings_of_environment() -> Settings:
    """The settings. Raises SettingsError, which ``grants`` prints: a line for each that is wrong, exit status 2."""
    return load(os.environ)


@contextlib.contextmanager
def application(*, pool: bool = False, quiet: bool = True) -> Iterator[tuple[Any, Settings]]:
    """The application on a migrated or unmigrated database, inside its context."""
    from grants.local import database  # noqa: PLC0415 here and below: commands that need none do not wait for it
    from grants.web import logs  # noqa: PLC0415

    settings = settings_of_environment()
    if quiet:
        logs.configure("ERROR")
    with database.embedded(settings) as resolved, application_on(resolved, pool=pool) as app:
        yield app, resolved


@contextlib.contextmanager
def application_on(settings: Settings, *, pool: bool = False) -> Iterator[Any]:
    """The application on the database of these settings, inside its context; what goes wrong is said in one line."""
    with starting():
        from grants.app import Options, create_app  # noqa: PLC0415
        from grants.db import db  # noqa: PLC0415
        from grants.kernel.errors import DomainError  # noqa: PLC0415

        app = create_app(settings, Options(pool=pool))
    with app.app_context(), database_told():
        try:
            yield app
        except DomainError as problem:
            raise Failed(problem.message) from problem
        finally:
            db.session.remove()
            db.engine.dispose()


@contextlib.contextmanager
def database_told() -> Iterator[None]:
    """What is wrong with the database is said in one line."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        yield
    except SQLAlchemyError as problem:
        line = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
        raise Failed(f"database: {line}. Try: grants doctor") from problem


def words(counts: dict[str, int]) -> str:
    """Counts as people read them: ``read 3, created 1``."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())
