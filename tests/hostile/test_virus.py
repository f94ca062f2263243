"""The virus scanner, spoken to over its own protocol, and what happens without it.

The small server here speaks clamd's INSTREAM and knows one virus. Where a real clamd listens, TEST_CLAMD_URL
names it and the same tests run on it too.
"""

from __future__ import annotations

import io
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from uploads import kinds
from uploads.checks import Policy, check
from uploads.errors import ScannerUnavailable
from uploads.intake import take_in
from uploads.local import LocalStorage
from uploads.port import CHECKING, incoming_key
from uploads.scanner import ClamdScanner

from . import make

POLICY = Policy(frozenset({kinds.TEXT, kinds.PDF}), max_size=100 << 20)


class Clamd(socketserver.StreamRequestHandler):
    """PING, and INSTREAM with its length-prefixed pieces, up to ``limit`` bytes."""

    limit = 1 << 20

    def handle(self) -> None:
        command = self.rfile.readline().strip()
        if command == b"nPING":
            self.wfile.write(b"PONG\n")
        elif command == b"nINSTREAM":
            self.wfile.write(self.scanned() + b"\n")

    def scanned(self) -> bytes:
        content = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
            if len(content) > self.limit:
                return b"INSTREAM size limit exceeded. ERROR"
        return b"stream: Eicar-Test-Signature FOUND" if make.EICAR in content else b"stream: OK"


@contextmanager
def clamd(handler: type[socketserver.BaseRequestHandler] = Clamd) -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def real_clamd() -> str:
    """Where it listens. In continuous integration it must be there, as every service."""
    missing = pytest.fail if os.environ.get("CI") else pytest.skip
    return os.environ.get("TEST_CLAMD_URL") or missing("TEST_CLAMD_URL names no real clamd")


@pytest.fixture(params=["protocol", "real"])
def scanner(request: pytest.FixtureRequest) -> Iterator[ClamdScanner]:
    if request.param == "protocol":
        with clamd() as url:
            yield ClamdScanner(url)
    else:
        yield ClamdScanner(real_clamd())


def test_the_test_virus_is_found_and_a_clean_file_passes(scanner: ClamdScanner) -> None:
    scanner.check_health()

    clean = check(io.BytesIO(b"Hello"), name="a.txt", policy=POLICY, scanner=scanner)
    infected = check(io.BytesIO(make.EICAR), name="eicar.txt", policy=POLICY, scanner=scanner)

    assert clean.accepted
    assert [finding.code for finding in infected.findings] == ["virus"]
    assert "Eicar" in infected.findings[0].message or "EICAR" in infected.findings[0].message


def test_a_pdf_is_scanned_after_it_was_looked_into(scanner: ClamdScanner) -> None:
    assert check(io.BytesIO(make.pdf()), name="a.pdf", policy=POLICY, scanner=scanner).accepted


def test_a_scanner_on_a_unix_socket_is_spoken_to_as_well(tmp_path: Path) -> None:
    path = tmp_path / "clamd.ctl"
    with socketserver.UnixStreamServer(str(path), Clamd) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

        assert ClamdScanner(f"unix://{path}").scan(io.BytesIO(make.EICAR)) == "Eicar-Test-Signature"

        server.shutdown()


def test_a_virus_inside_an_archive_is_found_by_a_real_scanner() -> None:
    url = real_clamd()
    hidden = make.archive({"folder/harmless.txt": make.EICAR})
    policy = Policy(frozenset({kinds.ZIP}), max_size=100 << 20)

    verdict = check(io.BytesIO(hidden), name="a.zip", policy=policy, scanner=ClamdScanner(url))

    assert [finding.code for finding in verdict.findings] == ["virus"]


class Mute(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(1)


class Confused(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"UNKNOWN COMMAND\n")


@pytest.mark.parametrize("handler", [Mute, Confused])
def test_a_scanner_that_does_not_answer_properly_never_counts_as_clean(
    handler: type[socketserver.BaseRequestHandler],
) -> None:
    with clamd(handler) as url, pytest.raises(ScannerUnavailable):
        ClamdScanner(url, timeout=2).scan(io.BytesIO(b"Hello"))


def test_a_file_longer_than_the_scanner_takes_never_counts_as_clean() -> None:
    with clamd() as url, pytest.raises(ScannerUnavailable):
        ClamdScanner(url).scan(io.BytesIO(bytes(3 << 20)))


def test_a_scanner_that_is_down_leaves_the_upload_to_be_checked_later(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = ClamdScanner(f"tcp://127.0.0.1:{free.getsockname()[1]}")
    store, key = LocalStorage(tmp_path, secret_key="x", base_url=""), incoming_key()
    store.prepare()
    store.put(key, b"Hello", kinds.TEXT)

    with pytest.raises(ScannerUnavailable):
        down.check_health()
    with pytest.raises(ScannerUnavailable):
        take_in(store, key, name="a.txt", policy=POLICY, scanner=down)

    assert store.head(key) == 5
    assert list(store.list(CHECKING)) == []
    with clamd() as url:
        assert take_in(store, key, name="a.txt", policy=POLICY, scanner=ClamdScanner(url)).key
