"""Real pages over the bare platform, with 100, 1,000 and 10,000 proposals in one topic.

Requests go through the whole program (session, rights, tokens, transactions, templates) in one process, one after
the other, alternating with the reference, so that both meet the same machine. No network and no server between.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text

from benchmarks.filling import Filled, fill
from benchmarks.reference import bare
from benchmarks.runner import Benchmark, Goal, say
from grants.app import Options, create_app
from grants.db import db, transaction
from grants.kernel.memory import starting
from grants.local import database
from grants.proposals.models import Proposal
from grants.settings import load
from grants.web.listing import encode
from tests.factories.proposals import answer_part_a

SIZES = (100, 1_000, 10_000)
#: What changes something; their statements are told, the goal is for pages and the save of a field.
ACTIONS = {"submit", "submit_review"}
ROUNDS = 7
EACH = 20
_WORKER = """
import os
from grants.kernel.memory import starting
with starting():
    from grants.app import create_app
    from grants.local import database
    from grants.settings import load
    app = create_app(load(dict(os.environ)))
client = app.test_client()
for _ in range(300):
    for address in ("/", "/calls", "/topics/BENCH-OPEN-01"):
        assert client.get(address).status_code == 200
lines = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmRSS")))
"""


@dataclass
class Site:
    """One program on a database of one size, with somebody signed in for each kind of request."""

    app: Flask
    filled: Filled
    url: str
    count: int

    def client(self, person: str | None) -> FlaskClient:
        """A browser of this person."""
        client = self.app.test_client()
        if person:
            with client.session_transaction() as session:
                session["_user_id"] = self.filled.tokens[person]
        return client

    def cookie(self, client: FlaskClient) -> str:
        """The session's cookie as a header."""
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name)
        assert cookie is not None
        return f"{name}={cookie.value}"

    def page(self, person: str | None, address: str) -> Callable[[], None]:
        """A request that reads."""
        client = self.client(person)

        def ask() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return ask

    def save(self) -> Callable[[], None]:
        """One field of a draft that saves by itself."""
        client, address = self.client("applicant"), f"/proposals/{self.filled.draft}/general"
        page = client.get(address).text
        state = {"version": re.search(r'name="version"[^>]*value="(\d+)"', page).group(1), "count": 0}  # type: ignore[union-attr]
        headers = {"X-Autosave": "1", "X-CSRF-Token": token_of(page)}

        def ask() -> None:
            state["count"] = int(state["count"]) + 1
            form = {"version": str(state["version"]), "title": f"Title {state['count']}"}
            answer = client.post(f"{address}/save", data=form, headers=headers)
            assert answer.status_code == 200, answer.text[:200]
            state["version"] = answer.json["version"]  # type: ignore[index]

        return ask

    def hand_in(self) -> Callable[[], None]:
        """An individual evaluation report, each time another one; all are drafts again at the end of a round."""
        client = self.client("expert")
        headers = {"X-CSRF-Token": token_of(client.get("/evaluation/profile").text)}
        headers["Cookie"] = self.cookie(client)
        plain = self.app.test_client(use_cookies=False)  # a browser would show, and so forget, each message
        waiting: list[int] = []

        def ask() -> None:
            if not waiting:
                self.execute("UPDATE report SET state = 'draft', submitted_at = NULL")
                waiting.extend(self.filled.desk)
            answer = plain.post(f"/evaluation/{waiting.pop()}/submit", headers=headers)
            assert answer.status_code == 302, answer.text[:300]

        return ask

    def submit(self) -> Callable[[], None]:
        """Another version of one proposal, with a Part B that was accepted before."""
        client, number = self.client("applicant"), self.filled.draft
        self.execute(
            "INSERT INTO document (public_id, owner_kind, owner_key, kind, name, state, media_type, size, sha256,"
            " pages, findings, incoming_key, object_key, created_at, accepted_at) VALUES (gen_random_uuid(),"
            f" 'proposal', '{number}', 'part_b', 'b.pdf', 'accepted', 'application/pdf', 10,"
            " repeat('0', 64), 10, '[]', 'i', 'o', now(), now());"
            "INSERT INTO attachment (proposal_id, document_id, kind) SELECT p.id, d.id, 'part_b' FROM proposal p,"
            f" document d WHERE p.number = {number}"
        )
        with self.app.app_context(), transaction():
            answer_part_a(db.session.scalars(select(Proposal).where(Proposal.number == number)).one())
        page = client.get(f"/proposals/{number}/submit").text
        headers = {"X-CSRF-Token": token_of(page), "Cookie": self.cookie(client)}
        plain = self.app.test_client(use_cookies=False)

        def ask() -> None:
            answer = plain.post(
                f"/proposals/{number}/submit", data={"key": str(uuid4()), "declared": "y"}, headers=headers
            )
            assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", answer.text)[-1500:]

        return ask

    def execute(self, statement: str) -> None:
        """Something outside of what is measured."""
        with self.app.app_context():
            db.session.execute(text(statement))
            db.session.commit()


