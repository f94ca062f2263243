"""The program as it runs in production, on a database of its own: gunicorn with two workers, the worker that signs
receipts, a mail server that takes every letter. 127.0.0.1 only."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, text

from benchmarks.documents import FRAME, content
from benchmarks.filling import topic_of
from grants.accounts import services as accounts
from grants.accounts.models import Account
from grants.app import Options, create_app
from grants.calls.models import Programme, Topic
from grants.db import db
from grants.local import database
from grants.local.run import environment, web_server
from grants.proposals import part_a
from grants.proposals.models import Participant
from grants.settings import Settings, load
from tests.factories.proposals import draft
from uploads.intake import keep

ROOT = Path(__file__).resolve().parents[1]
#: Organisations in each proposal, each with its row of the budget.
PARTNERS = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """What one applicant has: a draft that could be handed in, a row of its budget, a cookie of an open session."""

    number: int
    participant: int
    cookie: str


@dataclass
class Place:
    """The running program. ``spare``: seats of nobody in the crowd; ``restarted``: how often the worker was."""

    app: Flask
    settings: Settings
    topic: str
    seats: list[Seat]
    spare: list[Seat] = field(default_factory=list)
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    restarted: int = 0
    _over: Event = field(default_factory=Event)

    @property
    def port(self) -> int:
        """Where the web server listens."""
        return self.settings.port

    def environment(self) -> dict[str, str]:
        """Of all processes."""
        own = {"SECRET_KEY": self.settings.secret_key, "FUNDER_NAME": self.settings.funder_name, "LOG_LEVEL": "ERROR"}
        return environment(self.settings) | own

    def start_web(self) -> None:
        """As ``grants serve`` starts it; returns when it answers."""
        self.web = subprocess.Popen(web_server(self.settings), env=self.environment(), cwd=ROOT)
        answers(f"http://127.0.0.1:{self.port}/readyz")

    def watch_worker(self) -> None:
        """As ``grants worker``, started again whenever it ends, as every supervisor does."""
        command = [sys.executable, "-m", "grants.cli", "worker"]

        def watch() -> None:
            while not self._over.is_set():
                self.worker = subprocess.Popen(command, env=self.environment(), cwd=ROOT)
                self.worker.wait()
                if not self._over.wait(1):
                    self.restarted += 1

        Thread(target=watch, daemon=True).start()

    def web_workers(self) -> list[int]:
        """Process ids of gunicorn's workers."""
        if self.web is None:
            return []
        with suppress(OSError):
            listed = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text()
            return [int(each) for each in listed.split()]
        return []

    def memory_mb(self) -> float:
        """The largest resident memory of a web worker, in MiB."""
        sizes = [0]
        for pid in self.web_workers():
            with suppress(OSError):
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                sizes += [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
        return round(max(sizes) / 1024, 1)

    def set_deadline(self, at: datetime) -> None:
        """Of the one topic, for everybody."""
        with self.app.app_context():
            moved = {"at": at, "topic": self.topic}
            db.session.execute(
                text("UPDATE topic SET deadline = :at, first_deadline = :at WHERE identifier = :topic"), moved
            )
            db.session.execute(text("UPDATE topic_deadline SET at = :at"), moved)
            db.session.commit()
            db.session.remove()

    def forget(self) -> None:
        """Queued work and letters so far."""
        with self.app.app_context():
            for table in ("procrastinate_jobs", "letter"):
                db.session.execute(text(f"TRUNCATE {table} CASCADE"))
            db.session.commit()
            db.session.remove()

    def stop(self) -> None:
        """Everything that was started."""
        self._over.set()
        for process in (self.web, self.worker):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.web, self.worker):
            if process is not None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(40)
                process.kill()


class Sink:
    """A mail server that takes everything."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802
        """aiosmtpd gives each letter here."""
        return "250 kept"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str, patience: float = 60) -> float:
    """Wait until an address answers 200; the seconds that it took. Raises TimeoutError."""
    start = time.monotonic()
    while time.monotonic() < start + patience:
        with suppress(OSError, urllib.error.HTTPError), urllib.request.urlopen(address, timeout=5):
            return time.monotonic() - start
        time.sleep(0.05)
    raise TimeoutError(f"{address} does not answer")


@contextmanager
def place(url: str, folder: Path, applicants: int, *, spare: int = 0) -> Iterator[Place]:
    """Fill a database and start everything but the worker; all is stopped in the end."""
    database.upgrade(url)
    with ExitStack() as life:
        sink = Controller(Sink(), hostname="127.0.0.1", port=free_port())
        sink.start()
        life.callback(sink.stop)
        port = free_port()
        settings = load(
            {
                "DATABASE_URL": url.replace("+psycopg", ""), "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR",
                "SECRET_KEY": "a secret of the benchmark, long enough", "PORT": str(port),
                "SMTP_URL": f"smtp://127.0.0.1:{sink.port}", "FUNDER_NAME": "Measured Fund",
            }
        )  # fmt: skip
        app = create_app(replace(settings, log_level="ERROR"), Options())
        app.extensions["store"].prepare()
        life.callback(_close, app)
        seats = fill(app, applicants + spare)
        made = Place(app, settings, "SURGE-01", seats[:applicants], seats[applicants:])
        life.callback(made.stop)
        made.start_web()
        yield made


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def fill(app: Flask, applicants: int) -> list[Seat]:
    """As many people, each signed in and main contact of a draft with nothing missing."""
    now = datetime.now(UTC)
    seats = []
    with app.app_context():
        made = topic_of(Programme(code="SURGE", title="Measured"), "SURGE", now - timedelta(days=2), _far(now))
        db.session.add(made)
        db.session.flush()
        for number in range(1, applicants + 1):
            seats.append(_seat(app, made, number, now))
            if number % 50 == 0:
                db.session.commit()
                db.session.expunge_all()
                made = db.session.scalars(select(Topic)).one()
        whole = part_a.pdf(content(0), FRAME)
        key = keep(app.extensions["store"].storage, whole, "application/pdf")
        facts = {"key": key, "sha256": key.rpartition("/")[2], "size": len(whole)}
        db.session.execute(text("UPDATE document SET object_key = :key, sha256 = :sha256, size = :size"), facts)
        db.session.commit()
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        db.session.remove()
    return seats


def _far(now: datetime) -> datetime:
    return now + timedelta(days=60)


def _seat(app: Flask, topic: Topic, number: int, now: datetime) -> Seat:
    contact = Account(
        email=f"applicant{number}@bench.example", name=f"Applicant {number}", password_hash="!", created_at=now,
        confirmed_at=now,
    )  # fmt: skip
    db.session.add(contact)
    db.session.flush()
    proposal = draft(topic, main_contact=contact, partners=PARTNERS)
    token = accounts.open_session(contact, now=now, address="127.0.0.1", browser="benchmark")
    first = select(Participant.id).where(Participant.proposal_id == proposal.id, Participant.position == 1)
    return Seat(proposal.number, db.session.scalars(first).one(), cookie_of(app, token))


def cookie_of(app: Flask, token: str) -> str:
    """The session's cookie as a browser would hold it."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return f"{app.config['SESSION_COOKIE_NAME']}={cookie.value}"
