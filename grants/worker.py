"""The worker: runs queued tasks and delivers letters. Any number may run on any number of machines."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal

import procrastinate
from flask import Flask

from grants.assigning import likeness
from grants.calls import part_b
from grants.db import DatabaseClock, transaction
from grants.documents import services as documents
from grants.evaluation import offline_jobs
from grants.evaluation import services as evaluation
from grants.experts import services as experts
from grants.experts import sheet_jobs as expert_sheets
from grants.kernel.clock import SystemClock
from grants.notifications.delivery import SmtpMailer, deliver
from grants.organisations import services as organisations
from grants.proposals import blindness, printing, sealing, sheet_jobs, shortening
from grants.queue import conninfo, defer
from grants.ranking import sealing as ranking_sealing
from grants.settings import Settings
from grants.similarity import comparing
from grants.similarity import services as similarity

log = logging.getLogger(__name__)
#: How often the outbox is looked at when it was empty, in seconds.
PAUSE = 2.0
#: How often to look for jobs whose worker was killed, in seconds; a worker is taken for dead after 30.
LOOK_EVERY = 15.0
#: How long the queue waits for a connection before the database counts as away, in seconds; a worker that is asked to
#: end waits as long.
AWAY = 10.0
#: Where pages and tasks share processors, pages come first: somebody waits for each. Not much more, since before a
#: deadline people also wait for the check of their files.
NICE = 5


def tasks_of(app: Flask, settings: Settings) -> procrastinate.App:
    """All tasks, by the names that services defer. Each is thin: a transaction around one service call."""
    connector = procrastinate.PsycopgConnector(conninfo=conninfo(settings), timeout=AWAY)
    queue = procrastinate.App(connector=connector)
    again = procrastinate.RetryStrategy(max_attempts=12, exponential_wait=2)

    @queue.task(name="check_document", retry=again)
    def check_document(document_id: int) -> None:
        with app.app_context(), transaction():
            documents.check(document_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="shorten_part_b", retry=again)
    def shorten_part_b(document_id: int, page_limit: int, blind: int = 0) -> None:
        store, now = app.extensions["store"], SystemClock().now()
        with app.app_context(), transaction():
            shortening.make(document_id, page_limit, blind, store=store, now=now)

    @queue.task(name="read_part_b", retry=again)
    def read_part_b(document_id: int) -> None:
        with app.app_context(), transaction():
            blindness.read_part_b(document_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="export_budget", retry=again)
    def export_budget(sheet_id: int) -> None:
        with app.app_context(), transaction():
            sheet_jobs.export(sheet_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="import_budget", retry=again)
    def import_budget(sheet_id: int) -> None:
        with app.app_context(), transaction():
            sheet_jobs.take_over(sheet_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="export_reports", retry=again)
    def export_reports(form_id: int) -> None:
        with app.app_context(), transaction():
            offline_jobs.export(form_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="import_reports", retry=again)
    def import_reports(form_id: int) -> None:
        with app.app_context(), transaction():
            offline_jobs.take_in(form_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="make_part_b_template", retry=again)
    def make_part_b_template(topic_id: int) -> None:
        with app.app_context(), transaction():
            part_b.make(topic_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="compare_organisations", retry=again)
    def compare_organisations(after: int) -> None:
        with app.app_context(), transaction():
            last = organisations.compare_all(now=SystemClock().now(), after=after)
            if last is not None:
                defer("compare_organisations", after=last)

    @queue.task(name="sign_receipt", retry=again)
    def sign_receipt(submission_id: int) -> None:
        with app.app_context():
            sealing.seal(submission_id, settings=settings, store=app.extensions["store"], clock=SystemClock())

    @queue.task(name="assign_experts", retry=again)
    def assign_experts(run_id: int) -> None:
        from grants.assigning import running  # noqa: PLC0415 a hundred megabytes that most workers never need

        with app.app_context():
            running.run(run_id, clock=SystemClock())

    @queue.task(name="compare_experts", retry=again)
    def compare_experts(topic_id: int) -> None:
        with app.app_context(), transaction():
            likeness.compare(topic_id, now=SystemClock().now())

    @queue.task(name="take_over_assignment", retry=again)
    def take_over_assignment(run_id: int, actor_id: int) -> None:
        from grants.assigning import running  # noqa: PLC0415

        with app.app_context():
            running.take_over(run_id, actor_id, clock=SystemClock())

    @queue.task(name="export_experts", retry=again)
    def export_experts(sheet_id: int) -> None:
        with app.app_context(), transaction():
            expert_sheets.export(sheet_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="read_experts", retry=again)
    def read_experts(sheet_id: int) -> None:
        with app.app_context(), transaction():
            expert_sheets.read(sheet_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="import_experts", retry=again)
    def import_experts(sheet_id: int) -> None:
        with app.app_context(), transaction():
            expert_sheets.take_over(sheet_id, store=app.extensions["store"], now=SystemClock().now())

    @queue.task(name="index_expert", retry=again)
    def index_expert(account_id: int) -> None:
        with app.app_context(), transaction():
            experts.index_account(account_id)

    @queue.task(name="recheck_conflicts", retry=again)
    def recheck_conflicts(kind: str, identity: int) -> None:
        with app.app_context(), transaction():
            evaluation.recheck(kind, identity, now=SystemClock().now())

    @queue.task(name="calibrate", retry=again)
    def calibrate(calibration_id: int) -> None:
        from grants.ranking import calibrating  # noqa: PLC0415 as above

        with app.app_context(), transaction():
            calibrating.calibrate(calibration_id, now=SystemClock().now())

    @queue.task(name="fill_portfolio", retry=again)
    def fill_portfolio(ranking_id: int, inputs_sha256: str) -> None:
        from grants.ranking import portfolios  # noqa: PLC0415 as above

        with app.app_context(), transaction():
            portfolios.fill(ranking_id, inputs_sha256, now=SystemClock().now())

    @queue.task(name="look_ahead", retry=again)
    def look_ahead(what_if_id: int) -> None:
        from grants.ranking import portfolios  # noqa: PLC0415 as above

        with app.app_context(), transaction():
            portfolios.look_ahead(what_if_id)

    @queue.task(name="sign_ranking", retry=again)
    def sign_ranking(ranking_id: int) -> None:
        with app.app_context(), transaction():
            ranking_sealing.seal(ranking_id, settings=settings, now=SystemClock().now())

    @queue.task(name="make_papers", retry=again)
    def make_papers(submission_id: int) -> None:
        with app.app_context(), transaction():
            printing.make_papers(submission_id, settings=settings, store=app.extensions["store"], clock=SystemClock())

    @queue.task(name="make_preview", retry=again)
    def make_preview(proposal_id: int) -> None:
        with app.app_context(), transaction():
            printing.make_preview(proposal_id, settings=settings, store=app.extensions["store"], clock=SystemClock())

    @queue.task(name="compare_texts", retry=again)
    def compare_texts() -> None:
        with app.app_context(), transaction():
            now = DatabaseClock().now()
            if comparing.compare_pending(store=app.extensions["store"], now=now):
                similarity.ask_for_comparisons(now=now)  # what did not fit into this run

    return queue


async def _deliver_for_ever(app: Flask, settings: Settings, stop: asyncio.Event) -> None:
    mailer = SmtpMailer(settings.smtp_url, sender=settings.mail_from)

    def one_round() -> int:
        with app.app_context():
            return deliver(clock=SystemClock(), mailer=mailer)

    while not stop.is_set():
        try:
            tried = await asyncio.to_thread(one_round)
        except Exception:  # the loop must live: the database may be away for a while
            log.exception("delivery failed, trying again")
            tried = 0
        if not tried:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE)


async def _work_for_ever(queue: procrastinate.App, concurrency: int, stop: asyncio.Event) -> None:
    """Run what is queued. Where the database ends, begin anew as soon as it is back.

    Ends by being cancelled once ``stop`` is set. Where the database is away, the queue turns the cancelling into an
    error of its own: then ``stop`` ends the loop.
    """
    while not stop.is_set():
        try:
            async with queue.open_async():
                resumed = asyncio.create_task(_resume_for_ever(queue))
                try:
                    await queue.run_worker_async(concurrency=concurrency, install_signal_handlers=False)
                finally:
                    resumed.cancel()
        except Exception:  # the worker must live: the database may be away for a while
            log.exception("the queue does not answer, trying again")
        await asyncio.sleep(PAUSE)


async def _resume_for_ever(queue: procrastinate.App) -> None:
    """Queue again what a worker had begun when it was killed: its heart has not beaten for a while."""
    while True:
        with contextlib.suppress(procrastinate.exceptions.ConnectorException):
            for job in await queue.job_manager.get_stalled_jobs():
                log.warning("job %s of a worker that is gone is queued again", job.id)
                await queue.job_manager.retry_job(job)
        await asyncio.sleep(LOOK_EVERY)


async def _until_asked_to_end(app: Flask, settings: Settings, concurrency: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await _until(stop, app, settings, concurrency)


async def _until(stop: asyncio.Event, app: Flask, settings: Settings, concurrency: int) -> None:
    delivery = asyncio.create_task(_deliver_for_ever(app, settings, stop))
    jobs = asyncio.create_task(_work_for_ever(tasks_of(app, settings), concurrency, stop))
    await stop.wait()
    jobs.cancel()
    await asyncio.gather(jobs, delivery, return_exceptions=True)


def run(app: Flask, settings: Settings, *, concurrency: int = 2) -> None:
    """Work until SIGTERM or SIGINT; a task that runs is finished first."""
    os.nice(NICE)
    asyncio.run(_until_asked_to_end(app, settings, concurrency))
