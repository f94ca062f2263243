"""The command line: every command is found by its name, and loads no more than it needs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from grants.accounts import services as accounts
from grants.cli import main
from grants.cli.root import MODULES


def test_every_command_is_in_the_module_that_is_named_and_there_are_no_others():
    for module in set(MODULES.values()):
        import_module(f"grants.cli.{module}")
    assert set(main.commands) == set(MODULES)
    for name, module in MODULES.items():
        command = main.get_command(click.Context(main), name)
        assert command is not None
        callback = command.callback
        assert callback is not None
        assert callback.__module__ == f"grants.cli.{module}", name


def test_help_tells_all_commands_but_the_hidden_and_an_unknown_one_is_refused():
    told = CliRunner().invoke(main, ["--help"]).output
    lines = {line.split()[0] for line in told.partition("Commands:")[2].splitlines() if line.strip()}
    assert set(MODULES) - {"mailcatcher"} <= lines
    assert "mailcatcher" not in lines
    refused = CliRunner().invoke(main, ["recieve"])
    assert (refused.exit_code, "No such command" in refused.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "not_loaded"),
    [
        ("receipt verify --help", {"flask", "sqlalchemy", "boto3", "wtforms"}),
        ("mailcatcher --help", {"sqlalchemy", "procrastinate", "wtforms"}),
        ("templates list --help", {"sqlalchemy", "procrastinate", "boto3"}),
    ],
)
def test_a_command_loads_only_what_it_needs(words, not_loaded):
    code = (
        "import sys; from grants.cli import main; "
        f"main({words.split()}, standalone_mode=False); "
        f"print(sorted(set({sorted(not_loaded)}) & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_an_unknown_address_is_checked_against_a_hash_as_dear_as_that_of_an_account():
    assert not accounts.hasher.check_needs_rehash(accounts._NOBODY)
