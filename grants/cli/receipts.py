"""``receipt``: what anybody can verify without a database."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

import click
from cryptography.x509 import Certificate

from grants.cli.base import settings_of_environment
from grants.cli.root import main
from grants.signing import checking, keys, statements


@main.group("receipt")
def receipt_group() -> None:
    """Receipts of submitted proposals."""


@receipt_group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The funder's certificates (PEM, from the page /verify); else this installation's own.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def receipt_verify(file: Path, *, certificate: Path | None, as_json: bool) -> None:
    """Check the signed receipt FILE (PDF or JSON), offline: no database and no network.

    Exit status 0: genuine. 1: changed, or not signed by the funder's key. 2: no receipt that can be read.

    Example: grants receipt verify receipt-101000001-1.pdf --certificate funder.pem
    """
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what is wrong is said once, by us
    try:
        judged = checking.judge_file(file, _certificates(certificate))
    except (statements.Unreadable, keys.KeyProblem, OSError) as problem:
        click.echo(f"grants: {problem}", err=True)
        if as_json:
            click.echo(json.dumps({"genuine": False, "says": str(problem)}))
        sys.exit(2)
    click.echo(json.dumps(judged.as_json()) if as_json else "\n".join(judged.lines()))
    sys.exit(0 if judged.genuine else 1)


def _certificates(file: Path | None) -> list[Certificate]:
    """Those of the file; else this installation's, where it has one."""
    if file is not None:
        return keys.certificates(file.read_bytes())
    os.environ.setdefault("SECRET_KEY", "-" * 32)  # an auditor's machine needs none, and none is left on it
    own = keys.known_key(settings_of_environment())
    return [own.certificate] if own else []
