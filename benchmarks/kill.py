"""The same crowd as in ``surge`` on a bad day: a web worker is killed every few seconds, the worker that signs once,
and PostgreSQL ends once as in a power cut. Its server is its own, with fsync and synchronous_commit on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from benchmarks import crowd, ledger
from benchmarks.place import Place, answers, free_port, place
from benchmarks.runner import Benchmark, Goal, say
from benchmarks.surge import described


@dataclass(frozen=True, slots=True)
class Size:
    """From the environment: KILL_APPLICANTS, KILL_SECONDS (to the deadline), KILL_CROWD (its last part, in which
    everybody hands in), KILL_EVERY (between two saves), KILL_PAUSE (between two kills)."""

    applicants: int = 150
    seconds: float = 75
    crowd: float = 60
    every: float = 5
    pause: float = 3

    @classmethod
    def given(cls) -> Size:
        """The defaults where nothing is set."""
        given, usual = os.environ, cls()
        return cls(
            int(given.get("KILL_APPLICANTS", usual.applicants)), float(given.get("KILL_SECONDS", usual.seconds)),
            float(given.get("KILL_CROWD", usual.crowd)), float(given.get("KILL_EVERY", usual.every)),
            float(given.get("KILL_PAUSE", usual.pause)),
        )  # fmt: skip


class Postgres:
    """A server of our own under a folder, which may be ended and started again."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name))
        if not found:
            raise SystemExit("there is no PostgreSQL server under /usr/lib/postgresql: start with `make bench`")
        self.bin, self.data, self.port = found[-1], folder / "pg", free_port()

    def begin(self) -> str:
        """Make and start it; the address of an empty database."""
        self.data.mkdir()
        if os.getuid() == 0:  # the server refuses to run as root
            subprocess.run(["chown", "postgres", str(self.data)], check=True)
            self.data.parent.chmod(0o711)
        self._run("initdb", "-U", "grants", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "grants"]
        self._as_owner([str(self.bin / "createdb"), *where, "grants"])
        return f"postgresql+psycopg://grants@127.0.0.1:{self.port}/grants"

    def start(self) -> None:
        """Returns when it answers. fsync and synchronous_commit are on, as they are unless told otherwise."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.data} -c fsync=on -c synchronous_commit=on"
        self._run("pg_ctl", "-w", "-l", str(self.data / "log"), "-o", options, "start")

    def end(self, mode: str = "fast") -> None:
        """``immediate`` as a power cut would; starting recovers from the log then."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def _run(self, program: str, *arguments: str) -> None:
        self._as_owner([str(self.bin / program), "-D", str(self.data), *arguments])

    def _as_owner(self, command: list[str]) -> None:
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@dataclass
class Damage:
    """What was done. ``recovered_s``: from the end of PostgreSQL's start to the first page from the database."""

    web: int = 0
    worker: int = 0
    postgres: int = 0
    recovered_s: float = 0.0


def figures(size: Size | None = None) -> dict[str, float]:
    """The crowd under fire, then the ledger."""
    size = size or Size.given()
    with own_server() as server, tempfile.TemporaryDirectory() as folder:
        url = server.begin()
        say(f"filling {size.applicants} drafts")
        with place(url, Path(folder), size.applicants) as made:
            made.watch_worker()
            return bad_day(made, server, size)


@contextmanager
def own_server() -> Iterator[Postgres]:
    """The server under a folder of its own; it is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):
                server.end("immediate")


def bad_day(made: Place, server: Postgres, size: Size) -> dict[str, float]:
    """The crowd, and what became of it."""
    start = time.monotonic() + 1
    deadline = datetime.now(UTC) + timedelta(seconds=size.seconds + 1)
    made.set_deadline(deadline)
    timing = crowd.Timing(size.seconds - size.crowd, size.seconds, size.every)
    over, damage = Event(), Damage()
    trouble = Thread(target=harm, args=(made, server, size, over, damage))
    trouble.start()
    try:
        said, tally = crowd.apart(crowd.run(made.seats, made.port, timing, start, seed=2))
    finally:
        over.set()
        trouble.join()
    say(f"answers that nobody should get: {tally.errors or 'none'}; waiting for the receipts")
    memory, waited = made.memory_mb(), ledger.receipts_signed(made)
    verdict = ledger.judge(made, said, deadline)
    return described(tally, start + size.seconds) | verdict.figures() | {
        "errors": sum(tally.errors.values()) + tally.unfinished, "answers_503": tally.away,
        "web_kills": damage.web, "worker_kills": damage.worker, "postgres_restarts": damage.postgres,
        "recovered_s": round(damage.recovered_s, 2), "web_worker_mb": memory, "receipts_after_s": round(waited, 1),
    }  # fmt: skip


def harm(made: Place, server: Postgres, size: Size, over: Event, damage: Damage) -> None:
    """Kill until it is over: PostgreSQL in the middle of the crowd, the worker once soon after."""
    chance, began = random.Random(3), time.monotonic()
    middle = size.seconds - size.crowd / 2
    while not over.wait(size.pause * chance.uniform(0.5, 1.5)):
        gone = time.monotonic() - began
        if not damage.postgres and gone > middle:
            server.end("immediate")
            server.start()
            damage.recovered_s = answers(f"http://127.0.0.1:{made.port}/topics/{made.topic}")
            damage.postgres += 1
        elif not damage.worker and gone > middle + size.pause and made.worker is not None:
            made.worker.kill()
            damage.worker += 1
        elif workers := made.web_workers():
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                damage.web += 1


BENCHMARK = Benchmark(
    "kill",
    (
        Goal("lost", 0, at_least=False), Goal("doubled", 0, at_least=False), Goal("errors", 0, at_least=False),
        Goal("taken_late", 0, at_least=False), Goal("receipts_unverified", 0, at_least=False),
        Goal("chain_breaks", 0, at_least=False), Goal("recovered_s", 5, at_least=False),
    ),
    figures,
)  # fmt: skip
