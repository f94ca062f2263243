"""What only a store across a network can do: be down, be slow, cut off, lie, sign for the past."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import botocore.auth
import pytest

from uploads.errors import Missing, StoreUnavailable
from uploads.port import Storage, incoming_key
from uploads.s3 import S3Storage

from .browsers import SOON, network_get, network_put

PDF = "application/pdf"
EVERY_CALL: list[Callable[[Storage], object]] = [
    lambda store: store.check_health(),
    lambda store: store.prepare(),
    lambda store: store.head(incoming_key()),
    lambda store: store.put(incoming_key(), b"1", PDF),
    lambda store: store.open(incoming_key()).__enter__(),
    lambda store: store.hold(incoming_key()),
    lambda store: store.delete(incoming_key()),
    lambda store: list(store.list("incoming/")),
    lambda store: list(store.list_uploads()),
    lambda store: store.list_parts(incoming_key(), "x"),
    lambda store: store.ticket(incoming_key(), size=1 << 30, media_type=PDF, expires=SOON),
]


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def store_at(port: int) -> S3Storage:
    return S3Storage("grants-test", endpoint=f"http://127.0.0.1:{port}", access_key="a", secret_key="b")


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server that gives every request the same answer and hangs up; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.slow
@pytest.mark.parametrize("call", EVERY_CALL)
def test_a_store_that_is_down_is_unavailable_whatever_is_asked(call: Callable[[Storage], object]) -> None:
    with pytest.raises(StoreUnavailable):
        call(store_at(closed_port()))


def test_signing_an_address_needs_no_store() -> None:
    store = store_at(closed_port())

    assert store.ticket(incoming_key(), size=5, media_type=PDF, expires=SOON).url
    assert store.part_url(incoming_key(), "x", 1, expires=SOON)
    assert store.get_url(incoming_key(), filename="a.pdf", media_type=PDF, expires=SOON)


@pytest.mark.slow
@pytest.mark.parametrize("status", ["500 Oops", "503 Slow Down", "403 Forbidden", "429 Too Many Requests"])
def test_a_store_that_cannot_or_does_not_let_us_in_is_unavailable(status: str) -> None:
    with answering(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()) as port:
        store = store_at(port)
        with pytest.raises(StoreUnavailable):
            store.head(incoming_key())
        with pytest.raises(StoreUnavailable):
            store.check_health()


def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_file() -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n" + b"x" * 500
    with answering(cut) as port, store_at(port).open(incoming_key()) as source, pytest.raises(StoreUnavailable):
        list(iter(lambda: source.read(100), b""))


def test_a_bucket_that_is_not_there_is_unhealthy_and_can_be_prepared(bucket: S3Storage, s3_url: str) -> None:
    options = {name: values[0] for name, values in parse_qs(urlsplit(s3_url).query).items()}
    fresh = S3Storage(f"grants-test-{uuid4().hex[:12]}", **options)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable, match="no bucket"):
        fresh.check_health()
    with pytest.raises((Missing, StoreUnavailable)):
        fresh.put(incoming_key(), b"1", PDF)

    fresh.prepare()
    fresh.prepare()

    fresh.check_health()
    fresh._client.delete_bucket(Bucket=fresh.bucket)


def test_wrong_keys_are_told_as_unavailable(bucket: S3Storage, s3_url: str) -> None:
    endpoint = parse_qs(urlsplit(s3_url).query)["endpoint"][0]
    stranger = S3Storage(bucket.bucket, endpoint=endpoint, access_key="grants:grants", secret_key="wrong")

    with pytest.raises(StoreUnavailable):
        stranger.put(incoming_key(), b"1", PDF)


def test_an_address_whose_time_is_over_is_refused(bucket: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    key = incoming_key()
    bucket.put(key, b"12345", PDF)
    now = botocore.auth.get_current_datetime()
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now - timedelta(minutes=10))
    expired = bucket.ticket(key, size=5, media_type=PDF, expires=timedelta(minutes=5))
    shown = bucket.get_url(key, filename="a.pdf", media_type=PDF, expires=timedelta(minutes=5))
    monkeypatch.undo()

    assert network_put(expired.url, b"99999", dict(expired.headers)).status == 403
    assert network_get(shown).status == 403


@pytest.mark.slow
def test_browsers_are_sent_to_the_public_endpoint() -> None:
    store = S3Storage(
        "bucket",
        endpoint="http://inside:9000",
        public_endpoint="https://files.example.org",
        access_key="a",
        secret_key="b",
    )

    ticket = store.ticket(incoming_key(), size=5, media_type=PDF, expires=SOON)

    assert ticket.url.startswith(f"https://files.example.org/bucket/{ticket.key}?")
    assert "content-length" in ticket.url


@pytest.mark.slow
def test_a_part_put_after_completion_cannot_change_what_was_accepted(bucket: S3Storage) -> None:
    # Swift takes such a late part and spoils the incoming object with it: the copy must not care
    data = os.urandom(6 << 20)
    key = incoming_key()
    ticket = bucket.ticket(key, size=len(data), media_type=PDF, expires=SOON, multipart_part_size=5 << 20)
    assert ticket.upload_id
    pieces = {1: data[: 5 << 20], 2: data[5 << 20 :]}
    urls = {number: bucket.part_url(key, ticket.upload_id, number, expires=SOON) for number in pieces}
    for number, piece in pieces.items():
        assert network_put(urls[number], piece, {}).status == 200
    bucket.complete(key, ticket.upload_id, size=len(data))
    held = bucket.hold(key)

    network_put(urls[2], b"something else", {})
    accepted = bucket.accept(held, hashlib.sha256(data).hexdigest())

    with bucket.open(accepted) as source:
        found = hashlib.sha256()
        while piece := source.read(1 << 20):
            found.update(piece)
    assert found.digest() == hashlib.sha256(data).digest()
    bucket.delete(accepted)
