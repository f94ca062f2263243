"""A second start asks little of the database and loads neither the models nor Alembic."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
from sqlalchemy import make_url

from grants.local import database

CODE = """
import os, sys
from grants.local import database
url = os.environ["URL"]
database.upgrade(url)
print(database.has_accounts(url), sorted({"alembic", "grants.models", "boto3"} & set(sys.modules)))
"""


def test_a_database_that_is_up_to_date_is_left_as_it_is_and_accounts_are_seen(migrated):
    url = migrated()
    assert database.has_accounts(url) is False
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as there:
        there.execute(
            "INSERT INTO account (email, name, password_hash, created_at) VALUES ('a@b.example', 'A', '!', now())"
        )
    run = subprocess.run(
        [sys.executable, "-c", CODE], env=os.environ | {"URL": url}, capture_output=True, text=True, check=True
    )
    assert run.stdout == "True []\n"
