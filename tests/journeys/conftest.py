"""A whole installation on a fresh database, with the S3 server, a real SMTP sink and a movable clock."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect
from werkzeug.serving import make_server

from grants import worker
from grants.app import Options, create_app
from grants.db import db
from grants.demo import loading as demo
from grants.kernel.clock import ShiftedClock, SystemClock
from grants.local import database
from grants.notifications.delivery import SmtpMailer, deliver
from grants.settings import Settings
from tests.conftest import in_ci
from tests.factories.prepared import prepared, state_of
from tests.notifications.test_delivery import free_port


@dataclass
class Site:
    """The running installation. ``letters``: what the SMTP server was given, as (recipient, text)."""

    app: Flask
    address: str
    clock: ShiftedClock
    letters: list[tuple[str, str]] = field(default_factory=list)
    mailer: SmtpMailer | None = None

    def deliver(self) -> None:
        """Everything that is due, in as many rounds of the outbox as it takes: other walks left letters too."""
        with self.app.app_context():
            assert self.mailer is not None
            while deliver(clock=self.clock, mailer=self.mailer):
                pass

    async def handle_DATA(self, server, session, envelope):
        """aiosmtpd gives each letter here."""
        self.letters += [(recipient, envelope.content.decode()) for recipient in envelope.rcpt_tos]
        return "250 kept"


#: The demo counts its days from when it was loaded; a walk needs no more of it than this.
FRESH = timedelta(hours=2)


@pytest.fixture(scope="session")
def with_demo(server_url, new_database, settings) -> Callable[[str], str]:
    """A function that makes a database with the small demo, whose files are in the given store."""

    def make(storage: str) -> str:
        key = [storage, settings.secret_key, state_of("grants", "uploads", "templates")]
        return new_database(prepared(server_url, "demo", key, lambda url: fill(url, settings, storage), fresh=FRESH))

    return make


def fill(url: str, settings: Settings, storage: str) -> None:
    """The small demo: the full one takes 20 s."""
    database.upgrade(url)
    app = create_app(replace(settings, database_url=url, storage_url=storage, demo=True))
    app.extensions["store"].prepare()
    with app.app_context():
        demo.load(store=app.extensions["store"], now=datetime.now(UTC), size="small")
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def site(with_demo, settings, tmp_path_factory) -> Iterator[Site]:
    """Loaded with the demo; files in the S3 server where it runs, which in CI it must."""
    store = os.environ.get("TEST_S3_URL", "")
    if not store and in_ci():
        pytest.fail("TEST_S3_URL is not set: start the tests with `make test`")
    storage = store.replace("grants-test", "grants-journey") or f"file://{tmp_path_factory.mktemp('files')}"
    with installation(with_demo(storage), settings, storage) as made:
        yield made


@contextmanager
def installation(url: str, settings: Settings, storage: str) -> Iterator[Site]:
    """A server on this database and this store."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    mine = replace(settings, database_url=url, storage_url=storage, base_url=address, demo=True, port=port)
    clock = ShiftedClock(SystemClock(), timedelta(0))
    app = create_app(mine, Options(clock=clock))
    app.extensions["store"].prepare()
    made = Site(app, address, clock)
    sink = Controller(made, hostname="127.0.0.1", port=free_port())
    sink.start()
    made.mailer = SmtpMailer(f"smtp://127.0.0.1:{sink.port}", sender=mine.mail_from)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with working(app, mine):
        yield made
    server.shutdown()
    thread.join()
    server.server_close()
    sink.stop()
    with app.app_context():
        db.engine.dispose()


