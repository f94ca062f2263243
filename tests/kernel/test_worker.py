"""What a killed worker had begun is begun again; an outage of the database ends no worker."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url, text

from grants import worker
from grants.app import Options, create_app
from grants.db import db, transaction
from grants.queue import AWAITED, URGENT, conninfo, defer


@pytest.fixture(scope="module")
def site(migrated, settings) -> Iterator[Flask]:
    """An application with a queue of its own."""
    url = migrated()
    app = create_app(replace(settings, database_url=url), Options(testing=True))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def job(site: Flask) -> Iterator[int]:
    """A receipt of a version that there is not: the task finds nothing to do."""
    with site.app_context():
        with transaction():
            defer("sign_receipt", submission_id=1)
        yield db.session.execute(text("SELECT max(id) FROM procrastinate_jobs")).scalar_one()


def state(job: int) -> str:
    db.session.rollback()
    return db.session.execute(text(f"SELECT status FROM procrastinate_jobs WHERE id = {job}")).scalar_one()


async def until(job: int, wanted: str) -> None:
    async with asyncio.timeout(20):
        while state(job) != wanted:
            await asyncio.sleep(0.05)


def in_a_loop_of_its_own(work: Coroutine[None, None, None]) -> None:
    """In another thread: where pages are tested by the same process, this one runs the browser's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, asyncio.run, work).result()


def test_what_a_killed_worker_had_begun_is_queued_again(site, job):
    with transaction():  # its worker's row is pruned once its heart has not beaten for long
        db.session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL"))

    async def look() -> None:
        async with (queue := worker.tasks_of(site, site.extensions["settings"])).open_async():
            looking = asyncio.create_task(worker._resume_for_ever(queue))
            await until(job, "todo")
            looking.cancel()

    in_a_loop_of_its_own(look())


@pytest.mark.slow
def test_a_worker_goes_on_after_the_database_ended_its_connections(site, job):
    async def work() -> None:
        settings = site.extensions["settings"]
        working = asyncio.create_task(worker._work_for_ever(worker.tasks_of(site, settings), 1, asyncio.Event()))
        await until(job, "succeeded")
        with psycopg.connect(conninfo(settings), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with suppress(Exception):
            state(job)  # this connection is gone too
        with transaction():
            defer("sign_receipt", submission_id=1)
        await until(job + 1, "succeeded")
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    in_a_loop_of_its_own(work())


@pytest.mark.slow
@pytest.mark.parametrize("later", [0, 1.5], ids=["in the same moment", "while it tries again"])
def test_a_worker_that_is_asked_to_end_ends_while_the_database_is_away(site, job, later):
    settings = site.extensions["settings"]
    name = make_url(settings.database_url).database
    elsewhere = psycopg.conninfo.make_conninfo(conninfo(settings), dbname="postgres")

    async def work() -> None:
        stop = asyncio.Event()
        working = asyncio.create_task(worker._until(stop, site, settings, 1))
        await until(job, "succeeded")
        with psycopg.connect(elsewhere, autocommit=True) as other:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            try:
                other.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
                )
                await asyncio.wait([working], timeout=later)
                stop.set()
                async with asyncio.timeout(3 * worker.AWAY):
                    await working
            finally:
                other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        with suppress(Exception):
            state(job)  # this connection is gone too

    in_a_loop_of_its_own(work())


def test_checks_of_files_come_before_receipts_and_those_before_other_work(site, job):
    with transaction():
        defer("sign_receipt", priority=AWAITED, submission_id=2)
        defer("sign_receipt", priority=URGENT, submission_id=3)
    fetch = text("SELECT (args ->> 'submission_id')::int FROM procrastinate_fetch_job_v2(NULL, NULL)")
    order = [db.session.execute(fetch).scalar_one() for _ in range(3)]
    db.session.rollback()
    assert order == [3, 2, 1]