def token_of(page: str) -> str:
    """The token that forms of this session carry."""
    found = re.search(r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def requests_of(site: Site) -> dict[str, Callable[[], None]]:
    """All that is measured, by name."""
    topic, last = site.filled.topic, encode([site.count - 50])
    return {
        "call_list": site.page(None, "/calls"), "topic_page": site.page(None, f"/topics/{site.filled.open_topic}"),
        "own_list": site.page("applicant", "/proposals"),
        "draft_page": site.page("applicant", f"/proposals/{site.filled.draft}/general"),
        "evaluator_list": site.page("expert", "/evaluation"),
        "progress": site.page("manager", f"/manage/topics/{topic}/evaluation"),
        "ranking": site.page("manager", f"/manage/topics/{topic}/ranking"),
        "ranking_last": site.page("manager", f"/manage/topics/{topic}/ranking?after={last}"),
        "save": site.save(), "submit": site.submit(), "submit_review": site.hand_in(),
    }  # fmt: skip


@contextmanager
def sites(sizes: tuple[int, ...]) -> Iterator[tuple[dict[int, Site], Flask, Site]]:
    """A program for each size on a database of its own, and the bare one; all databases are dropped afterwards."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        raise SystemExit("TEST_DATABASE_URL is not set: start with `make bench`")
    names: list[str] = []

    def new() -> str:
        names.append(f"grants_bench_{uuid4().hex[:10]}")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{names[-1]}"')
        return server.replace("/postgres", f"/{names[-1]}", 1).replace("postgresql:", "postgresql+psycopg:", 1)

    with ExitStack() as life, tempfile.TemporaryDirectory() as folder:
        life.callback(lambda: _drop(server, names))
        made = {}
        for count in sizes:
            say(f"filling {count} proposals")
            url = new()
            database.upgrade(url)
            settings = load(
                {
                    "DATABASE_URL": url.replace("+psycopg", ""), "DATA_DIR": folder, "LOG_LEVEL": "ERROR",
                    "SECRET_KEY": "a secret of the benchmark, long enough", "BASE_URL": "http://localhost",
                }
            )  # fmt: skip
            with starting():
                app = create_app(settings, Options())
            made[count] = Site(app, fill(app, count), url, count)
            life.callback(lambda app=app: _close(app))  # type: ignore[misc]
        with starting():
            reference = bare(new())
        life.callback(reference.extensions["engine"].dispose)
        yield made, reference, made[max(sizes)]


def _close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def _drop(server: str, names: list[str]) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def seconds(ask: Callable[[], None], times: int) -> list[float]:
    """How long each of some requests takes."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return found


def counted(site: Site, ask: Callable[[], None]) -> int:
    """How many statements one request takes."""
    seen: list[str] = []
    with site.app.app_context():
        engine = db.engine

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", count)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def figures(sizes: tuple[int, ...] = SIZES, rounds: int = ROUNDS, each: int = EACH) -> dict[str, float]:
    """Everything, alternating between sizes and the reference in each round."""
    with sites(sizes) as (made, reference, _largest):
        asks = {count: requests_of(site) for count, site in made.items()}
        browser = reference.test_client()
        asks_bare: dict[str, Callable[[], None]] = {
            "list": lambda: _bare(browser.get("/list").status_code),
            "save": lambda: _bare(browser.post("/save", data={"content": "Words. " * 400}).status_code),
        }
        say("counting statements")
        queries = {
            count: {name: counted(made[count], ask) for name, ask in named.items()} for count, named in asks.items()
        }
        times: dict[tuple[int, str], list[float]] = {}
        medians: dict[tuple[int, str], list[float]] = {}
        for number in range(rounds + 1):
            say(f"round {number} of {rounds}")
            for name in asks[sizes[0]]:
                for count in sizes:
                    _note(count, name, seconds(asks[count][name], each), times, medians, warm=number > 0)
            for name, ask in asks_bare.items():
                _note(0, name, seconds(ask, each), times, medians, warm=number > 0)
        found = _described(times) | _ratios(sizes, medians, queries)
        found["worker_mb"] = _worker(made[sizes[0]].url)
        return found


def _bare(status: int) -> None:
    assert status == 200


def _note(
    count: int, name: str, taken: list[float], times: dict[tuple[int, str], list[float]],
    medians: dict[tuple[int, str], list[float]], *, warm: bool,
) -> None:  # fmt: skip
    if warm:  # the first round only fills caches
        times.setdefault((count, name), []).extend(taken)
        medians.setdefault((count, name), []).append(statistics.median(taken))


def _described(times: dict[tuple[int, str], list[float]]) -> dict[str, float]:
    """Requests per second and percentiles in milliseconds."""
    found = {}
    for (count, name), taken in times.items():
        cuts = statistics.quantiles(taken, n=100, method="inclusive")
        key = f"{name}_{count}" if count else f"bare_{name}"
        found[f"{key}_rps"] = round(len(taken) / sum(taken), 1)
        found |= {f"{key}_p{part}_ms": round(cuts[part - 1] * 1000, 2) for part in (50, 95, 99)}
    return found


def _ratios(
    sizes: tuple[int, ...], medians: dict[tuple[int, str], list[float]], queries: dict[int, dict[str, int]]
) -> dict[str, float]:
    """Paired by round, the median of the ratios; a speed of 0.6 takes 1/0.6 of the reference's time."""
    few, many = sizes[0], sizes[-1]

    def ratio(one: tuple[int, str], other: tuple[int, str]) -> float:
        pairs = zip(medians[one], medians[other], strict=True)
        return round(statistics.median(a / b for a, b in pairs), 3)

    growing = [name for name in queries[few] if name not in {"call_list", "topic_page"}]
    growth = {name: ratio((many, name), (few, name)) for name in growing}
    growth["ranking_last"] = ratio((many, "ranking_last"), (few, "ranking"))
    return {
        "list_ratio": ratio((0, "list"), (few, "own_list")), "save_ratio": ratio((0, "save"), (few, "save")),
        "submit_review_ratio": ratio((0, "save"), (few, "submit_review")),
        "submit_ratio": ratio((0, "save"), (few, "submit")),
        **{f"growth_{name}": value for name, value in growth.items()}, "growth_10000": max(growth.values()),
        **{f"queries_{name}": float(count) for name, count in queries[many].items()},
        "queries_max": float(max(queries[many][name] for name in queries[many] if name not in ACTIONS)),
        "queries_growth": float(max(queries[many][name] - queries[few][name] for name in queries[few])),
    }  # fmt: skip


def _worker(url: str) -> float:
    """Memory of one process that answered 900 requests, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ, "DATABASE_URL": url.replace("+psycopg", ""), "DATA_DIR": folder, "LOG_LEVEL": "ERROR",
            "SECRET_KEY": "a secret of the benchmark, long enough",
        }  # fmt: skip
        root = Path(__file__).resolve().parents[1]
        done = subprocess.run(
            [sys.executable, "-c", _WORKER], env=environment, capture_output=True, text=True, check=True, cwd=root
        )
    return round(int(done.stdout.split()[-1]) / 1024, 1)


BENCHMARK = Benchmark(
    "pages",
    (
        Goal("list_ratio", 0.6, at_least=True), Goal("save_ratio", 0.6, at_least=True),
        Goal("submit_review_ratio", 0.5, at_least=True), Goal("growth_10000", 1.2, at_least=False),
        Goal("queries_max", 8, at_least=False), Goal("queries_growth", 0, at_least=False),
        Goal("worker_mb", 130, at_least=False),
    ),
    figures,
)  # fmt: skip
