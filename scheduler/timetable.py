"""Which job runs how often. Jobs select what is due and not yet done, so a missed or doubled tick is harmless."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from grants.db import DatabaseClock, transaction
from grants.kernel.clock import Clock
from grants.reminders import services as reminders
from scheduler.jobs import JOBS, Job
from scheduler.leader import Leader

log = logging.getLogger(__name__)


def run(app: Flask, conninfo: str, *, clock: Clock | None = None) -> None:
    """Tick until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    leader = Leader(conninfo)
    timetable = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    for job in JOBS:
        first = datetime.now().astimezone()
        timetable.add_job(
            tick, IntervalTrigger(seconds=job.every), args=[app, job, leader.leads, clock], id=job.name,
            next_run_time=first, misfire_grace_time=None,
        )  # fmt: skip
    timetable.start()
    stop.wait()
    timetable.shutdown(wait=True)
    leader.release()


def tick(app: Flask, job: Job, leads: Callable[[], bool], clock: Clock | None) -> dict[str, Any] | None:
    """One run of one job, where this process leads: its counts, which the page of jobs shows."""
    if not leads():
        return None
    with app.app_context():
        now = (clock or DatabaseClock()).now()
        counts: dict[str, Any] = {}
        error = ""
        try:
            with transaction():
                counts = job.do(app, now)
        except Exception as problem:  # one failing job must not end the timetable
            log.exception("job %s failed", job.name)
            error = f"{type(problem).__name__}: {problem}"[:300]
        with transaction():
            ended = (clock or DatabaseClock()).now()
            reminders.record_run(
                job.name, started_at=now, ended_at=ended, every=job.every, counts=counts, error=error,
                host=socket.gethostname(),
            )  # fmt: skip
        return counts
