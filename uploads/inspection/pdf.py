"""What a PDF holds: whether it opens, its pages, and whether it does more than show pages.

Whether it opens and how many pages it has is asked of PDFium, as a browser would. PDFium tells only of some
actions, so what the file does is read from its objects, twice: as they lie in the file, wherever that is (also
inside another's stream, or reached by nothing, as another reader may see it), and as PDFium understands them
(``rewritten``), which no trick of spelling escapes.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pypdfium2_raw as pdfium  # type: ignore[import-untyped]  # pypdfium2 itself loads slower

from uploads.inspection.layout import measure
from uploads.inspection.limits import run
from uploads.inspection.rewritten import Garbled, rewrite

MAX_PAGES = 10_000
REWRITTEN = 32 << 20  # bytes; writing a larger file anew would take longer than all the rest of its check
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_TAIL = 4096  # bytes: where a whole PDF says that it ends
_HEAD = 1 << 16  # bytes: longest dictionary that is looked at in one piece
_UNPACKED = 64 << 20  # bytes of unpacked object streams in all

_BLANKS = (b" ", b"\t", b"\n", b"\f", b"\r", b"\0")
_OBJECT = re.compile(rb"obj")
_BETWEEN = rb"(?:[ \t\n\f\r\0]|%[^\r\n]*+[\r\n])"  # one blank, or a comment with the end of its line
_PLAIN_HEADER = re.compile(rb"[\d.][ \t\n\f\r\0]++[+-]*[\d.]++[ \t\n\f\r\0]++\Z")
_HEADER = re.compile(rb"[\d.]%b++[+-]*[\d.]++%b++\Z" % (_BETWEEN, _BETWEEN))
# a header that begins further back than we look: nothing but the rest of a comment, blanks, comments, one number
_LONG_HEADER = re.compile(rb"[^\r\n]*+%b*+(?:[+-]*[\d.]++%b++)?+\Z" % (_BETWEEN, _BETWEEN))
_NEAR = 64  # bytes before "obj" that hold the numbers of nearly every object
_FAR = 1 << 14  # bytes before it that are looked at for comments between them
_STREAM = re.compile(rb">>[\s\0]*stream\r?\n")
_IGNORED = re.compile(rb"\\.|%[^\r\n]*|\((?:[^()\\]|\\.)*\)", re.DOTALL)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_PLAIN_FLATE = re.compile(rb"/Filter[\s\0]*\[?[\s\0]*/(?:FlateDecode|Fl)[\s\0]*\]?(?![A-Za-z0-9])")
_FILTER = re.compile(rb"/Filter(?![A-Za-z0-9])")
_ACTIVE = {
    "runs a script (JavaScript)": re.compile(rb"/(?:JavaScript|JS)(?![A-Za-z0-9])"),
    "starts another program": re.compile(rb"/Launch(?![A-Za-z0-9])"),
    "carries other files inside": re.compile(
        rb"/(?:EmbeddedFiles?(?![A-Za-z0-9])|EF[\s\0]*(?:<<|\d+[\s\0]+\d+[\s\0]+R))"
    ),
    "plays films or sounds": re.compile(rb"/RichMedia(?![A-Za-z0-9])"),
    "is a dynamic form (XFA)": re.compile(rb"/XFA[\s\0]*[\[\d]"),
}


class Unreadable(Exception):
    """The file is damaged, or made to be hard to read."""


class Protected(Exception):
    """The file is encrypted, with or without a password to open it."""


def main() -> None:
    """The child's whole life."""
    run(look, measures)


