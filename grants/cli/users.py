"""``users``: accounts made by hand."""

from __future__ import annotations

import json

import click

from grants.accounts import services as accounts
from grants.cli.base import application
from grants.cli.root import main
from grants.db import DatabaseClock, transaction
from grants.kernel.actor import SYSTEM, Role


@main.group("users")
def users_group() -> None:
    """People."""


@users_group.command("create")
@click.argument("email")
@click.option("--name", required=True, help="Full name.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="A role to grant.")
@click.option("--programme", help="Programme code, for a manager.")
@click.password_option(envvar="GRANTS_PASSWORD", help="Asked for when not given; or set GRANTS_PASSWORD.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def users_create(
    email: str, *, name: str, role: str | None, programme: str | None, password: str, as_json: bool
) -> None:
    """Create a confirmed account, for example the first administrator.

    Example: grants users create eva@example.org --name "Eva Kovács" --role administrator
    """
    with application():
        now = DatabaseClock().now()
        with transaction():
            account = accounts.create(
                email=email, name=name, password=password, now=now, confirmed=True, actor=SYSTEM
            )
            if role:
                accounts.add_role(account, Role(role), programme=programme, actor=SYSTEM, now=now)
        made = {"id": account.id, "email": account.email, "role": role, "programme": programme}
        click.echo(json.dumps(made) if as_json else f"Created {account.email}.")
