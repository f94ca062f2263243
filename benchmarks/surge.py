"""The last minutes before a deadline: 300 applicants save every few seconds and hand in, two web workers, the worker
signs meanwhile. Afterwards every word of the server is held against the database.

Before the crowd, ``submit_ratio``: submits per second of 16 kept-alive connections, each with drafts of its own, over
the bare versioned UPDATE with an audit row, served by the same gunicorn with as many workers; alternating rounds, the
median of the paired ratios.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import create_engine

from benchmarks import crowd, ledger, reference
from benchmarks.http import Answer, Browser
from benchmarks.pages import token_of
from benchmarks.place import ROOT, Place, Seat, answers, free_port, place
from benchmarks.runner import Benchmark, Goal, say

CONNECTIONS = 16
#: Rows of the bare table; each connection has its own.
BARE_ROWS = 3_000


@dataclass(frozen=True, slots=True)
class Size:
    """From the environment: SURGE_APPLICANTS, SURGE_SECONDS (to the deadline), SURGE_CROWD (its last part, in which
    everybody hands in), SURGE_EVERY (between two saves), SURGE_ROUNDS (of the ratio)."""

    applicants: int = 300
    seconds: float = 75
    crowd: float = 60
    every: float = 5
    rounds: int = 5
    each: float = 2

    @classmethod
    def given(cls) -> Size:
        """The defaults where nothing is set."""
        given, usual = os.environ, cls()
        return cls(
            int(given.get("SURGE_APPLICANTS", usual.applicants)), float(given.get("SURGE_SECONDS", usual.seconds)),
            float(given.get("SURGE_CROWD", usual.crowd)), float(given.get("SURGE_EVERY", usual.every)),
            int(given.get("SURGE_ROUNDS", usual.rounds)),
        )  # fmt: skip


def figures(size: Size | None = None) -> dict[str, float]:
    """The ratio, then the crowd, then the ledger."""
    size = size or Size.given()
    with own_database() as url, own_database() as other, tempfile.TemporaryDirectory() as folder:
        say(f"filling {size.applicants} drafts")
        with place(url, Path(folder), size.applicants, spare=CONNECTIONS) as made:
            found = ratio(made, other, size)
            made.forget()
            made.watch_worker()
            return found | surge(made, size)


def surge(made: Place, size: Size) -> dict[str, float]:
    """The crowd, and what became of it."""
    start = time.monotonic() + 1
    deadline = datetime.now(UTC) + timedelta(seconds=size.seconds + 1)
    made.set_deadline(deadline)
    timing = crowd.Timing(size.seconds - size.crowd, size.seconds, size.every)
    said, tally = crowd.apart(crowd.run(made.seats, made.port, timing, start, seed=1))
    say(f"answers that nobody should get: {tally.errors or 'none'}; waiting for the receipts")
    memory, waited = made.memory_mb(), ledger.receipts_signed(made)
    verdict = ledger.judge(made, said, deadline)
    return described(tally, start + size.seconds) | verdict.figures() | {
        "errors": sum(tally.errors.values()) + tally.away + tally.unfinished, "web_worker_mb": memory,
        "receipts_after_s": round(waited, 1),
    }  # fmt: skip


def described(tally: crowd.Tally, deadline: float) -> dict[str, float]:
    """Times and numbers of a crowd."""
    busiest = sum(1 for moment in tally.moments if deadline - 10 <= moment < deadline + 2)
    found: dict[str, float] = {
        "submits": len(tally.submits), "submits_per_s_last_10_s": round(busiest / 10, 1), "saves": len(tally.saves),
        "retried": tally.retried, "submits_too_late": tally.late.get("submit", 0),
    }  # fmt: skip
    for name, taken in (("submit", tally.submits), ("save", tally.saves)):
        cuts = statistics.quantiles(taken, n=100, method="inclusive") if len(taken) > 1 else [0.0] * 99
        found |= {f"{name}_p{part}_s": round(cuts[part - 1], 3) for part in (50, 95, 99)}
    return found


@contextmanager
def own_database() -> Iterator[str]:
    """An empty database on the server of the tests, dropped afterwards."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        raise SystemExit("TEST_DATABASE_URL is not set: start with `make bench`")
    name = f"grants_bench_{uuid4().hex[:10]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield server.replace("/postgres", f"/{name}", 1).replace("postgresql:", "postgresql+psycopg:", 1)
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def ratio(made: Place, bare_url: str, size: Size) -> dict[str, float]:
    """Submits per second over the bare save, and both."""
    ours, bare = [], []
    with bare_server(bare_url, made) as port:
        for number in range(size.rounds + 1):
            say(f"ratio, round {number} of {size.rounds}")
            pair = (
                crowd.apart(_rate(bare_saves(port), size.each)),
                crowd.apart(_rate(submits(made.spare, made.port), size.each)),
            )
            if number:  # the first round only fills caches
                bare.append(pair[0])
                ours.append(pair[1])
    return {
        "submit_ratio": round(statistics.median(a / b for a, b in zip(ours, bare, strict=True)), 3),
        "capacity_submits_per_s": round(statistics.median(ours), 1),
        "bare_saves_per_s": round(statistics.median(bare), 1),
    }


