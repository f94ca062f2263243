"""The virus scanner: clamd, over a socket (``tcp://host:3310`` or ``unix:///run/clamav/clamd.ctl``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

from clamav_client import clamd

from uploads.errors import BadAddress, ScannerUnavailable

TIMEOUT = 120.0  # seconds between two bytes; a big archive keeps clamd busy for a while before it answers


class Scanner(Protocol):
    """Looks for viruses."""

    def scan(self, content: BinaryIO) -> str | None:
        """The name of the virus in ``content``, None for a clean file. Raises ScannerUnavailable."""


class ClamdScanner:
    """A clamd at ``url``. Its ``StreamMaxLength`` must be at least the largest file that is taken."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT) -> None:
        if problem := scanner_problem(url):
            raise BadAddress(problem)
        self._url, self._timeout = url, timeout

    def scan(self, content: BinaryIO) -> str | None:
        """See ``Scanner.scan``."""
        try:
            with self._client() as client:
                answer = client.instream(content)
        except clamd.BufferTooLongError as error:
            raise ScannerUnavailable("the file is longer than clamd's StreamMaxLength; raise it") from error
        except (clamd.ClamdError, OSError, ValueError) as error:
            raise ScannerUnavailable(f"clamd at {self._url}: {error or type(error).__name__}") from error
        status, virus = answer.get("stream", ("ERROR", None))
        if status == "FOUND":
            return virus or "unnamed"
        if status != "OK":
            raise ScannerUnavailable(f"clamd at {self._url}: {virus or 'no answer'}")
        return None

    def check_health(self) -> None:
        """Return when the scanner answers; else ScannerUnavailable with the reason in one line."""
        try:
            with self._client() as client:
                client.ping()
        except (clamd.ClamdError, OSError) as error:
            raise ScannerUnavailable(f"clamd at {self._url}: {error or type(error).__name__}") from error

    @contextmanager
    def _client(self) -> Iterator[clamd.ClamdNetworkSocket]:
        # one per scan: the library keeps the open socket on itself, and leaves it open when connecting fails
        parts = urlsplit(self._url)
        client = (
            clamd.ClamdUnixSocket(parts.path, timeout=self._timeout)  # type: ignore[arg-type]
            if parts.scheme == "unix"
            else clamd.ClamdNetworkSocket(parts.hostname or "", parts.port or 3310, timeout=self._timeout)
        )
        try:
            yield client
        finally:
            if hasattr(client, "clamd_socket"):
                client.clamd_socket.close()


def scanner_problem(url: str) -> str | None:
    """What is wrong with the address of a scanner, in one line; None if nothing."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return "is not an address: write tcp://host:3310 or unix:///path/of/socket"
    if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
        return None
    if parts.scheme == "tcp" and named and parts.path in ("", "/"):
        return None
    return "must be tcp://host:3310 or unix:///path/of/socket"
