"""A PDF with its first pages only, and ours instead of the rest; made in a child, because the PDF is not trusted.

The pages go into a new document, so what the old one said of itself (author, title, program, bookmarks) stays behind.
Pages and pictures bring what they say of themselves along, and comments name who wrote them: of a ``bare`` copy both
are taken away.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from typing import Any

import pypdfium2_raw as pdfium  # type: ignore[import-untyped]

from uploads.inspection.limits import run

#: Streams of metadata and private data of programs, as PDFium writes what refers to them.
_SAYS_OF_ITSELF = re.compile(
    rb"/(?:Metadata|PieceInfo)[ \r\n]*\d+ \d+ R"
    rb"|/PieceInfo[ \r\n]*<<(?:[^<>]++|<<(?:[^<>]++|<<[^<>]*+>>)*+>>)*+>>"
)


def main() -> None:
    """The child's whole life."""
    run(look)


def look(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Write the first ``keep`` pages of ``path`` and all pages of ``rest``, where there is one, to ``target``; how
    many it has then."""
    pdfium.FPDF_InitLibrary()
    source, made, keep = _opened(path), pdfium.FPDF_CreateNewDocument(), int(request["keep"])
    if not (source and made and pdfium.FPDF_ImportPages(made, source, b"1-%d" % keep, 0)):
        return {"pages": 0}
    if request.get("rest"):
        rest = _opened(request["rest"])
        if not (rest and pdfium.FPDF_ImportPages(made, rest, None, keep)):
            return {"pages": 0}
    plain = b""  # the document reads from it as long as it is used
    if request.get("bare"):
        plain = _without_names(made)
        made = pdfium.FPDF_LoadMemDocument64(plain, len(plain), None)
    with open(request["target"], "wb") as target:
        written = bool(made) and _save(made, target.write)
    return {"pages": int(pdfium.FPDF_GetPageCount(made)) if written else 0}


def _opened(path: str) -> Any:
    return pdfium.FPDF_LoadDocument(path.encode(), None)


def _without_names(document: Any) -> bytes:
    """Its bytes without annotations and metadata of its parts; none where it cannot be written."""
    for number in range(pdfium.FPDF_GetPageCount(document)):
        page = pdfium.FPDF_LoadPage(document, number)
        while page and pdfium.FPDFPage_GetAnnotCount(page) > 0 and pdfium.FPDFPage_RemoveAnnot(page, 0):
            pass
        if page:
            pdfium.FPDF_ClosePage(page)
    content = bytearray()

    def keep(data: bytes) -> int:
        content.extend(data)
        return len(data)

    if not _save(document, keep):
        return b""
    # of equal length, so that the table of places still holds; what nothing refers to is not written again
    return _SAYS_OF_ITSELF.sub(lambda found: b" " * len(found.group()), bytes(content))


def _save(document: Any, take: Callable[[bytes], int]) -> bool:
    def write(_: Any, data: Any, size: int) -> int:
        try:
            return int(take(ctypes.string_at(data, size)) == size)
        except OSError:  # larger than the file may become
            return 0

    writer = pdfium.FPDF_FILEWRITE()
    writer.version = 1
    writer.WriteBlock = type(writer.WriteBlock)(write)
    return bool(pdfium.FPDF_SaveAsCopy(document, ctypes.byref(writer), pdfium.FPDF_NO_INCREMENTAL))