@contextmanager
def bare_server(url: str, made: Place) -> Iterator[int]:
    """The reference behind the same server."""
    engine = create_engine(url)
    reference.fill(engine, BARE_ROWS)
    engine.dispose()
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", f"benchmarks.reference:connected('{url}')", "--bind", f"127.0.0.1:{port}",
        "--workers", str(made.settings.web_workers), "--threads", "4", "--worker-class", "gthread", "--log-level",
        "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        answers(f"http://127.0.0.1:{port}/list")
        yield port
    finally:
        process.terminate()
        process.wait()


#: A request, and the browser that makes it.
Act = tuple[Callable[[], Awaitable[Answer]], Browser]


def bare_saves(port: int) -> list[Callable[[], Awaitable[Act]]]:
    """One act for each connection."""

    async def ready(row: int) -> Act:
        browser = Browser(port, "")
        return (lambda: browser.post("/save", {"row": str(row), "content": "Words. " * 400})), browser

    return [lambda row=row: ready(row) for row in range(1, CONNECTIONS + 1)]  # type: ignore[misc]


def submits(seats: list[Seat], port: int) -> list[Callable[[], Awaitable[Act]]]:
    """One act for each connection, each time another version of one of its drafts."""

    async def ready(seat: Seat) -> Act:
        browser, path = Browser(port, seat.cookie), f"/proposals/{seat.number}/submit"
        token = token_of((await browser.get(path)).body)
        browser.keep = False  # a browser would show, and so forget, each message
        return (lambda: browser.post(path, {"csrf_token": token, "key": str(uuid4()), "declared": "y"})), browser

    return [lambda seat=seat: ready(seat) for seat in seats]  # type: ignore[misc]


async def _rate(made: list[Callable[[], Awaitable[Act]]], seconds: float) -> float:
    """Answers per second of all acts at once, each again as soon as it is answered."""
    acts = [await each() for each in made]
    end = time.perf_counter() + seconds

    async def go_on(act: Act) -> int:
        count = 0
        while time.perf_counter() < end:
            answer = await act[0]()
            assert answer.status in {200, 302}, (answer.status, answer.body[:300])
            count += 1
        return count

    start = time.perf_counter()
    counts = await asyncio.gather(*(go_on(act) for act in acts))
    rate = sum(counts) / (time.perf_counter() - start)
    for _, browser in acts:
        await browser.close()
    return rate


BENCHMARK = Benchmark(
    "surge",
    (
        Goal("lost", 0, at_least=False), Goal("doubled", 0, at_least=False), Goal("errors", 0, at_least=False),
        Goal("taken_late", 0, at_least=False), Goal("receipts_unverified", 0, at_least=False),
        Goal("chain_breaks", 0, at_least=False), Goal("submit_p99_s", 2, at_least=False),
    ),
    figures,
)  # fmt: skip
