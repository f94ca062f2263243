"""One leader among any number of schedulers: a session-level advisory lock, gone when its holder is."""

from __future__ import annotations

import logging

import psycopg

log = logging.getLogger(__name__)
_LOCK = 7_461_002


class Leader:
    """Holds or tries to get the lock on a connection of its own."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.Connection | None = None

    def leads(self) -> bool:
        """Whether this process leads now; tries to become the leader where it does not.

        A scheduler that was frozen asks the database again before it ticks: if its connection was cut in the
        meantime, the lock is somebody else's.
        """
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(
                    self._conninfo, autocommit=True, connect_timeout=5,
                    keepalives_idle=10, keepalives_interval=5, keepalives_count=3,
                )  # fmt: skip
            held = self._connection.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
                " AND pid = pg_backend_pid()) OR pg_try_advisory_lock(%s)",
                [_LOCK, _LOCK],
            ).fetchone()
        except psycopg.Error as problem:
            log.warning("no leader lock: %s", type(problem).__name__)
            self.release()
            return False
        return bool(held and held[0])

    def release(self) -> None:
        """Give the lock up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
