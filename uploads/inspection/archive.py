"""What a ZIP container holds: which kind of document it is, macros, bombs, paths that lead out of a folder.

Nothing is unpacked to a disk. Sizes that the archive declares are not believed: each entry is unpacked in
memory, piece by piece, until it exceeds what it declares.
"""

from __future__ import annotations

import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from isal import igzip_lib, isal_zlib

from uploads.inspection.limits import run

MAX_ENTRIES = 20_000
MAX_UNPACKED = 2 << 30  # bytes in all
MAX_RATIO = 200  # unpacked over packed; real documents stay below 50
RATIO_FROM = 16 << 20  # bytes; what unpacks to less harms nobody
_STEP = 1 << 18
_DESCRIPTION = 1 << 20  # bytes of an entry that says what the container is

_TYPES = {
    b"wordprocessingml.document.main+xml": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    b"spreadsheetml.sheet.main+xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"presentationml.presentation.main+xml": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ),
    # the same with macros: named for what they pretend to be, refused for the macros
    b"ms-word.document.macroEnabled": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"ms-excel.sheet.macroEnabled": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ms-powerpoint.presentation.macroEnabled": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ),
}
_MACRO_ENTRY = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml|activeX/.*|xl/macrosheets/.*)$", re.IGNORECASE)
_ODF_MACRO_ENTRY = re.compile(r"^(Basic|Scripts)/.+", re.IGNORECASE)
_OUTWARD = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\")
_SYMLINK = 0o120000
_NOT_PACKED = cast(type[Exception], igzip_lib.IsalError)  # its stub calls the class an object
_DAMAGED = (
    zipfile.BadZipFile, _NOT_PACKED, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError,
)  # fmt: skip
_HEADER = struct.Struct("<26xHH")  # before an entry's content; lengths of the name and the extra field that follow


def main() -> None:
    """The child's whole life."""
    run(look)


def look(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """The type, and problems as pairs of a code and a reason that completes a sentence."""
    try:
        with _mapped(path) as data, zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if problem := _bomb_by_directory(entries, int(request["size"])):
                return _answer("application/zip", [problem])
            media_type, macros = _document(archive)
            problems = [*_paths(entries), *macros, *_unpacking(archive, entries, data)]
            return _answer(media_type, problems)
    except _DAMAGED:
        return _answer("application/zip", [("zip-unreadable", "it is damaged")])


@contextmanager
def _mapped(path: str) -> Iterator[mmap.mmap]:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _answer(media_type: str, problems: list[tuple[str, str]]) -> dict[str, Any]:
    return {"media_type": media_type, "pages": None, "problems": problems}


def _bomb_by_directory(entries: list[zipfile.ZipInfo], size: int) -> tuple[str, str] | None:
    """Judged by the archive's own directory alone, before anything is unpacked."""
    if len(entries) > MAX_ENTRIES:
        return "zip-bomb", f"it holds {len(entries):,} files; at most {MAX_ENTRIES:,} are taken"
    packed, unpacked = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1)):
        return "zip-bomb", f"it would unpack to {unpacked / 2**20:,.0f} MB"
    if packed > size:  # entries that share the same bytes
        return "zip-bomb", "its files overlap each other"
    return None


def _document(archive: zipfile.ZipFile) -> tuple[str, list[tuple[str, str]]]:
    names = archive.namelist()
    if names and names[0] == "mimetype":
        return _open_document(archive, names)
    if "[Content_Types].xml" not in names:
        return "application/zip", []
    types = _beginning(archive, "[Content_Types].xml")
    found = (media_type for mark, media_type in _TYPES.items() if mark in types)
    active = b"macroEnabled" in types or b"vbaProject" in types or any(map(_MACRO_ENTRY.search, names))
    return next(found, "application/zip"), [("macros", "it contains macros")] if active else []


def _open_document(archive: zipfile.ZipFile, names: list[str]) -> tuple[str, list[tuple[str, str]]]:
    declared = _beginning(archive, "mimetype").decode("ascii", "replace").strip()
    media_type = declared if declared.startswith("application/vnd.oasis.opendocument.") else "application/zip"
    return media_type, [("macros", "it contains macros")] if any(map(_ODF_MACRO_ENTRY.search, names)) else []


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as entry:
        return entry.read(_DESCRIPTION)


def _paths(entries: list[zipfile.ZipInfo]) -> list[tuple[str, str]]:
    # orig_filename: zipfile itself cuts at NUL and turns separators
    if any(_OUTWARD.search(entry.orig_filename) or "\0" in entry.orig_filename for entry in entries):
        return [("zip-path", "it holds a file whose name leads out of the folder it is unpacked to")]
    if any(entry.external_attr >> 16 & 0o170000 == _SYMLINK for entry in entries):
        return [("zip-path", "it holds links to other files")]
    return []


def _unpacking(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], data: mmap.mmap) -> list[tuple[str, str]]:
    if any(entry.flag_bits & 1 for entry in entries):
        return [("encrypted", "it is protected with a password")]
    for entry in entries:
        if _unpacks_to_more(archive, entry, data):
            return [("zip-bomb", "it unpacks to more than it says")]
    return []


def _unpacks_to_more(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, data: mmap.mmap) -> bool:
    """Whether an entry holds more bytes than it declares; BadZipFile when it holds less or other ones."""
    read = found = 0
    for piece in _pieces(archive, entry, data):
        read, found = read + len(piece), isal_zlib.crc32(piece, found)
        if read > entry.file_size:
            return True
    if read < entry.file_size or found != entry.CRC:
        raise zipfile.BadZipFile(entry.filename)
    return False


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, data: mmap.mmap) -> Iterator[bytes]:
    """What the entry unpacks to, at least one byte more than it declares if there is more."""
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        yield from _slowly(archive, entry)
        return
    with archive.open(entry):  # compares the entry's own header with the directory; no content is read
        pass
    name, extra = _HEADER.unpack_from(data, entry.header_offset)
    at = entry.header_offset + _HEADER.size + name + extra
    end, unpack = at + entry.compress_size, isal_zlib.decompressobj(-zlib.MAX_WBITS)
    if end > len(data):
        raise zipfile.BadZipFile(entry.filename)
    packed = b""
    while not unpack.eof and (packed or at < end):
        if not packed:
            packed = data[at : min(at + _STEP, end)]
            at += len(packed)
        yield unpack.decompress(packed, _STEP)
        packed = unpack.unconsumed_tail
    while piece := unpack.decompress(b"", _STEP):  # what it still holds back
        yield piece


def _slowly(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The same for what is not packed, or packed in a way that is rare."""
    declared, checksum = entry.file_size, entry.CRC
    # zipfile stops at the declared size, so it is told of one byte more, and the checksum is ours to compare
    entry.file_size, entry.CRC = declared + 1, None  # type: ignore[assignment]
    try:
        content = archive.open(entry)
    finally:
        entry.file_size, entry.CRC = declared, checksum
    with content:
        while piece := content.read(_STEP):
            yield piece
