"""The tests' services and fixtures: a real PostgreSQL, cloned for each worker, rolled back after each test."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Connection, make_url
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from grants.app import Options, create_app
from grants.db import db
from grants.kernel.clock import FixedClock
from grants.local import database
from grants.settings import Settings, load
from tests.factories.prepared import address, prepared, state_of
from tests.factories.shared import Grounds

# How long an example takes depends on what else the machine does: speed is measured in benchmarks.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")
expect.set_options(timeout=20_000)  # a walk beside another worker's tests waits longer than alone
#: The instant at which the tests' world stands still: a Tuesday, summer time in Brussels.
NOW = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
#: The pages of Chromium's own address bar: in each new window they take three times the work of a page of ours.
_ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
#: What Playwright switches off. Chromium reads the last list only, so both stand in it.
_AS_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay",
    "HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
)  # fmt: skip
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    f"--disable-features={','.join(_AS_PLAYWRIGHT + _ADDRESS_BAR)}",
]  # fmt: skip


#: Tests of half a minute and more, the longest first. Each that is named is a piece of work of its own.
LONGEST = (
    "test_canary.py::test_nobody", "test_whole_life.py", "journeys/test_applicant.py", "test_canary.py::test_experts",
    "components/test_looks.py", "test_crowd.py", "test_access.py::test_each", "test_runner.py", "test_evaluation.py",
)  # fmt: skip


def pytest_collection_finish() -> None:
    """From here on there is garbage, see ``tests/__init__.py``; what was imported is none."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that no worker waits for one at the end. A file keeps its order."""
    marked = (each for each in items if any(each.get_closest_marker(name) for name in ("browser", "slow")))
    heavy = {each.path for each in marked}

    def turn(each: pytest.Item) -> int:
        found = (at for at, name in enumerate(LONGEST) if name in each.nodeid)
        return next(found, len(LONGEST) if each.path in heavy else len(LONGEST) + 1)

    items.sort(key=turn)


class ByFile(LoadScopeScheduling):
    """A file is one piece of work, with its worlds and its browser; so is a test that ``LONGEST`` names."""

    def _split_scope(self, nodeid: str) -> str:
        alone = any("::" in name and name in nodeid for name in LONGEST)
        return nodeid if alone else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """How the tests are shared out to the workers."""
    return ByFile(config, log)


def in_ci() -> bool:
    """In continuous integration a missing service is a failure."""
    return os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server: the one of ``tools/services``, else the embedded one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    if in_ci():
        pytest.fail("TEST_DATABASE_URL is not set: start the tests with `make test`")
    with ExitStack() as life:
        settings = load({"DATA_DIR": str(tmp_path_factory.mktemp("var"))})
        resolved = life.enter_context(database.embedded(settings))
        url = make_url(resolved.database_url).set(drivername="postgresql", database="postgres")
        yield url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def new_database(server_url: str) -> Iterator[object]:
    """A function that makes an empty database and gives its address; all are dropped at the end."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        name = f"grants_test_{uuid4().hex[:12]}"
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        made.append(name)
        return address(server_url, name)

    yield make
    with psycopg.connect(server_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated(server_url: str, new_database) -> Callable[[], str]:
    """A function that makes a migrated database and gives its address."""
    migrations = [state_of("grants/migrations")]
    return lambda: new_database(prepared(server_url, "migrated", migrations, database.upgrade))


@pytest.fixture(scope="session")
def database_url(migrated: Callable[[], str]) -> str:
    """A migrated database of this worker."""
    return migrated()


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a small installation with the local store."""
    folder = tmp_path_factory.mktemp("var")
    return load(
        {
            "DATABASE_URL": database_url.replace("postgresql+psycopg:", "postgresql:", 1),
            "DATA_DIR": str(folder),
            "SECRET_KEY": "a secret of the tests, long enough to sign with",
            "BASE_URL": "http://localhost",
            "LOG_LEVEL": "ERROR",
            "FUNDER_NAME": "Testing Fund",
        }
    )


@pytest.fixture
def clock() -> FixedClock:
    """The clock that decides deadlines; set ``clock.instant`` to move."""
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def application(settings: Settings) -> Iterator[Flask]:
    """One application for all tests of a worker."""
    app = create_app(settings, Options(testing=True, clock=FixedClock(NOW)))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.extensions["store"].prepare()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def grounds(application: Flask) -> Iterator[Grounds]:
    """Where the tests of a module take place: one connection, whose transaction is undone after the last of them."""
    with application.app_context():
        engine = db.engine
    with engine.connect() as connection:
        keep_prepared(connection)
        outer = connection.begin()
        yield Grounds(connection)
        outer.rollback()


@pytest.fixture
def app(application: Flask, clock: FixedClock, grounds: Grounds) -> Iterator[Flask]:
    """The application inside a savepoint that is undone: commits of services are savepoints of it."""
    application.extensions["clock"] = clock
    with application.app_context(), BoundTo(application, grounds.connection), grounds:
        yield application


def keep_prepared(connection: Connection) -> None:
    """Let the driver keep prepared statements over a savepoint's end, for which it has no setting. A test makes no
    table here, and PostgreSQL would plan every statement of every test anew."""
    driver = connection.connection.driver_connection
    driver._prepared._should_discard = lambda *_: False  # type: ignore[union-attr]
    driver.prepared_max = 2000  # type: ignore[union-attr]


class BoundTo:
    """Every session of the application uses this connection, with savepoints instead of commits."""

    def __init__(self, app: Flask, connection: Connection) -> None:
        self.app, self.connection = app, connection

    def __enter__(self) -> None:
        self.engines = db._app_engines[self.app]
        db._app_engines[self.app] = {None: self.connection}
        self.factory = db.session.session_factory
        db.session.remove()
        self.factory.kw["join_transaction_mode"] = "create_savepoint"

    def __exit__(self, *_: object) -> None:
        db.session.remove()
        self.factory.kw.pop("join_transaction_mode")
        db._app_engines[self.app] = self.engines


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts, signed out. CSRF tokens are tested on their own."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def var() -> Path:
    """Where screenshots and measurements are kept."""
    folder = Path(__file__).resolve().parents[1] / "var"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium: one for all tests of a worker, as Playwright runs once in a process."""
    if not Path(CHROMIUM).exists():
        if in_ci():
            pytest.fail(f"{CHROMIUM} is missing: start the tests with `make test`")
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()
