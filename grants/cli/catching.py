"""``mailcatcher``: the mail server of ``grants run``."""

from __future__ import annotations

from pathlib import Path

import click

from grants.cli.base import settings_of_environment
from grants.cli.root import main
from grants.local import mailcatcher


@main.command("mailcatcher", hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
def catch_mail(folder: Path) -> None:
    """Keep every letter in FOLDER and show them on a page."""
    settings = settings_of_environment()
    mailcatcher.serve(folder, smtp_port=settings.mail_port + 1, page_port=settings.mail_port)
