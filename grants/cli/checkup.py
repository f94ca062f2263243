"""``doctor``: what is wrong with this installation, and the remedy."""

from __future__ import annotations

import json
import sys

import click

from grants import doctor
from grants.cli.base import Failed, settings_of_environment
from grants.cli.root import main
from grants.local import database
from grants.web import logs


@main.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def run_doctor(*, as_json: bool) -> None:
    """Check database, migrations, store, mail and clock, each with a remedy.

    Example: grants doctor --json
    """
    settings = settings_of_environment()
    logs.configure("CRITICAL")
    try:
        with database.embedded(settings) as resolved:
            findings = doctor.examine(resolved)
    except OSError as problem:
        raise Failed(f"the embedded database does not start: {problem}") from problem
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings]))
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.part:<11} {finding.says}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)
