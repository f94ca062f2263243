"""``grants``: the group that all commands stand in."""

from __future__ import annotations

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="grants")
def main() -> None:
    """Grants: calls for proposals from publication to final payment.

    Settings come from the environment (see README.md). Without DATABASE_URL the embedded PostgreSQL under
    DATA_DIR is used and started where it is down.
    """
