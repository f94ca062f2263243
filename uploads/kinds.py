"""What a file is by its bytes: the types we know, how they begin, and what they are called.

Only what a call may ask for is told apart exactly; everything else is merely named, so that a refusal can say
what the file is. ZIP-based and OLE-based formats are told apart further in ``uploads.inspection``.
"""

from __future__ import annotations

import codecs
import struct

import puremagic

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ZIP = "application/zip"
PNG = "image/png"
JPEG = "image/jpeg"
CSV = "text/csv"
TEXT = "text/plain"
DOC = "application/msword"
RTF = "application/rtf"
HTML = "text/html"
OLE = "application/x-ole-storage"
UNKNOWN = "application/octet-stream"

EXTENSIONS = {
    "pdf": PDF,
    "docx": DOCX,
    "xlsx": XLSX,
    "pptx": PPTX,
    "odt": ODT,
    "ods": ODS,
    "zip": ZIP,
    "png": PNG,
    "jpg": JPEG,
    "jpeg": JPEG,
    "csv": CSV,
    "txt": TEXT,
    "doc": DOC,
    "rtf": RTF,
}
LABELS = {
    PDF: "a PDF",
    DOCX: "a Word document (.docx)",
    XLSX: "an Excel workbook (.xlsx)",
    PPTX: "a PowerPoint presentation (.pptx)",
    ODT: "an OpenDocument text (.odt)",
    ODS: "an OpenDocument spreadsheet (.ods)",
    ZIP: "a ZIP archive",
    PNG: "a PNG image",
    JPEG: "a JPEG image",
    CSV: "a CSV table",
    TEXT: "plain text",
    DOC: "a Word document (.doc)",
    RTF: "a rich text document (.rtf)",
    HTML: "a web page",
    OLE: "an old Office file of another kind",
}
INSPECTED = frozenset({PDF, ZIP, OLE, RTF})  # need a look at the whole file, in any order

_MAGIC = (
    (b"%PDF-", PDF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),  # an empty archive
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"{\\rtf", RTF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)
_FOREIGN = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"#!", "a script"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"GIF8", "a GIF image"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_END_OF_ZIP = b"PK\x05\x06"
TAIL = 66_000  # bytes: where the directory of a ZIP archive must end, with its longest comment


def sniff(head: bytes) -> str:
    """The type that ``head`` (the first bytes, 4 KiB are enough) begins like; UNKNOWN may still be text."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return HTML
    return UNKNOWN


def described(media_type: str, head: bytes = b"") -> str:
    """The type in words, for a sentence that goes on from "it is …"."""
    if media_type in LABELS:
        return LABELS[media_type]
    for magic, label in _FOREIGN:
        if head.startswith(magic):
            return label
    return _guessed(head)


def is_two_files(tail: bytes, size: int) -> bool:
    """Whether a file that does not begin as a ZIP archive ends as one (``tail``: its last bytes).

    Such a file is one thing for the check and another for the program that opens it.
    """
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) - at < 22:
        return False
    directory_size, directory_at, comment = struct.unpack("<IIH", tail[at + 12 : at + 22])
    ends_here = at + 22 + comment <= len(tail)
    return bool(ends_here and directory_size > 0 and directory_at + directory_size <= size)


class TextTest:
    """Whether a stream of bytes is text: valid UTF-8 (or UTF-16 with its mark) without NUL, else Western
    without any control character.
    """

    def __init__(self, head: bytes) -> None:
        self._wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        self._decoder = codecs.getincrementaldecoder("utf-16" if self._wide else "utf-8")()
        self._decodes, self._pending = True, False
        self.is_text = not head.startswith(tuple(magic for magic, _ in _FOREIGN if magic != b"MZ"))

    def feed(self, chunk: bytes | bytearray | memoryview) -> None:
        """Look at the next bytes."""
        if not self.is_text:
            return
        raw = bytes(chunk)
        if self._decodes and not self._pending and not self._wide and raw.isascii():
            self.is_text = b"\0" not in raw  # nearly all text, tested at the speed of memory
        elif self._decodes and self._decoded(raw):
            self.is_text = self._wide or b"\0" not in raw
        else:
            self.is_text = not self._wide and len(raw.translate(None, _CONTROLS)) == len(raw)

    def _decoded(self, raw: bytes) -> bool:
        try:
            self._decoder.decode(raw)
        except UnicodeDecodeError:
            self._decodes = False
        self._pending = bool(self._decoder.getstate()[0])  # a character cut in two by the chunk's end
        return self._decodes


def _guessed(head: bytes) -> str:
    try:
        name = puremagic.magic_string(head)[0].name
    except (puremagic.PureError, IndexError, ValueError):
        name = ""
    return f"something else ({name})" if name else "something that we do not know"
