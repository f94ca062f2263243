"""``templates``: call templates, listed and checked."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from grants.calls import templates
from grants.calls.templates import checking
from grants.calls.templates.reading import Unreadable
from grants.cli.base import Failed, settings_of_environment
from grants.cli.root import main


@main.group("templates")
def templates_group() -> None:
    """Call templates of types of action."""


@templates_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def templates_list(*, as_json: bool) -> None:
    """List the call templates of this installation.

    Example: grants templates list --json
    """
    templates.also_from(settings_of_environment().templates_dir)
    catalogue = templates.catalogue()
    names = ("key", "programme", "type_of_action", "title")
    try:
        rows = [{name: catalogue.template(key)[name] for name in names} for key in catalogue.by_title()]
    except Unreadable as problem:
        raise Failed(f"templates: {problem.message}. Try: grants templates check FILE") from problem
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['key']:<18} {row['programme']:<10} {row['title']}")


@templates_group.command("check")
@click.argument("file", type=click.Path(path_type=Path), nargs=-1, required=True)
def templates_check(file: tuple[Path, ...]) -> None:
    """Name every mistake of a template FILE by its line and place; exit status 1 where there is one.

    Example: grants templates check our-call.yaml
    """
    templates.also_from(settings_of_environment().templates_dir)
    wrong = 0
    for each in file:
        mistakes = checking.check_file(each)
        for mistake in mistakes:
            click.echo(f"{each}: {mistake}", err=True)
        if not mistakes:
            click.echo(f"{each} is right.")
        wrong += bool(mistakes)
    if wrong:
        sys.exit(1)
