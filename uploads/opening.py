"""From an address (the setting ``STORAGE_URL``) to a store.

``file:///var/lib/grants/files``
``s3://bucket?endpoint=https://s3.example.org&region=eu-west-1&public_endpoint=https://files.example.org``
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from uploads.errors import BadAddress
from uploads.local import LocalStorage
from uploads.port import Storage

_OPTIONS = frozenset({"endpoint", "public_endpoint", "region", "access_key", "secret_key"})
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def open_storage(url: str, *, secret_key: str, base_url: str, environ: Mapping[str, str] | None = None) -> Storage:
    """The store at ``url``. Does not ask it anything yet: ``prepare()`` and ``check_health()`` do.

    ``secret_key`` signs and ``base_url`` begins the addresses of a local store; S3 needs neither. S3's keys
    are taken from the address, else from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in ``environ`` (the
    process's own unless given), else botocore looks in its usual places. Raises BadAddress.
    """
    if problem := storage_problem(url):
        raise BadAddress(problem)
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStorage(Path(unquote(parts.path)), secret_key=secret_key, base_url=base_url)
    from uploads.s3 import S3Storage  # noqa: PLC0415 its library takes a third of a second, which no folder needs

    options = dict(parse_qsl(parts.query))
    around = os.environ if environ is None else environ
    return S3Storage(
        parts.netloc,
        endpoint=options.get("endpoint"),
        public_endpoint=options.get("public_endpoint"),
        region=options.get("region") or "us-east-1",
        access_key=options.get("access_key") or around.get("AWS_ACCESS_KEY_ID"),
        secret_key=options.get("secret_key") or around.get("AWS_SECRET_ACCESS_KEY"),
    )


def storage_problem(url: str) -> str | None:
    """What is wrong with the address of a store, in one line that never repeats a secret; None if nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is not an address: write file:///folder or s3://bucket?endpoint=…"
    if parts.scheme == "file":
        return _problem_of_file(parts)
    if parts.scheme == "s3":
        return _problem_of_s3(parts)
    return "must begin with file:/// or s3://"


def _problem_of_file(parts: SplitResult) -> str | None:
    if parts.netloc:
        return "needs three slashes: file:///absolute/folder"
    if parts.path in ("", "/"):
        return "names no folder: file:///absolute/folder"
    return "takes no options after the folder" if parts.query else None


def _problem_of_s3(parts: SplitResult) -> str | None:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not _BUCKET.fullmatch(parts.netloc):
        return "needs a bucket of 3 to 63 small letters, digits, dots and hyphens: s3://bucket?endpoint=…"
    if parts.path not in ("", "/"):
        return "names a bucket only, without a path"
    if unknown := sorted(set(options) - _OPTIONS):
        return f"has an unknown option {unknown[0]!r}; known are {', '.join(sorted(_OPTIONS))}"
    if bool(options.get("access_key")) != bool(options.get("secret_key")):
        return "needs access_key and secret_key together, or neither"
    for name in ("endpoint", "public_endpoint"):
        if name in options and not re.match(r"https?://[^/\s]+", options[name]):
            return f"has an {name} that is not http:// or https://"
    return None
