"""``audit`` and ``ranking``: what can be verified at any time."""

from __future__ import annotations

import json
import sys

import click

from grants.audit import queries as audit
from grants.cli.base import application
from grants.cli.root import main
from grants.ranking import verifying


@main.group("audit")
def audit_group() -> None:
    """The audit trail."""


@audit_group.command("verify")
@click.option("--head", "known", help="NUMBER:HASH kept from an earlier check; must still be in the chain.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def audit_verify(*, known: str | None, as_json: bool) -> None:
    """Check the whole chain; exit status 1 where it is broken.

    Example: grants audit verify --head 4711:9f86d081…
    """
    with application():
        broken = [f"event {place.number} {place.what}" for place in audit.verify()]
        broken += audit.missing_head(known) if known else []
        number, digest = audit.head()
        if as_json:
            click.echo(json.dumps({"events": number, "head": f"{number}:{digest}", "broken": broken}))
        else:
            for line in broken:
                click.echo(line, err=True)
            click.echo(f"{number} events, head {number}:{digest}: " + ("broken" if broken else "whole"))
        sys.exit(1 if broken else 0)


@main.group("ranking")
def ranking_group() -> None:
    """Decided ranked lists."""


@ranking_group.command("verify")
@click.argument("identifier")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def ranking_verify(identifier: str, *, as_json: bool) -> None:
    """Prove the decided lists of a call or topic: compute each again from the inputs that were decided on.

    Exit status 0: every list is proven. 1: something differs. 2: nothing is decided under this identifier.

    Example: grants ranking verify ISF-2026-TF2-AG-PROTECT
    """
    with application():
        proofs = verifying.verify(identifier)
        if as_json:
            click.echo(json.dumps([each.as_json() for each in proofs]))
        for each in proofs if not as_json else ():
            signed = "signed" if each.signed else "not signed yet"
            click.echo(
                f"{each.list}: {each.proposals} proposals, {signed}: {'proven' if each.proven else 'NOT proven'}"
            )
            for line in each.says:
                click.echo(f"    {line}", err=True)
        if not proofs:
            click.echo(f"grants: nothing is decided under {identifier}", err=True)
        sys.exit(2 if not proofs else 0 if all(each.proven for each in proofs) else 1)
