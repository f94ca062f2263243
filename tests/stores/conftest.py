"""The two stores, each made for one test, with a browser before it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from uploads.errors import StoreUnavailable
from uploads.local import LocalStorage
from uploads.opening import open_storage
from uploads.port import Storage
from uploads.s3 import S3Storage

from .browsers import Browser, network_get, network_put, views

DEFAULT_S3 = "s3://grants-test?endpoint=http://127.0.0.1:19000&access_key=grants:grants&secret_key=grants-secret"


@pytest.fixture(scope="session")
def s3_url() -> str:
    """The address of the server that the tests use."""
    return os.environ.get("TEST_S3_URL", DEFAULT_S3)


@pytest.fixture(scope="session")
def bucket(s3_url: str) -> S3Storage:
    """The real server's bucket; without a server a skip, in CI a failure."""
    store = open_storage(s3_url, secret_key="", base_url="")
    assert isinstance(store, S3Storage)
    try:
        store.prepare()
    except StoreUnavailable:
        endpoint = parse_qs(urlsplit(s3_url).query).get("endpoint", ["AWS"])[0]
        reason = f"no S3 server answers at {endpoint}: start one, or name yours in TEST_S3_URL"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return store


@pytest.fixture
def folder(tmp_path: Path) -> LocalStorage:
    """A store in a folder."""
    store = LocalStorage(tmp_path / "store", secret_key="a secret of tests", base_url="https://grants.test")
    store.prepare()
    return store


@pytest.fixture(params=["s3", "local"])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A browser before each of the two stores."""
    if request.param == "local":
        folder = request.getfixturevalue("folder")
        yield Browser(folder, *views(folder))
    else:
        yield Browser(request.getfixturevalue("bucket"), network_put, network_get)


@pytest.fixture
def storage(browser: Browser) -> Storage:
    """The store behind the browser."""
    return browser.storage
