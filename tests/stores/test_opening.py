"""The settings that name a store or a scanner."""

from __future__ import annotations

import pytest

from uploads.errors import BadAddress
from uploads.local import LocalStorage
from uploads.opening import open_storage, storage_problem
from uploads.s3 import S3Storage
from uploads.scanner import ClamdScanner, scanner_problem

GOOD = [
    "file:///var/lib/grants",
    "s3://bucket",
    "s3://bucket?endpoint=https://s3.example.org&region=eu-west-1&public_endpoint=https://files.example.org",
    "s3://bucket?endpoint=http://127.0.0.1:9000&access_key=a&secret_key=b",
]


@pytest.mark.slow
@pytest.mark.parametrize("url", GOOD)
def test_a_good_address_opens_its_store_without_asking_it(url: str) -> None:
    store = open_storage(url, secret_key="x", base_url="http://localhost", environ={})

    assert storage_problem(url) is None
    assert isinstance(store, S3Storage if url.startswith("s3") else LocalStorage)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must begin"),
        ("/var/lib/grants", "must begin"),
        ("ftp://host", "must begin"),
        ("file://var/lib", "three slashes"),
        ("file:///", "no folder"),
        ("file:///a?b=c", "no options"),
        ("s3://", "needs a bucket"),
        ("s3://Bucket", "needs a bucket"),
        ("s3://bucket/folder", "without a path"),
        ("s3://bucket?endpiont=http://a", "unknown option 'endpiont'"),
        ("s3://bucket?endpoint=127.0.0.1:9000", "not http"),
        ("s3://bucket?access_key=hush-hush", "together"),
        ("s3://[", "not an address"),
    ],
)
def test_a_bad_address_is_explained_in_one_line_without_its_secrets(url: str, says: str) -> None:
    problem = storage_problem(url)

    assert problem
    assert says in problem
    assert "\n" not in problem
    assert "hush-hush" not in problem
    with pytest.raises(BadAddress):
        open_storage(url, secret_key="x", base_url="")


@pytest.mark.parametrize("url", ["tcp://localhost", "tcp://10.0.0.1:3310", "unix:///run/clamav/clamd.ctl"])
def test_a_scanner_has_an_address_too(url: str) -> None:
    assert scanner_problem(url) is None
    ClamdScanner(url)


@pytest.mark.parametrize("url", ["", "localhost:3310", "http://a", "unix://run/clamd", "tcp://", "tcp://a:port"])
def test_a_bad_address_of_a_scanner_is_explained(url: str) -> None:
    assert scanner_problem(url)
    with pytest.raises(BadAddress):
        ClamdScanner(url)
