"""The gallery, served and opened in a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from grants.web import assets
from tests.components.gallery import gallery_app


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    assets.build()


@pytest.fixture
def world() -> dict[str, Any]:
    accepted = {"state": "accepted", "pages": 40, "size": 3_100_000, "findings": [], "scanned": True}
    state: dict[str, Any] = {"version": 7, "next": [], "saved": [], "tickets": [], "parts": {}, "fail": []}
    return state | {"verdict": accepted, "pdf": b""}


@pytest.fixture
def site(world: dict[str, Any]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, gallery_app(world), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    """The gallery, opened; at the end nobody may have complained on the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=site)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    yield page
    context.close()
    assert not [line for line in said if "Failed to load resource" not in line]
