"""``run``, ``serve``, ``worker``, ``scheduler``, ``db``: what runs, and the database under it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from grants import demo
from grants.app import Options, create_app
from grants.cli.base import Failed, application, settings_of_environment
from grants.cli.root import main
from grants.db import DatabaseClock, db
from grants.local import database, mailcatcher, run
from grants.queue import conninfo
from grants.settings import Settings
from grants.web import logs
from scheduler import timetable


@main.command("run")
@click.option("--demo/--no-demo", "with_demo", default=True, help="Load the demo into an empty database, once.")
def run_all(*, with_demo: bool) -> None:
    """Start everything on this machine: database, web server, worker, scheduler, mail catcher.

    Example: PORT=8080 grants run
    """
    os.environ.setdefault("DEMO", "1" if with_demo else "0")
    settings = settings_of_environment()
    logs.configure("WARNING")
    sys.exit(run.run(settings, prepare=_prepare, welcome=_welcome))


def _prepare(settings: Settings) -> None:
    """The demo goes into a database that has no accounts at all."""
    if not settings.demo:
        return
    app = create_app(settings, Options(pool=False))
    with app.app_context():
        app.extensions["store"].prepare()
        if demo.wanted():
            click.echo("Loading the demo, once …")
            demo.load(store=app.extensions["store"], now=DatabaseClock().now())
        db.session.remove()
        db.engine.dispose()


def _welcome(settings: Settings) -> None:
    lines = [f"\n  Grants runs at {settings.base_url}"]
    if settings.demo:
        lines += ["  Sign-ins of the demo (or one click on the first page):"]
        lines += [f"    {person.email:<42} {person.does}" for person in demo.SIGN_INS]
        lines += [f"    password of all: {demo.PASSWORD}"]
    lines += [f"  Captured e-mail: http://127.0.0.1:{settings.mail_port}/", "  Ctrl-C stops everything.\n"]
    click.echo("\n".join(lines))


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


@main.command("mailcatcher", hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
def catch_mail(folder: Path) -> None:
    """Keep every letter in FOLDER and show them on a page."""
    settings = settings_of_environment()
    mailcatcher.serve(folder, smtp_port=settings.mail_port + 1, page_port=settings.mail_port)


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
    try:
        with database.embedded(settings) as resolved:
            database.upgrade(resolved.database_url)
    except SQLAlchemyError as problem:
        raise Failed(f"database: {str(getattr(problem, 'orig', problem)).strip().splitlines()[0]}") from problem
    click.echo("The database is at the newest migration.")
