"""A store behind the S3 API (boto3): AWS, MinIO, Ceph, OpenStack Swift and others.

Uses only what all of them offer: no conditional PUT, no presigned POST, no bulk delete, no object lock.
The contract is in ``uploads.port``; why it is done so is in ``docs/decisions/0005-object-store.md``.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from uploads.errors import Mismatch, Missing, StoreUnavailable
from uploads.names import content_disposition
from uploads.port import (
    CHECKING,
    CHUNK,
    INCOMING,
    MULTIPART_FROM,
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

CONNECT_TIMEOUT = 2.0  # seconds
READ_TIMEOUT = 15.0  # seconds between two bytes, not for a whole answer
COPY_TIMEOUT = 180.0  # seconds: a store copies gigabytes before its first byte of answer
ATTEMPTS = 3  # in all; botocore waits in between, under a second at first
_NEUTRAL_TYPE = "application/octet-stream"
_GONE = frozenset({"404", "NoSuchKey", "NoSuchUpload", "NotFound"})
_NOT_AS_PROMISED = frozenset({"EntityTooSmall", "InvalidPart", "InvalidPartOrder", "PreconditionFailed", "BadDigest"})
_BUSY = frozenset({"RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "RequestTimeTooSkewed"})


class S3Storage:
    """A bucket. ``endpoint`` is where we reach it, ``public_endpoint`` where browsers do, if that differs.

    Keys may be None: botocore then looks in its usual places (instance role, profile).
    """

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str | None = None,
        public_endpoint: str | None = None,
        region: str = "us-east-1",
        access_key: str | None = None,
        secret_key: str | None = None,
        multipart_from: int = MULTIPART_FROM,
        part_size: int = PART_SIZE,
    ) -> None:
        self.bucket = bucket
        self._multipart_from, self._part_size = multipart_from, part_size
        session = boto3.session.Session(
            aws_access_key_id=access_key, aws_secret_access_key=secret_key, region_name=region
        )

        def client(address: str | None, read_timeout: float = READ_TIMEOUT) -> Any:
            return session.client("s3", endpoint_url=address, config=_config(read_timeout))

        self._client = client(endpoint)
        self._copier = client(endpoint, COPY_TIMEOUT)
        self._signer = client(public_endpoint or endpoint)

    def __repr__(self) -> str:
        return f"S3Storage({self.bucket!r})"

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
        """See ``Storage.ticket``. Size and type are signed, so the store itself refuses others."""
        where = self._at(key)
        if multipart_part_size or size >= self._multipart_from:
            part_size = multipart_part_size or self._part_size
            parts = tuple(range(1, part_count(size, part_size) + 1))
            with _translated(key):
                begun = self._client.create_multipart_upload(**where, ContentType=media_type)
            upload_id = str(begun["UploadId"])
            return Ticket(key, size, media_type, upload_id=upload_id, part_size=part_size, parts=parts)
        url = self._sign("put_object", expires, **where, ContentType=media_type, ContentLength=size)
        return Ticket(key, size, media_type, url=url, headers={"Content-Type": media_type})

    def part_url(self, key: str, upload_id: str, number: int, *, expires: timedelta, size: int | None = None) -> str:
        """See ``Storage.part_url``."""
        length = {} if size is None else {"ContentLength": size}
        return self._sign("upload_part", expires, **self._at(key), UploadId=upload_id, PartNumber=number, **length)

    def list_parts(self, key: str, upload_id: str) -> list[Part]:
        """See ``Storage.list_parts``."""
        pages = self._client.get_paginator("list_parts").paginate(**self._at(key), UploadId=upload_id)
        with _translated(key):
            found = [part for page in pages for part in page.get("Parts", ())]
        return sorted(
            (Part(int(part["PartNumber"]), int(part["Size"]), str(part["ETag"])) for part in found),
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
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        with _translated(key):
            self._copier.complete_multipart_upload(
                **self._at(key), UploadId=upload_id, MultipartUpload={"Parts": listed}
            )
        return total

    def abort(self, key: str, upload_id: str) -> None:
        """See ``Storage.abort``."""
        with _ignored_if_gone(key):
            self._client.abort_multipart_upload(**self._at(key), UploadId=upload_id)

    # Objects

    @contextmanager
    def open(self, key: str) -> Iterator[Source]:
        """See ``Storage.open``. The stream cannot seek."""
        with _translated(key):
            body = self._client.get_object(**self._at(key))["Body"]
        try:
            yield _Body(body, key)
        finally:
            body.close()

    def head(self, key: str) -> int | None:
        """See ``Storage.head``."""
        try:
            with _translated(key):
                return int(self._client.head_object(**self._at(key))["ContentLength"])
        except Missing:
            return None

    def hold(self, incoming_key: str) -> str:
        """See ``Storage.hold``. The store copies; nothing passes through here."""
        held = checking_key(incoming_key)
        self._copy(incoming_key, held)
        return held

    def accept(self, key: str, sha256: str) -> str:
        """See ``Storage.accept``."""
        final = object_key(sha256)
        held = key if checked_key(key).startswith(CHECKING) else self._held_with_hash(key, sha256)
        size = self.head(held)
        if size is None:
            raise Missing(held)
        if self.head(final) != size:  # absent, or an interrupted copy of a store that is not atomic
            self._copy(held, final)
            if self.head(final) != size:
                raise StoreUnavailable(f"{final}: the store's copy has another size than its source")
        self.delete(held)
        self.delete(incoming_of(held))
        return final

    def put(self, key: str, data: bytes | BinaryIO, media_type: str) -> int:
        """See ``Storage.put``. A stream goes up in parts, one after the other, so memory stays flat."""
        where = self._at(key)
        with _translated(key):
            if isinstance(data, bytes):
                self._client.put_object(**where, Body=data, ContentType=media_type)
                return len(data)
            transfer = TransferConfig(
                multipart_threshold=self._multipart_from, multipart_chunksize=self._part_size, use_threads=False
            )
            self._client.upload_fileobj(data, **where, ExtraArgs={"ContentType": media_type}, Config=transfer)
        return self.head(key) or 0

    def get_url(self, key: str, *, filename: str, media_type: str, inline: bool = False, expires: timedelta) -> str:
        """See ``Storage.get_url``."""
        return self._sign(
            "get_object",
            expires,
            **self._at(key),
            ResponseContentType=media_type,
            ResponseContentDisposition=content_disposition(filename, inline=inline),
            ResponseCacheControl="private, no-store",
        )

    def delete(self, key: str) -> None:
        """See ``Storage.delete``."""
        with _ignored_if_gone(key):
            self._client.delete_object(**self._at(key))

    def list(self, prefix: str, *, older_than: datetime | None = None) -> Iterator[Stored]:
        """See ``Storage.list``."""
        pages = self._client.get_paginator("list_objects_v2")
        with _translated(prefix):
            for page in pages.paginate(Bucket=self.bucket, Prefix=checked_prefix(prefix)):
                for found in page.get("Contents", ()):
                    if older_than is None or found["LastModified"] < older_than:
                        yield Stored(str(found["Key"]), int(found["Size"]), found["LastModified"])

    def list_uploads(self, *, older_than: datetime | None = None) -> Iterator[StaleUpload]:
        """See ``Storage.list_uploads``."""
        pages = self._client.get_paginator("list_multipart_uploads")
        with _translated(INCOMING):
            for page in pages.paginate(Bucket=self.bucket, Prefix=INCOMING):
                for found in page.get("Uploads", ()):
                    if older_than is None or found["Initiated"] < older_than:
                        yield StaleUpload(str(found["Key"]), str(found["UploadId"]), found["Initiated"])

    def clear_temporaries(self, *, older_than: datetime) -> int:  # noqa: ARG002
        """See ``Storage.clear_temporaries``. S3 shows no object before it is whole."""
        return 0

    # The bucket

    def prepare(self) -> None:
        """Make the bucket where it is not there yet."""
        with _translated(self.bucket):
            try:
                self._client.head_bucket(Bucket=self.bucket)
            except ClientError as error:
                if _code(error) not in _GONE | {"NoSuchBucket"}:
                    raise
                self._make_bucket()

    def check_health(self) -> None:
        """See ``Storage.check_health``."""
        try:
            with _translated(self.bucket):
                self._client.head_bucket(Bucket=self.bucket)
        except Missing:
            raise StoreUnavailable(f"there is no bucket {self.bucket!r}") from None

    # Private parts

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": checked_key(key)}

    def _sign(self, operation: str, expires: timedelta, **parameters: Any) -> str:
        seconds = max(1, int(expires.total_seconds()))
        return str(self._signer.generate_presigned_url(operation, Params=parameters, ExpiresIn=seconds))

    def _copy(self, source: str, target: str) -> None:
        # REPLACE: the type that the browser chose must not travel along
        with _translated(source):
            self._copier.copy_object(
                **self._at(target),
                CopySource=self._at(source),
                MetadataDirective="REPLACE",
                ContentType=_NEUTRAL_TYPE,
            )

    def _held_with_hash(self, incoming: str, sha256: str) -> str:
        held = self.hold(incoming)
        found = hashlib.sha256()
        with self.open(held) as source:
            while chunk := source.read(CHUNK):
                found.update(chunk)
        if found.hexdigest() != sha256:
            self.delete(held)
            raise Mismatch(f"{incoming}: the bytes have changed since they were checked")
        return held

    def _make_bucket(self) -> None:
        region = self._client.meta.region_name
        # AWS refuses its own default region as a constraint, and wants any other
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self._client.create_bucket(Bucket=self.bucket, **where)
        except ClientError as error:
            if _code(error) != "BucketAlreadyOwnedByYou":  # two starts at once
                raise


class _Body(io.RawIOBase):
    """A stream of the store whose breaking off is one of our errors."""

    def __init__(self, body: Any, key: str) -> None:
        super().__init__()
        self._body, self._key = body, key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with _translated(self._key):
            return int(self._body.readinto(buffer))


def _config(read_timeout: float) -> Config:
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=read_timeout,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=32,
        # newer botocore adds CRC trailers, which Swift and older stores refuse and browsers cannot send
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn the library's errors into ours; ``what`` names the object in the log."""
    try:
        yield
    except ClientError as error:
        raise _ours(error, what) from error
    except (BotoCoreError, OSError) as error:
        raise StoreUnavailable(f"{what}: {error}") from error


@contextmanager
def _ignored_if_gone(key: str) -> Iterator[None]:
    try:
        with _translated(key):
            yield
    except Missing:
        return


def _ours(error: ClientError, what: str) -> BaseException:
    code, status = _code(error), int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _GONE:
        return Missing(what)
    if code in _NOT_AS_PROMISED:
        return Mismatch(f"{what}: {error}")
    if code in _BUSY or status >= 500 or status in (401, 403, 408, 429) or code == "NoSuchBucket":
        return StoreUnavailable(f"{what}: {error}")
    bug: BaseException = error  # of ours: to be seen as such
    return bug


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
