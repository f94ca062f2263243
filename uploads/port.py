"""What every store can do, and the words it uses. The stores are ``uploads.s3`` and ``uploads.local``.

A file's life is in its key:

``incoming/<uuid>``           what a browser put there through a signed address; not trusted, may change
``checking/<uuid>.<random>``  our private copy, which no address reaches: checked exactly as it will be kept
``objects/<2>/<sha256>``      accepted: named by its content, written once

Because an address may still be valid after the check, bytes under ``incoming/`` are never accepted as they
stand: ``hold`` copies them out of reach first, and only that copy is checked and accepted. (Comparing ETags
between check and copy would not do: an ETag is an MD5, and two files with one MD5 can be made.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, BinaryIO, Protocol
from uuid import UUID, uuid4

INCOMING = "incoming/"
CHECKING = "checking/"
OBJECTS = "objects/"
CHUNK = 1 << 20  # bytes read at a time: memory stays flat whatever the file's size
MULTIPART_FROM = 16 << 20  # bytes; smaller files go up in one request
PART_SIZE = 8 << 20  # bytes; S3 takes no part below 5 MiB except the last
MAX_PARTS = 10_000  # S3's own limit

_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"(incoming|checking)/[0-9a-f]{32}(\.[0-9a-f]{16})?|objects/([0-9a-f]{2})/\3[0-9a-f]{62}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to put one file of a promised size and type at ``key``.

    One request: ``method``, ``url`` and ``headers`` are to be sent exactly so. In parts: ``url`` is empty and
    ``upload_id`` is set; ask ``Storage.part_url`` for each of ``parts``, all ``part_size`` bytes but the last.
    """

    key: str
    size: int
    media_type: str
    method: str = "PUT"
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    upload_id: str | None = None
    part_size: int | None = None
    parts: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the browser. Holds a signed address: to be sent to its owner only, never logged."""
        names = ("key", "size", "method", "url", "upload_id", "part_size")
        return {name: getattr(self, name) for name in names} | {
            "headers": dict(self.headers),
            "parts": list(self.parts),
        }


@dataclass(frozen=True, slots=True)
class Part:
    """A part that has arrived. ``etag`` is the store's own mark of it."""

    number: int
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in a listing. ``modified`` is an aware instant by the store's clock."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class StaleUpload:
    """A multipart upload that was begun at ``started`` and neither completed nor aborted."""

    key: str
    upload_id: str
    started: datetime


class Source(Protocol):
    """A readable stream of bytes. A local file has more, but nothing may count on it."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Up to ``size`` bytes; empty at the end."""

    def readinto(self, buffer: Any, /) -> int | None:
        """Fill ``buffer`` from its start; how many bytes, 0 at the end."""


