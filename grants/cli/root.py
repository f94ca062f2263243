"""``grants``: the group that all commands stand in. The module of a command is loaded when the command is asked for:
none waits for what only others need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from grants.kernel.memory import starting
from grants.local.supervised import end_with_supervisor
from grants.settings import SettingsError

#: The module of each command, under ``grants.cli``.
MODULES = {
    "audit": "proofs", "db": "processes", "demo": "loading", "doctor": "checkup", "import": "loading",
    "mailcatcher": "catching", "ranking": "proofs", "receipt": "receipts", "run": "running",
    "scheduler": "processes", "serve": "processes", "templates": "templates", "users": "users", "worker": "processes",
}  # fmt: skip


class OnDemand(click.Group):
    """Commands that are loaded by name. Help on all of them loads all."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order of the alphabet."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Its module registers the command when it is loaded."""
        if cmd_name in MODULES:
            with starting():
                import_module(f"grants.cli.{MODULES[cmd_name]}")
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Wrong settings: one line for each on stderr, exit status 2."""
        try:
            return super().invoke(ctx)
        except SettingsError as problem:
            for line in problem.lines:
                click.echo(f"grants: {line}", err=True)
            ctx.exit(2)


@click.group(cls=OnDemand, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="grants")
def main() -> None:
    """Grants: calls for proposals from publication to final payment.

    Settings come from the environment (see README.md). Without DATABASE_URL the embedded PostgreSQL under
    DATA_DIR is used and started where it is down.
    """
    end_with_supervisor()
