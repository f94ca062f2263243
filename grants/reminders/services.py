"""Writing down the runs of the scheduler's jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from grants.db import db
from grants.reminders.models import JobRun


def record_run(
    name: str, *, started_at: datetime, ended_at: datetime, every: int, counts: dict[str, Any], error: str, host: str
) -> None:
    """Keep the last run of a job. ``every``: seconds until the next one."""
    values = {
        "started_at": started_at, "ended_at": ended_at, "next_at": started_at + timedelta(seconds=every),
        "counts": counts, "error": error, "host": host,
    }  # fmt: skip
    statement = insert(JobRun).values(name=name, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
