"""A store in a folder of this machine, for one machine and for trying things out.

It has the same steps as S3: tickets and downloads are signed addresses, here of the app itself, whose two
views call ``verify_token`` and then ``receive`` or ``download``. A file appears whole or not at all: it is
written beside, flushed to the disk, then renamed, and the folder flushed too. The contract is in
``uploads.port``.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from itsdangerous import BadSignature, URLSafeSerializer

from uploads.errors import BadToken, Mismatch, Missing, StoreUnavailable
from uploads.names import content_disposition
from uploads.port import (
    CHECKING,
    CHUNK,
    INCOMING,
    MULTIPART_FROM,
    OBJECTS,
    PART_SIZE,
    Part,
    Source,
    StaleUpload,
    Stored,
    Ticket,
    checked_key,
    checked_parts,
    checked_prefix,
    checking_key,
    incoming_of,
    object_key,
    part_count,
)

PUT, PART, GET = "put", "part", "get"
_TEMPORARY = "tmp"
_UPLOADS = "multipart"
_HEX = frozenset("0123456789abcdef")
_LARGEST_PART = 512 << 20  # bytes, for a part's address that promises no size


class Readable(Protocol):
    """The body of a request, as far as we need it."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a signed address says. ``size`` in bytes, None where it is open; ``expires`` in Unix seconds."""

    operation: str
    key: str
    expires: float
    size: int | None = None
    media_type: str = ""
    upload_id: str = ""
    part: int = 0
    filename: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """What a view needs to serve an object: the file and the two headers that must be sent with it."""

    path: Path
    media_type: str
    disposition: str