def look(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Pages, and problems as pairs of a code and a reason that completes a sentence."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            document = _opened(path)
            pages = _counted(document, int(request.get("max_pages", MAX_PAGES)))
            if not _ends(data):
                raise Unreadable("its end is missing")
            reasons = sorted(_activities(data) | (_understood(document) if len(data) <= REWRITTEN else set()))
        except Protected as error:
            return {"pages": None, "problems": [("pdf-encrypted", str(error))]}
        except Unreadable as error:
            return {"pages": None, "problems": [("pdf-unreadable", str(error))]}
    return {"pages": pages, "problems": [("pdf-active", reason) for reason in reasons]}


def measures(path: str, request: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What the pages of a good PDF look like, where that is asked for (``measured``)."""
    if not request.get("measured") or found["problems"]:
        return {}
    return {"measures": measure(_opened(path), found["pages"])}


def _opened(path: str) -> Any:
    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadDocument(path.encode(), None)
    if not document:
        if pdfium.FPDF_GetLastError() == _PASSWORD:
            raise Protected("it asks for a password")
        raise Unreadable("it is damaged")
    # revision -1: no protection at all. One without a password to open it still hides its content from checks
    if pdfium.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise Protected("printing or copying is restricted")
    return document


def _counted(document: Any, max_pages: int) -> int:
    pages = int(pdfium.FPDF_GetPageCount(document))
    if pages > max_pages:
        raise Unreadable(f"it says that it has {pages:,} pages; we open at most {max_pages:,}")
    size = pdfium.FS_SIZEF()
    # the count is only a number in the file: each page must really be there
    if pages < 1 or not all(pdfium.FPDF_GetPageSizeByIndexF(document, page, size) for page in range(pages)):
        raise Unreadable("some of its pages are missing")
    return pages


def _ends(data: mmap.mmap) -> bool:
    tail = data[-_TAIL:]
    return b"startxref" in tail or b"%%EOF" in tail


def _understood(document: Any) -> set[str]:
    """What the file does as PDFium understands it."""
    found: set[str] = set()
    try:
        rewrite(document, lambda text: found.update(_reasons(text)))
    except Garbled as error:
        raise Unreadable("it is damaged") from error
    return found


def _activities(data: mmap.mmap) -> set[str]:
    """What the file does beyond showing pages, as reasons."""
    found: set[str] = set()
    unpacked = 0
    for dictionary, body_at in _dictionaries(data):
        found |= _reasons(dictionary)
        if body_at and _PACKED.search(dictionary):
            content = _unpacked(data, dictionary, body_at, _UNPACKED - unpacked)
            unpacked += len(content)
            found |= _reasons(_named(content))
    return found


def _dictionaries(data: mmap.mmap) -> Iterator[tuple[bytes, int]]:
    """All that is not the body of a stream, in pieces, with where the body after it begins (0: none).

    ``obj`` is looked for in the whole file, bodies included: an object hidden in one begins with it too. The
    pieces after ``endobj`` hold the trailer.
    """
    at = 0
    for mark in _OBJECT.finditer(data):
        if _begins_or_ends(data, mark.start()):  # not three letters by chance in a picture
            yield from _piece(data, at, mark.start())
            at = mark.end()
    yield from _piece(data, at, len(data))


def _begins_or_ends(data: mmap.mmap, at: int) -> bool:
    """Whether ``obj`` at this place belongs to ``endobj`` or to the header of an object: two numbers before it."""
    near = data[max(0, at - _NEAR) : at]
    if near.endswith(b"end"):
        return True
    if near[-1:] not in _BLANKS:
        return False
    if _PLAIN_HEADER.search(near):
        return True
    far = data[max(0, at - _FAR) : at]
    return bool(_HEADER.search(far) or (at > _FAR and _LONG_HEADER.match(far)))


def _piece(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    head = data[start : min(end, start + _HEAD)]
    at = -1
    while (at := head.find(b"stream", at + 1)) >= 0:
        # strings and comments out: they might only pretend that a body begins; a bracket that is left over is
        # a string that we cannot take apart
        shown = _IGNORED.sub(lambda ignored: b" " * len(ignored[0]), head[: at + 8])
        body = _STREAM.search(shown)
        if body and b"(" not in shown:
            yield _named(head[: body.end()]), start + body.end()
            return
    yield _named(head if len(head) < _HEAD else data[start:end]), 0


def _named(piece: bytes) -> bytes:
    """With names spelled out: ``/Java#53cript`` is ``/JavaScript``."""
    if b"#" not in piece:
        return piece
    return _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), piece)


def _reasons(piece: bytes) -> set[str]:
    if b"/" not in piece:
        return set()
    return {reason for reason, pattern in _ACTIVE.items() if pattern.search(piece)}


def _unpacked(data: mmap.mmap, dictionary: bytes, at: int, room: int) -> bytes:
    end = data.find(b"endstream", at)
    packed = data[at : end if end >= 0 else len(data)]
    if not _FILTER.search(dictionary):
        return packed
    if not _PLAIN_FLATE.search(dictionary):
        raise Unreadable("it packs its content in an unusual way")
    try:
        content = zlib.decompressobj().decompress(packed, room + 1)
    except zlib.error as error:
        raise Unreadable("it is damaged") from error
    if len(content) > room:
        raise Unreadable("it unpacks to far more than a document needs")
    return content
