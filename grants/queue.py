"""The queue of background work: procrastinate on the same PostgreSQL. Tasks themselves live in ``grants.worker``.

``defer`` writes the job in the running transaction, so work is queued exactly when its cause is committed. Raises
Unavailable when the database ends meanwhile.
"""

from __future__ import annotations

import procrastinate
import psycopg

from grants.db import db
from grants.kernel.errors import Unavailable
from grants.settings import Settings

#: Deferring uses the session's own connection, so this application never opens one of its own here.
queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def conninfo(settings: Settings) -> str:
    """The database address as psycopg wants it."""
    return settings.database_url.replace("postgresql+psycopg:", "postgresql:", 1)


#: What comes first when much waits: files whose check a deadline may cut off, then what people sit and wait for, then
#: all that only has to be done (0).
URGENT, AWAITED = 20, 10


def defer(task: str, *, lock: str | None = None, priority: int = 0, **arguments: int | str) -> None:
    """Queue ``task`` (its name) with JSON arguments, once the running transaction commits.

    ``lock``: jobs with the same lock never run at the same time. ``priority``: the highest is done first.
    """
    connection = db.session.connection().connection.driver_connection
    try:
        queue.configure_task(task, lock=lock, priority=priority, connection=connection).defer(**arguments)
    except procrastinate.exceptions.ConnectorException as problem:
        if isinstance(problem.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
            raise Unavailable("database", "The database does not answer.") from problem
        raise


def recheck_conflicts(kind: str, identity: int) -> None:
    """Have conflicts of interest looked for again, since this expert, proposal, account or organisation was changed.

    Here, below all capabilities, because each side of a conflict is kept on another floor; ``evaluation`` does it.
    """
    defer("recheck_conflicts", kind=kind, identity=identity)
