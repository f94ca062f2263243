"""``serve``, ``worker``, ``scheduler``, ``db``: what runs, and the database under it."""

from __future__ import annotations

import os
import sys

import click

from grants.cli.base import application, database_told, settings_of_environment
from grants.cli.root import main
from grants.local import database, run
from grants.queue import conninfo
from grants.web import logs
from scheduler import timetable


@main.command()
def serve() -> None:
    """Run the web server (gunicorn).

    Example: WEB_WORKERS=4 grants serve
    """
    settings = settings_of_environment()
    with database.embedded(settings) as resolved:
        os.environ["DATABASE_URL"] = conninfo(resolved)
        if settings.embedded_database:
            import subprocess  # noqa: PLC0415 only where the embedded server must outlive the child

            sys.exit(subprocess.call(run.web_server(settings)))  # noqa: S603
        os.execv(sys.executable, run.web_server(settings))  # noqa: S606


@main.command("worker")
@click.option("--concurrency", default=2, show_default=True, help="Tasks at the same time.")
def work(concurrency: int) -> None:
    """Run queued tasks and deliver letters; any number may run.

    Example: grants worker --concurrency 4
    """
    from grants import worker  # noqa: PLC0415 signing and comparing take 85 MB and two seconds: for this command only

    with application(pool=True, quiet=False) as (app, settings):
        logs.configure(settings.log_level)
        worker.run(app, settings, concurrency=concurrency)


@main.command("scheduler")
def schedule() -> None:
    """Find what is due and put it into the outbox; any number may run, one ticks.

    Example: grants scheduler
    """
    with application(pool=True, quiet=False) as (app, settings):
        logs.configure(settings.log_level)
        timetable.run(app, conninfo(settings))


@main.group("db")
def db_group() -> None:
    """The database's schema."""


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest migration. Repeating is harmless.

    Example: DATABASE_URL=postgresql://… grants db upgrade
    """
    settings = settings_of_environment()
    logs.configure("ERROR")
    with database_told(), database.embedded(settings) as resolved:
        database.upgrade(resolved.database_url)
    click.echo("The database is at the newest migration.")