@contextmanager
def working(app: Flask, settings: Settings) -> Iterator[None]:
    """A worker that runs what is queued; letters are delivered by ``Site.deliver``."""
    loop = asyncio.new_event_loop()
    ended: asyncio.Queue[None] = asyncio.Queue()

    async def work() -> None:
        async with (queue := worker.tasks_of(app, settings)).open_async():
            running = asyncio.create_task(queue.run_worker_async(concurrency=1, install_signal_handlers=False))
            await ended.get()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(work(),))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(ended.put_nowait, None)
        thread.join()
        loop.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A window that fails the test on any message of its console."""
    with window_on(browser, site) as window:
        yield window


@contextmanager
def window_on(browser: Browser, site: Site) -> Iterator[Page]:
    """A window on an installation; any error or warning of its console fails the test in the end."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            said.append(message.text)

    context = browser.new_context(base_url=site.address, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    window = context.new_page()
    window.on("console", listen)
    window.on("pageerror", lambda error: said.append(str(error)))
    yield window
    context.close()
    assert said == []


RULES = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page, only: tuple[str, ...] = RULES) -> list[str]:
    """What axe-core finds on the page as it stands."""
    found = Axe().run(page, options={"runOnly": list(only), "resultTypes": ["violations"]})
    return [f"{each['id']}: {node['html'][:120]}" for each in found.response["violations"] for node in each["nodes"]]


#: Pictures of all pages are kept where this is "true"; those of the walk through the whole life always are.
PICTURES = os.environ.get("GRANTS_PICTURES") == "true"


def picture(page: Page, var: Path, name: str) -> None:
    """Keep a picture of the whole page, where pictures are wanted."""
    if PICTURES or name.startswith("life-"):
        page.screenshot(path=var / "screens" / f"{name}.jpg", full_page=True, type="jpeg", quality=80)


def look(page: Page, var: Path, name: str) -> None:
    """In both widths no sideways scroll, and nothing for axe to find."""
    page.wait_for_load_state()  # with its styles
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, var, f"{name}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways at {width}"
    assert violations(page) == [], name


@contextmanager
def saved(page: Page, form: Locator | None = None) -> Iterator[None]:
    """What is typed inside reaches the server: its answer is awaited, not a state that may stand there already."""
    with page.expect_response(saves):
        yield
    state = (form or page).locator("[data-save-state]").first
    expect(state).to_have_attribute("data-state", "saved", timeout=10_000)


AGREED = ("consent", "information_correct", "not_excluded", "no_double_funding")


def saves(answer: Response) -> bool:
    """An accepted save of a form by itself; other posts by scripts, such as who is here, are none."""
    return answer.request.headers.get("x-autosave") == "1" and "/here/" not in answer.url and answer.ok


def answer_part_a(page: Page) -> None:
    """Every section of Part A from its list, each question that is shown; saved by itself."""
    page.get_by_role("link", name="Part A").first.click()
    sections = page.locator(".g-tasks a, .govuk-task-list a")
    sections.first.wait_for()
    links = [each.get_attribute("href") for each in sections.all()]
    for link in links:
        page.goto(link)
        page.locator("form[data-autosave][data-ready]").wait_for()
        with saved(page):
            for question in page.locator("[data-question]:visible").all():
                _answer(question)
            page.keyboard.press("Control+s")
        _answer_what_is_shown_now(page)
    page.goto(page.url.partition("/sections/")[0] + "/part-a")


def _answer(question: Locator) -> None:
    key = question.get_attribute("data-question") or ""
    radios = question.locator("input[type=radio]")
    if radios.count():
        question.get_by_label("Yes" if key in AGREED else "No", exact=True).check()
    elif question.locator("input[type=checkbox]").count():
        question.locator("input[type=checkbox]").first.check()
    elif question.locator("textarea").count():
        question.locator("textarea").fill("As the partners have agreed.")
    elif question.locator("table").count() == 0 and question.locator("input").count():
        question.locator("input").first.fill("Unit of investigation")


def _answer_what_is_shown_now(page: Page) -> None:
    """Answers may bring questions up."""
    empty = [each for each in page.locator("[data-question]:visible textarea").all() if not each.input_value()]
    for each in empty:
        with page.expect_response(saves):
            each.fill("As the partners have agreed.")
            each.blur()


def enter_as(page: Page, name: str) -> None:
    """One click on the demo's first page."""
    page.context.clear_cookies()
    page.goto("/")
    page.get_by_role("button", name=name).click()
    page.get_by_role("heading", name=f"Welcome, {name}").wait_for()
