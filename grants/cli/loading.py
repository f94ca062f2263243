"""``demo`` and ``import``: data that comes in."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from grants.calls import importing
from grants.cli.base import Failed, application, words
from grants.cli.root import main
from grants.db import DatabaseClock, transaction
from grants.demo import loading as demo
from grants.experts import services as experts
from grants.kernel.actor import SYSTEM, Role
from grants.kernel.errors import Invalid
from grants.vocabulary import services as vocabulary


@main.group("demo")
def demo_group() -> None:
    """The demonstration."""


@demo_group.command("load")
@click.option("--json", "as_json", is_flag=True, help="Print counts as JSON.")
@click.option("--seed", default=demo.SEED, show_default=True, help="The same seed gives the same demo.")
def demo_load(*, as_json: bool, seed: int) -> None:
    """Load the demo into an empty database; refused where real accounts are.

    Example: DEMO=1 grants demo load
    """
    with application() as (app, _resolved):
        app.extensions["store"].prepare()
        counts = demo.load(store=app.extensions["store"], now=DatabaseClock().now(), seed=seed)
        click.echo(json.dumps(counts) if as_json else words(counts))


@main.group("import")
def import_group() -> None:
    """Data from elsewhere."""


@import_group.command("topics")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Last line: counts as JSON.")
def import_topics(file: Path, *, as_json: bool) -> None:
    """Import topics of the Funding & Tenders Portal from FILE (JSON lines, .gz or not).

    Repeating changes nothing; each refused record is listed with its reason.

    Example: grants import topics topics.jsonl.gz --json
    """
    with application():
        counts = importing.import_topics(
            file, actor=SYSTEM, now=DatabaseClock().now(),
            refused=lambda refusal: click.echo(f"refused: {refusal}", err=True),
            progress=lambda read: click.echo(f"{read} records read", err=True) if sys.stderr.isatty() else None,
        )  # fmt: skip
        click.echo(json.dumps(counts) if as_json else words(counts))


@import_group.command("keywords")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Last line: counts as JSON.")
def import_keywords(file: Path | None, *, as_json: bool) -> None:
    """Import a tree of keywords from FILE: CSV with id, label, broader, or JSON objects with the same names.

    Without FILE the small tree that comes with this software. All lines are taken over or, where any is wrong, none;
    each wrong one is listed. Repeating changes nothing.

    Example: grants import keywords euroscivoc.csv --json
    """
    with application(), transaction():
        _taken_over(lambda: experts.import_keywords(
            file.read_text(encoding="utf-8") if file else vocabulary.own_file(),
            as_json=file is not None and file.suffix == ".json", actor=SYSTEM, now=DatabaseClock().now(),
        ), as_json=as_json)  # fmt: skip


@import_group.command("experts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Last line: counts as JSON.")
def import_experts(file: Path, *, as_json: bool) -> None:
    """Import experts from FILE (CSV or XLSX), whose first row names the columns; only E-mail must be there.

    All rows are taken over or, where any cell is wrong, none; each wrong one is listed. New experts get an account
    without a password and a letter. Repeating changes nothing.

    Example: grants import experts experts.xlsx --json
    """
    from grants.experts import workbook  # noqa: PLC0415 21 MB that no other command needs

    with application(), transaction():
        _taken_over(lambda: experts.import_experts(
            workbook.read(file.read_bytes(), as_csv=file.suffix.lower() == ".csv"), now=DatabaseClock().now(),
            actor=replace(SYSTEM, roles=frozenset({Role.ADMINISTRATOR})),
        ), as_json=as_json)  # fmt: skip


def _taken_over(act: Callable[[], dict[str, int]], *, as_json: bool) -> None:
    """The counts of an import that takes everything or nothing; each wrong line on stderr, then status 1."""
    try:
        counts = act()
    except Invalid as problem:
        for each in problem.findings:
            click.echo(f"refused: {each.message}", err=True)
        if as_json:
            click.echo(json.dumps({"refused": len(problem.findings)}))
        raise Failed("Nothing was imported.") from problem
    click.echo(json.dumps(counts) if as_json else words(counts))
