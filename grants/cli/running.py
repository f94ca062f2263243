"""``run``: everything on this machine. Somebody waits for it: a second start loads what it needs itself, no more."""

from __future__ import annotations

import logging
import os
import sys

import click

from grants.cli.base import application_on, database_told, settings_of_environment
from grants.cli.root import main
from grants.demo.people import PASSWORD, SIGN_INS
from grants.local import database, run
from grants.settings import Settings
from uploads.opening import open_storage


@main.command("run")
@click.option("--demo/--no-demo", "with_demo", default=True, help="Load the demo into an empty database, once.")
def run_all(*, with_demo: bool) -> None:
    """Start everything on this machine: database, web server, worker, scheduler, mail catcher.

    Example: PORT=8080 grants run
    """
    os.environ.setdefault("DEMO", "1" if with_demo else "0")
    settings = settings_of_environment()
    logging.basicConfig(level=logging.WARNING)
    with database_told():
        sys.exit(run.run(settings, prepare=_prepare, welcome=_welcome))


def _prepare(settings: Settings) -> None:
    """The demo goes into a database that has no accounts at all."""
    if not settings.demo:
        return
    open_storage(settings.storage_url, secret_key=settings.secret_key, base_url=settings.base_url).prepare()
    if database.has_accounts(settings.database_url):
        return
    with application_on(settings) as app:
        from grants.db import DatabaseClock  # noqa: PLC0415 for the first start only
        from grants.demo import loading  # noqa: PLC0415

        click.echo("Loading the demo, once …")
        loading.load(store=app.extensions["store"], now=DatabaseClock().now())


def _welcome(settings: Settings) -> None:
    lines = [f"\n  Grants runs at {settings.base_url}"]
    if settings.demo:
        lines += ["  Sign-ins of the demo (or one click on the first page):"]
        lines += [f"    {person.email:<42} {person.does}" for person in SIGN_INS]
        lines += [f"    password of all: {PASSWORD}"]
    lines += [f"  Captured e-mail: http://127.0.0.1:{settings.mail_port}/", "  Ctrl-C stops everything.\n"]
    click.echo("\n".join(lines))