class LocalStorage:
    """A folder. ``base_url`` is the app's own address, without a slash at its end."""

    def __init__(
        self,
        root: Path,
        *,
        secret_key: str,
        base_url: str,
        multipart_from: int = MULTIPART_FROM,
        part_size: int = PART_SIZE,
    ) -> None:
        self.root = root
        self._base_url = base_url.rstrip("/")
        self._multipart_from, self._part_size = multipart_from, part_size
        self._signer = URLSafeSerializer(
            secret_key, salt="uploads.local", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def __repr__(self) -> str:
        return f"LocalStorage({str(self.root)!r})"

    # Tickets and parts

    def ticket(
        self,
        key: str,
        *,
        size: int,
        media_type: str,
        expires: timedelta,
        multipart_part_size: int | None = None,
    ) -> Ticket:
        """See ``Storage.ticket``."""
        checked_key(key)
        if multipart_part_size or size >= self._multipart_from:
            part_size = multipart_part_size or self._part_size
            parts = tuple(range(1, part_count(size, part_size) + 1))
            upload_id = self._begin(key)
            return Ticket(key, size, media_type, upload_id=upload_id, part_size=part_size, parts=parts)
        token = Token(PUT, key, _until(expires), size=size, media_type=media_type)
        return Ticket(key, size, media_type, url=self._address(token), headers={"Content-Type": media_type})

    def part_url(self, key: str, upload_id: str, number: int, *, expires: timedelta, size: int | None = None) -> str:
        """See ``Storage.part_url``."""
        checked_key(key)
        return self._address(Token(PART, key, _until(expires), size=size, upload_id=upload_id, part=number))

    def list_parts(self, key: str, upload_id: str) -> list[Part]:
        """See ``Storage.list_parts``. The mark of a part is its time of writing and size."""
        folder = self._upload(key, upload_id)
        with _translated(key):
            found = [(int(path.name.removeprefix("part-")), path.stat()) for path in folder.glob("part-*")]
        return sorted(
            (Part(number, stat.st_size, f"{stat.st_mtime_ns:x}-{stat.st_size:x}") for number, stat in found),
            key=lambda part: part.number,
        )

    def complete(self, key: str, upload_id: str, *, size: int | None = None) -> int:
        """See ``Storage.complete``."""
        parts = self.list_parts(key, upload_id)
        total = sum(part.size for part in parts)
        if problem := checked_parts(parts):
            raise Mismatch(f"{key}: {problem[0]}")
        if size is not None and total != size:
            raise Mismatch(f"{key}: {total} bytes have arrived, {size} were promised")
        folder = self._upload(key, upload_id)
        with self._writing(self._path(key), key) as target:
            for part in parts:
                with (folder / _part_name(part.number)).open("rb") as source:
                    shutil.copyfileobj(source, target, CHUNK)
        self.abort(key, upload_id)
        return total

    def abort(self, key: str, upload_id: str) -> None:
        """See ``Storage.abort``."""
        try:
            folder = self._upload(key, upload_id)
        except Missing:
            return
        with _translated(key):
            shutil.rmtree(folder, ignore_errors=True)

    # Objects

    @contextmanager
    def open(self, key: str) -> Iterator[Source]:
        """See ``Storage.open``. What comes is an unbuffered file, so checks need no copy of it."""
        with _translated(key):
            source = io.FileIO(self._path(key), "rb")
        with source:
            yield source

    def head(self, key: str) -> int | None:
        """See ``Storage.head``."""
        try:
            with _translated(key):
                return self._path(key).stat().st_size
        except Missing:
            return None

    def hold(self, incoming_key: str) -> str:
        """See ``Storage.hold``. A second name for the same file: a later PUT makes another file."""
        held = checking_key(incoming_key)
        self._link(incoming_key, held)
        with _translated(held):
            os.utime(self._path(held))  # its age counts from now, or a sweep could take it for an orphan
        return held

    def accept(self, key: str, sha256: str) -> str:
        """See ``Storage.accept``."""
        final = object_key(sha256)
        held = key if checked_key(key).startswith(CHECKING) else self._held_with_hash(key, sha256)
        if self.head(held) is None:
            raise Missing(held)
        self._link(held, final)
        self.delete(held)
        self.delete(incoming_of(held))
        return final

    def put(self, key: str, data: bytes | BinaryIO, media_type: str) -> int:  # noqa: ARG002
        """See ``Storage.put``. The type is not kept: whoever serves a file says its type."""
        source = io.BytesIO(data) if isinstance(data, bytes) else data
        with self._writing(self._path(key), key) as target:
            shutil.copyfileobj(source, target, CHUNK)
            return target.tell()

    def get_url(self, key: str, *, filename: str, media_type: str, inline: bool = False, expires: timedelta) -> str:
        """See ``Storage.get_url``."""
        checked_key(key)
        return self._address(
            Token(GET, key, _until(expires), media_type=media_type, filename=filename, inline=inline)
        )

    def delete(self, key: str) -> None:
        """See ``Storage.delete``."""
        with _translated(key):
            self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str, *, older_than: datetime | None = None) -> Iterator[Stored]:
        """See ``Storage.list``."""
        with _translated(prefix):
            for path in sorted((self.root / checked_prefix(prefix)).rglob("*")):
                if found := _stored(self.root, path, older_than):
                    yield found

    def list_uploads(self, *, older_than: datetime | None = None) -> Iterator[StaleUpload]:
        """See ``Storage.list_uploads``."""
        with _translated(_UPLOADS):
            for about in sorted((self.root / _UPLOADS).glob("*/about.json")):
                started = datetime.fromtimestamp(about.stat().st_mtime, UTC)
                if older_than is None or started < older_than:
                    yield StaleUpload(json.loads(about.read_text())["key"], about.parent.name, started)

    def clear_temporaries(self, *, older_than: datetime) -> int:
        """See ``Storage.clear_temporaries``."""
        removed = 0
        with _translated(_TEMPORARY):
            for path in (self.root / _TEMPORARY).iterdir():
                if _stored(self.root, path, older_than):
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    # What the app's views call

    def verify_token(self, token: str, operation: str) -> Token:
        """What a signed address says, if we signed it for ``operation`` (put, part, get) and in time.

        ``operation`` "put" also takes a part's address, as both come with PUT. Raises BadToken.
        """
        try:
            said = Token(**self._signer.loads(token))
        except (BadSignature, TypeError) as error:
            raise BadToken("this address is not one of ours") from error
        if operation not in (said.operation, PUT if said.operation == PART else said.operation):
            raise BadToken(f"this address is not for {operation}")
        if said.expires <= time.time():
            raise BadToken("this address has expired")
        return said

    def receive(self, token: Token, stream: Readable, *, media_type: str | None = None) -> int:
        """Write the body of a PUT to where ``token`` says; how many bytes. Memory stays flat.

        Raises Mismatch when there are more or fewer bytes than promised, or ``media_type`` (the request's
        Content-Type, where the view passes it) is another; StoreUnavailable when the disk is full. In all these
        cases, and when the stream itself breaks off, nothing is left behind.
        """
        if media_type is not None and token.media_type and media_type != token.media_type:
            raise Mismatch(f"{token.key}: the type is {media_type!r}, {token.media_type!r} was promised")
        if token.operation == PART:
            target = self._upload(token.key, token.upload_id) / _part_name(token.part)
        else:
            target = self._path(token.key)
        limit = token.size if token.size is not None else _LARGEST_PART
        with self._writing(target, token.key) as file:
            written = _copy_at_most(stream, file, limit, token.key)
            if token.size is not None and written != token.size:
                raise Mismatch(f"{token.key}: {written} bytes have arrived, {token.size} were promised")
        return written

    def download(self, token: Token) -> Download:
        """The file behind a verified download address, with its headers. Raises Missing."""
        return Download(
            self.path_for(token.key), token.media_type, content_disposition(token.filename, inline=token.inline)
        )

    def path_for(self, key: str) -> Path:
        """Where an object lies. Raises Missing."""
        path = self._path(key)
        if not path.is_file():
            raise Missing(key)
        return path

    # The folder

    def prepare(self) -> None:
        """Make the folders where they are not there yet; only their owner can look into them."""
        with _translated(str(self.root)):
            for name in (INCOMING, CHECKING, OBJECTS, _TEMPORARY, _UPLOADS):
                (self.root / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def check_health(self) -> None:
        """See ``Storage.check_health``: writes a small file and removes it."""
        probe = self.root / _TEMPORARY / f"health-{uuid4().hex}"
        try:
            with self._writing(probe, "health") as file:
                file.write(b"\0" * 4096)
            probe.unlink()
        except (Missing, OSError) as error:
            raise StoreUnavailable(f"{self.root} cannot be written: {error}") from error

    # Private parts

    def _address(self, token: Token) -> str:
        said = {name: value for name, value in asdict(token).items() if value not in (None, "", 0, False)}
        said.setdefault("size", token.size)  # a promise of no bytes is a promise
        folder = "objects" if token.operation == GET else "incoming"
        return f"{self._base_url}/files/{folder}/{_text(self._signer.dumps(said))}"

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)

    def _begin(self, key: str) -> str:
        upload_id = uuid4().hex
        folder = self.root / _UPLOADS / upload_id
        with _translated(key):
            folder.mkdir(mode=0o700)
        with self._writing(folder / "about.json", key) as file:
            file.write(json.dumps({"key": key}).encode())
        return upload_id

    def _upload(self, key: str, upload_id: str) -> Path:
        """The folder of a multipart upload that was begun for ``key``. Raises Missing."""
        if len(upload_id) != 32 or not _HEX.issuperset(upload_id):
            raise Missing(f"{key}: no such upload")
        folder = self.root / _UPLOADS / upload_id
        with _translated(f"{key}: no such upload"):
            about = json.loads((folder / "about.json").read_text())
        if about["key"] != key:
            raise Missing(f"{key}: no such upload")
        return folder

    @contextmanager
    def _writing(self, target: Path, key: str) -> Iterator[BinaryIO]:
        """A file that takes its place at ``target`` when the block ends well, and vanishes otherwise."""
        temporary = self.root / _TEMPORARY / uuid4().hex
        with _translated(key):
            try:
                with temporary.open("xb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                target.parent.mkdir(mode=0o700, exist_ok=True)
                temporary.replace(target)
                _flush_folder(target.parent)
            finally:
                temporary.unlink(missing_ok=True)

    def _link(self, source: str, target: str) -> None:
        """Give a file a second name. One that has this name already stays: it was written once."""
        path = self._path(target)
        with _translated(source):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                os.link(self._path(source), path)
            except FileExistsError:
                return
            _flush_folder(path.parent)

    def _held_with_hash(self, incoming: str, sha256: str) -> str:
        held = self.hold(incoming)
        with _translated(held), self._path(held).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            self.delete(held)
            raise Mismatch(f"{incoming}: the bytes have changed since they were checked")
        return held


def _copy_at_most(stream: Readable, file: BinaryIO, limit: int, key: str) -> int:
    written = 0
    # one byte more than promised is asked for, so that too much is seen without reading all of it
    while chunk := stream.read(min(CHUNK, limit + 1 - written)):
        written += len(chunk)
        if written > limit:
            raise Mismatch(f"{key}: more than the promised {limit} bytes")
        file.write(chunk)
    return written


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn errors of the file system into ours. Those of a broken connection (also OSError) pass through."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing(what) from error
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        reason = "no room is left" if error.errno in (errno.ENOSPC, errno.EDQUOT) else str(error)
        raise StoreUnavailable(f"{what}: {reason}") from error


def _stored(root: Path, path: Path, older_than: datetime | None) -> Stored | None:
    try:
        stat = path.stat()
    except FileNotFoundError:  # removed while we list
        return None
    modified = datetime.fromtimestamp(stat.st_mtime, UTC)
    if path.is_dir() or (older_than is not None and modified >= older_than):
        return None
    return Stored(path.relative_to(root).as_posix(), stat.st_size, modified)


def _flush_folder(folder: Path) -> None:
    # without it a power cut may forget the rename although the file itself is on the disk
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _part_name(number: int) -> str:
    return f"part-{number:05d}"


def _until(expires: timedelta) -> float:
    return time.time() + expires.total_seconds()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("ascii")
