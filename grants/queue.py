"""The queue of background work: procrastinate on the same PostgreSQL. Tasks themselves live in ``grants.worker``.

``defer`` writes the job in the running transaction, so work is queued exactly when its cause is committed.
"""

from __future__ import annotations

import procrastinate

from grants.db import db
from grants.settings import Settings

#: Deferring uses the session's own connection, so this application never opens one of its own here.
queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def conninfo(settings: Settings) -> str:
    """The database address as psycopg wants it."""
    return settings.database_url.replace("postgresql+psycopg:", "postgresql:", 1)


def defer(task: str, *, lock: str | None = None, **arguments: int | str) -> None:
    """Queue ``task`` (its name) with JSON arguments, once the running transaction commits.

    ``lock``: jobs with the same lock never run at the same time.
    """
    connection = db.session.connection().connection.driver_connection
    queue.configure_task(task, lock=lock, connection=connection).defer(**arguments)
