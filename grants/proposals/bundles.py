"""The whole proposal in one file: a PDF with a page of contents, and a ZIP with the data as JSON."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import BinaryIO

import pypdfium2

from grants.proposals.part_a import typeset
from uploads.names import safe_name
from uploads.port import CHUNK, Storage

#: A bundle takes in so many bytes of uploaded PDFs; larger ones are in the ZIP only.
LARGEST_BUNDLE = 64 * 1024**2

CONTENTS = r"""
#let facts = json(bytes(sys.inputs.facts))
#set document(title: facts.title, author: facts.funder, date: none)
#set text(lang: "en", size: 10pt)
#set page(paper: "a4", margin: 22mm, footer: align(center, text(8pt, facts.title)))
#show table.cell.where(y: 0): strong
= #facts.title
#facts.state_line

#table(columns: (1fr, auto), stroke: 0.4pt + rgb("#8a8a8a"), inset: 5pt,
  align: (column, row) => if column == 0 { left } else { right },
  table.header([Contents], [Page]),
  ..facts.rows.map(each => each.map(value => [#value])).flatten())
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """An uploaded file: what it is, its name, where it lies."""

    label: str
    name: str
    media_type: str
    size: int
    key: str


def bundle(part_a: bytes, pieces: Sequence[Piece], storage: Storage, *, title: str, state: str, funder: str) -> bytes:
    """Contents, Part A and all PDFs in one. What is no PDF, or too large, is named as being in the ZIP only.

    Pages of others lose their tags when they are put together: the accessible form is each file of its own.
    """
    whole, room = [("Part A", _opened(part_a))], LARGEST_BUNDLE
    left: list[str] = []
    for piece in pieces:
        read = piece.media_type == "application/pdf" and piece.size <= room
        document = _opened(_bytes(storage, piece)) if read else None
        if document is None:
            left.append(f"{piece.label}: {piece.name}")
            continue
        room -= piece.size
        whole.append((f"{piece.label}: {piece.name}", document))
    known = [(name, document) for name, document in whole if document is not None]
    return _joined(known, left, {"title": title, "state_line": state, "funder": funder})


def _joined(parts: Sequence[tuple[str, pypdfium2.PdfDocument]], left: Sequence[str], facts: dict[str, str]) -> bytes:
    lengths = [len(document) for _, document in parts]
    front = _contents(parts, lengths, left, facts, pages=1)
    if len(front) != 1:  # many annexes: the numbers move
        front = _contents(parts, lengths, left, facts, pages=len(front))
    made = pypdfium2.PdfDocument.new()
    for document in (front, *(document for _, document in parts)):
        made.import_pages(document)
        document.close()
    out = BytesIO()
    made.save(out)
    made.close()
    return out.getvalue()


def _contents(
    parts: Sequence[tuple[str, pypdfium2.PdfDocument]], lengths: Sequence[int], left: Sequence[str],
    facts: dict[str, str], *, pages: int,
) -> pypdfium2.PdfDocument:  # fmt: skip
    starts = [1 + pages + sum(lengths[:place]) for place in range(len(parts))]
    rows = [[name, str(start)] for (name, _), start in zip(parts, starts, strict=True)]
    rows += [[name, "in the ZIP only"] for name in left]
    return pypdfium2.PdfDocument(typeset(CONTENTS, {**facts, "rows": rows}))


def _opened(data: bytes) -> pypdfium2.PdfDocument | None:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return None


def _bytes(storage: Storage, piece: Piece) -> bytes:
    with storage.open(piece.key) as source:
        return source.read() or b""


def archive(
    out: BinaryIO, data: bytes, part_a: bytes, pieces: Sequence[Piece], storage: Storage, *, made: datetime
) -> None:
    """Write a ZIP to ``out``: ``proposal.json`` (the very bytes whose SHA-256 the receipt names), Part A, each file.

    The same version gives the same bytes: ``made`` is the date of every entry.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr(_entry("proposal.json", made, zipfile.ZIP_DEFLATED), data)
        packed.writestr(_entry("00 Part A.pdf", made, zipfile.ZIP_DEFLATED), part_a)
        for place, piece in enumerate(pieces, 1):
            entry = _entry(f"{place:02d} {safe_name(piece.name)}", made, zipfile.ZIP_STORED)
            entry.file_size = piece.size
            with storage.open(piece.key) as source, packed.open(entry, "w", force_zip64=piece.size > 2**31) as into:
                while chunk := source.read(CHUNK):
                    into.write(chunk)


def _entry(name: str, made: datetime, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=made.timetuple()[:6])
    entry.compress_type = kind
    entry.external_attr = 0o644 << 16
    return entry
