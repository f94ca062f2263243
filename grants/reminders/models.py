"""Runs of the scheduler's jobs: what the page of jobs shows."""

from __future__ import annotations

from sqlalchemy import String

from grants.db import Base, Instant, Json, Mapped, mapped_column


class JobRun(Base):
    """The last run of each job, and when the next one is expected. One row for each job."""

    __tablename__ = "job_run"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    started_at: Mapped[Instant | None]  # None: it never ran
    ended_at: Mapped[Instant | None]  # None: running, or it never ended
    next_at: Mapped[Instant | None]  # None: no scheduler is running
    counts: Mapped[Json] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="", server_default="")
    host: Mapped[str] = mapped_column(String(120), default="", server_default="")
