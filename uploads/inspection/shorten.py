"""A PDF with its first pages only, and ours instead of the rest; made in a child, because the PDF is not trusted.

The pages go into a new document, so what the old one said of itself (author, title, program, bookmarks) stays behind.
"""

from __future__ import annotations

import ctypes
from typing import Any, BinaryIO

import pypdfium2_raw as pdfium  # type: ignore[import-untyped]

from uploads.inspection.limits import run


def main() -> None:
    """The child's whole life."""
    run(look)


def look(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Write the first ``keep`` pages of ``path`` and all pages of ``rest`` to ``target``; how many it has then."""
    pdfium.FPDF_InitLibrary()
    source, rest = (pdfium.FPDF_LoadDocument(each.encode(), None) for each in (path, request["rest"]))
    made, keep = pdfium.FPDF_CreateNewDocument(), int(request["keep"])
    if not (source and rest and made):
        return {"pages": 0}
    if not pdfium.FPDF_ImportPages(made, source, b"1-%d" % keep, 0):
        return {"pages": 0}
    if not pdfium.FPDF_ImportPages(made, rest, None, keep):
        return {"pages": 0}
    with open(request["target"], "wb") as target:
        written = _save(made, target)
    return {"pages": int(pdfium.FPDF_GetPageCount(made)) if written else 0}


def _save(document: Any, target: BinaryIO) -> bool:
    def write(_: Any, data: Any, size: int) -> int:
        try:
            return int(target.write(ctypes.string_at(data, size)) == size)
        except OSError:  # larger than the file may become
            return 0

    writer = pdfium.FPDF_FILEWRITE()
    writer.version = 1
    writer.WriteBlock = type(writer.WriteBlock)(write)
    return bool(pdfium.FPDF_SaveAsCopy(document, ctypes.byref(writer), pdfium.FPDF_NO_INCREMENTAL))
