"""Reading the runs of jobs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from grants.db import db
from grants.reminders.models import JobRun


def job_runs() -> Sequence[JobRun]:
    """The last run of each job, by name."""
    return db.session.scalars(select(JobRun).order_by(JobRun.name)).all()
