"""A PDF without the pages after a limit, or without what it says of its authors. The original stays as it is."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from uploads.inspection.child import Inspection
from uploads.port import CHUNK, Storage

_ROOM = 8 << 20  # bytes that the new file may be larger than twice the old one


def shortened(
    storage: Storage, key: str, *, keep: int, rest: bytes | None = None, bare: bool = False
) -> tuple[bytes, int]:
    """The first ``keep`` pages of the PDF at ``key`` with the pages of the PDF ``rest`` behind; how many it has.

    What the file says of itself (author, title, program, XMP) stays behind. ``bare``: so do comments, links, and what
    its pages and pictures say of themselves.

    Read and written in a child process under limits, as every file that others made. Raises GaveUp when that cannot
    be done, Missing and StoreUnavailable.
    """
    with tempfile.TemporaryDirectory(prefix="shorten-") as folder:
        source, others, target = (Path(folder) / name for name in ("source", "rest", "target"))
        with storage.open(key) as stored, source.open("wb") as copy:
            shutil.copyfileobj(stored, copy, CHUNK)  # type: ignore[misc]
        if rest is not None:
            others.write_bytes(rest)
        target.touch()
        size = os.stat(source).st_size
        with Inspection("shorten") as inspection:
            inspection.ask(
                str(source), size, rest=str(others) if rest is not None else "", target=str(target), keep=keep,
                bare=bare, writes=2 * size + _ROOM,
            )  # fmt: skip
            pages = int(inspection.answer()["pages"])
        return target.read_bytes(), pages
