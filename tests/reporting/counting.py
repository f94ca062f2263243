"""How much a page asks of the database."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from grants.db import db


def statements(browser: FlaskClient, address: str) -> int:
    """How many statements a page takes."""
    seen: list[str] = []

    def count(*args: Any):
        seen.append(args[2])

    event.listen(db.session.connection().engine, "before_cursor_execute", count)
    try:
        assert browser.get(address).status_code == 200
    finally:
        event.remove(db.session.connection().engine, "before_cursor_execute", count)
    return len(seen)