class Storage(Protocol):
    """A place for bytes. Safe to share between threads.

    Every method raises StoreUnavailable when the store does not answer in a few seconds, has no room or does
    not let us in; and ValueError for a key that is not of the three forms above. ``expires`` is how long an
    address works, from now.
    """

    def ticket(
        self,
        key: str,
        *,
        size: int,
        media_type: str,
        expires: timedelta,
        multipart_part_size: int | None = None,
    ) -> Ticket:
        """Leave to PUT ``size`` bytes at ``key``; the address refuses another size or type.

        From 16 MiB on, or whenever ``multipart_part_size`` (bytes, at least 5 MiB) is given, the file goes up
        in parts, and an upload is begun in the store.
        """

    def part_url(self, key: str, upload_id: str, number: int, *, expires: timedelta, size: int | None = None) -> str:
        """The address to PUT part ``number`` (from 1) at. With ``size``, it takes exactly that many bytes.

        A part may be sent again; the last one sent counts. Asks the store nothing (S3) or little (local).
        """

    def list_parts(self, key: str, upload_id: str) -> list[Part]:
        """The parts that have arrived, by number; for going on after an interruption. Raises Missing."""

    def complete(self, key: str, upload_id: str, *, size: int | None = None) -> int:
        """Make the parts one object at ``key``; its size in bytes.

        The store itself is asked which parts there are. Raises Mismatch when one is missing or their sum is
        not ``size``, and Missing when there is no such upload.
        """

    def abort(self, key: str, upload_id: str) -> None:
        """Drop a multipart upload with its parts. One that is gone already is no error."""

    def open(self, key: str) -> AbstractContextManager[Source]:
        """The bytes at ``key`` as a stream. Raises Missing; reading raises StoreUnavailable if it breaks off."""

    def head(self, key: str) -> int | None:
        """The size of the object in bytes, or None when there is none."""

    def hold(self, incoming_key: str) -> str:
        """Copy an incoming object out of the browser's reach; the new key, to be checked and accepted.

        Each call makes a copy of its own, so two checks of one upload cannot disturb each other. The incoming
        object stays, so that a check that breaks off can begin again. Raises Missing.
        """

    def accept(self, key: str, sha256: str) -> str:
        """Keep the bytes at ``key`` under their hash, remove the copy and what came in; the object's key.

        ``key`` is what ``hold`` returned and ``sha256`` what the check of it found (64 hex digits). Given an
        incoming key instead, it is held and read again first, and Mismatch raised when its hash is another.
        Bytes that are there already are not written again. Raises Missing.
        """

    def put(self, key: str, data: bytes | BinaryIO, media_type: str) -> int:
        """Write from the server itself; how many bytes. Whole or not at all."""

    def get_url(self, key: str, *, filename: str, media_type: str, inline: bool = False, expires: timedelta) -> str:
        """An address that serves the object as ``media_type`` under a safe form of ``filename``.

        Does not look whether the object is there.
        """

    def delete(self, key: str) -> None:
        """Remove an object. One that is gone already is no error."""

    def list(self, prefix: str, *, older_than: datetime | None = None) -> Iterator[Stored]:
        """Objects below ``incoming/``, ``checking/`` or ``objects/``, last written before ``older_than``."""

    def list_uploads(self, *, older_than: datetime | None = None) -> Iterator[StaleUpload]:
        """Multipart uploads begun before ``older_than`` that are neither completed nor aborted."""

    def clear_temporaries(self, *, older_than: datetime) -> int:
        """Remove what killed processes left half written before ``older_than``; how many."""

    def prepare(self) -> None:
        """Make the bucket or the folders where they are not there yet. Safe to repeat."""

    def check_health(self) -> None:
        """Return when the store can be used now; else StoreUnavailable with the reason in one line."""


def incoming_key(name: UUID | None = None) -> str:
    """A new key for something that a browser will put."""
    return f"{INCOMING}{(name or uuid4()).hex}"


def checking_key(incoming: str) -> str:
    """A new private key for a copy of ``incoming``."""
    if not incoming.startswith(INCOMING):
        raise ValueError(f"not an incoming key: {incoming!r}")
    return f"{CHECKING}{checked_key(incoming).removeprefix(INCOMING)}.{uuid4().hex[:16]}"


def incoming_of(key: str) -> str:
    """The incoming key that a private copy was made from."""
    return INCOMING + checked_key(key).removeprefix(CHECKING).partition(".")[0]


def object_key(sha256: str) -> str:
    """Where bytes with this hash (64 lower-case hex digits) are kept. Raises ValueError for anything else."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 in lower-case hex: {sha256!r}")
    return f"{OBJECTS}{sha256[:2]}/{sha256}"


def checked_key(key: str) -> str:
    """``key`` itself; ValueError when it is not one of the three forms (so no path can be smuggled in)."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key of this store: {key!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """``prefix`` itself; ValueError when it is not one of the three folders."""
    if prefix not in (INCOMING, CHECKING, OBJECTS):
        raise ValueError(f"not a folder of this store: {prefix!r}")
    return prefix


def part_count(size: int, part_size: int) -> int:
    """How many parts a file of ``size`` bytes has. Raises ValueError above the 10,000 that S3 takes."""
    count = max(1, ceil(size / part_size))
    if count > MAX_PARTS:
        raise ValueError(f"{size} bytes in parts of {part_size} are more than {MAX_PARTS} parts")
    return count


def checked_parts(parts: list[Part]) -> list[str]:
    """What is wrong with a list of parts that should be a whole file: nothing, or a reason."""
    numbers = [part.number for part in parts]
    if not numbers:
        return ["no part has arrived"]
    missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
    return [f"parts are missing: {', '.join(map(str, missing[:20]))}"] if missing else []
