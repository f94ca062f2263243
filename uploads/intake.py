"""The whole way of an uploaded file: from what a browser put to an accepted object, or to nothing.

Also the short way of a file that the server itself makes.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from typing import BinaryIO, cast

from uploads.checks import Policy, Verdict, check
from uploads.errors import StorageError
from uploads.port import Storage, incoming_of, object_key
from uploads.scanner import Scanner


@dataclass(frozen=True, slots=True)
class Intake:
    """A verdict, and where the file is kept: None when it was refused, and then nothing of it is left."""

    verdict: Verdict
    key: str | None


def take_in(
    storage: Storage,
    incoming_key: str,
    *,
    name: str,
    policy: Policy,
    size: int | None = None,
    sha256: str | None = None,
    scanner: Scanner | None = None,
) -> Intake:
    """Check what lies at ``incoming_key`` and keep or remove it; for the rest see ``checks.check``.

    Raises Missing when nothing is there, StoreUnavailable and ScannerUnavailable: then what came in stays, and
    the call may be repeated. Repeating it after it has ended well raises Missing: the caller's row says that.
    """
    held = storage.hold(incoming_key)
    try:
        with storage.open(held) as source:
            verdict = check(source, name=name, policy=policy, size=size, sha256=sha256, scanner=scanner)
        if verdict.accepted:
            return Intake(verdict, storage.accept(held, verdict.sha256))
    except BaseException:
        with suppress(StorageError):  # else the sweep takes it
            storage.delete(held)
        raise
    storage.delete(held)
    storage.delete(incoming_of(held))
    return Intake(verdict, None)


def keep(storage: Storage, data: bytes | BinaryIO, media_type: str) -> str:
    """Keep what the server made (a receipt, an archive) under its hash; the object's key."""
    file: BinaryIO = BytesIO(data) if isinstance(data, bytes) else data
    size = file.seek(0, SEEK_END)
    file.seek(0)
    key = object_key(hashlib.file_digest(cast(BytesIO, file), "sha256").hexdigest())
    if storage.head(key) != size:
        file.seek(0)
        storage.put(key, file, media_type)
    return key
