"""The check of one file: a single pass over its bytes, and a look inside by a child process beside it.

What is found is told in findings, each with a stable code and a sentence that says what is wrong and what to do.
What is dangerous is decided in ``uploads.inspection``; which types and sizes are wanted is the caller's policy.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from uploads import kinds
from uploads.inspection.child import GaveUp, Inspection
from uploads.names import extension
from uploads.port import CHUNK, Source
from uploads.scanner import Scanner

MAX_PAGES = 10_000
_INSPECTORS = {kinds.PDF: "pdf", kinds.ZIP: "archive", kinds.OLE: "office", kinds.RTF: "office"}
_HOW_TO = {
    "pdf-unreadable": "The PDF cannot be read: {reason}. Open it, export it as PDF again, and upload that.",
    "pdf-encrypted": "The PDF is protected: {reason}. Remove the protection and upload it again.",
    "pdf-active": "The PDF {reason}, which is not taken. Print it to a new PDF, which keeps only the pages.",
    "zip-bomb": "The file cannot be taken: {reason}. Pack fewer or smaller files.",
    "zip-path": "The file cannot be taken: {reason}. Pack it again from within one folder.",
    "zip-unreadable": "The file cannot be opened: {reason}. Save it again and upload the new file.",
    "encrypted": "The file cannot be checked: {reason}. Remove the password and upload it again.",
    "macros": "The file is not taken because {reason}. Save it without them, or as PDF.",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What is wanted: media types (see ``uploads.kinds``), and the largest size in bytes.

    ``max_pages``: a PDF with more is not opened; ``most_pages``: with more it is not wanted (None: any number).
    ``measured``: whether print and margins of a PDF are measured, see ``Verdict.measures``.
    """

    allowed: frozenset[str]
    max_size: int
    max_pages: int = MAX_PAGES
    measured: bool = False
    most_pages: int | None = None


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One thing that is wrong with a file. ``code`` never changes; ``message`` is for the person."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is. ``sha256`` is empty when the file was too large to be read to its end.

    ``size`` in bytes; ``media_type`` by the bytes, never by what the browser said; ``pages`` of a PDF that
    opens, else None. ``measures``: of its first pages, as ``uploads.inspection.layout`` says; None where not asked.
    """

    size: int
    sha256: str
    media_type: str
    pages: int | None
    findings: tuple[FileFinding, ...]
    measures: list[dict[str, Any]] | None = None

    @property
    def accepted(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def check(
    source: Source,
    *,
    name: str,
    policy: Policy,
    size: int | None = None,
    sha256: str | None = None,
    scanner: Scanner | None = None,
) -> Verdict:
    """Read ``source`` once, to its end, and judge it.

    ``name`` is the file's name as the person sees it: its extension is compared with the true type. ``size``
    (bytes) and ``sha256`` are what was promised, where something was. Memory stays flat; a copy on disk is made
    only when a part of the check needs the whole file and ``source`` is not a file itself. Raises
    ScannerUnavailable, and what reading raises (StoreUnavailable).
    """
    with ExitStack() as stack:
        reading = _Reading(source, stack, policy=policy, scan=scanner is not None)
        reading.read()
        findings = _promises(reading, policy, size, sha256)
        found: dict[str, Any] = {}
        media_type = reading.media_type
        if not findings:
            media_type, found, findings = _inside(reading, name, policy)
        if not findings and scanner is not None:
            findings = _viruses(reading, scanner)
        pages, measures = found.get("pages"), found.get("measures")
        return Verdict(reading.size, reading.sha256, media_type, pages, tuple(findings), measures)


class _Reading:
    """One pass: size, hash, type by the beginning, text or not, the last bytes; a copy if one is needed."""

    def __init__(self, source: Source, stack: ExitStack, *, policy: Policy, scan: bool) -> None:
        self._source, self._stack, self._policy, self._scan = source, stack, policy, scan
        self._hash = hashlib.sha256()
        self._copy: BinaryIO | None = None
        self.inspection: Inspection | None = None
        self.path: str | None = None
        self.size, self.sha256, self.head, self.tail = 0, "", b"", b""
        self.media_type = kinds.UNKNOWN

    def read(self) -> None:
        """Read to the end, or until there is more than the policy takes."""
        buffer = bytearray(CHUNK)
        view = memoryview(buffer)
        text: kinds.TextTest | None = None
        while count := _filled(self._source, view):
            chunk = view[:count]
            if not self.size:
                text = self._begin(bytes(chunk[:4096]))
            self._take(chunk, text)
            if self.size > self._policy.max_size:
                return
        self._end(text)

    def _begin(self, head: bytes) -> kinds.TextTest | None:
        self.head, self.media_type = head, kinds.sniff(head)
        inspector = _INSPECTORS.get(self.media_type)
        if inspector:
            self.inspection = self._stack.enter_context(Inspection(inspector))
        if inspector or self._scan:
            self.path = _path_of(self._source)
            if self.path is None:
                self._copy = self._stack.enter_context(_temporary())
        if self.path:
            self._ask()
        return kinds.TextTest(head) if self.media_type == kinds.UNKNOWN else None

    def _take(self, chunk: memoryview, text: kinds.TextTest | None) -> None:
        self._hash.update(chunk)
        self.size += len(chunk)
        if self._copy:
            self._copy.write(chunk)
        if text:
            text.feed(chunk)
        self.tail = (self.tail + bytes(chunk[-kinds.TAIL :]))[-kinds.TAIL :]

    def _end(self, text: kinds.TextTest | None) -> None:
        self.sha256 = self._hash.hexdigest()
        if text and text.is_text:
            self.media_type = kinds.TEXT
        if self._copy:
            self._copy.flush()
            self.path = self._copy.name
            self._ask()

    def _ask(self) -> None:
        if self.inspection and self.path:
            size = os.stat(self.path).st_size
            self.inspection.ask(
                self.path, size, media_type=self.media_type, max_pages=self._policy.max_pages,
                measured=self._policy.measured,
            )  # fmt: skip


def _promises(reading: _Reading, policy: Policy, size: int | None, sha256: str | None) -> list[FileFinding]:
    """What stands before any question of content."""
    if reading.size > policy.max_size:
        limit = _megabytes(policy.max_size)
        return [FileFinding("too-large", f"The file is larger than {limit}. Make it smaller, or split it.")]
    if not reading.size:
        return [FileFinding("empty", "The file is empty. Check that you chose the right one and upload it again.")]
    if size is not None and reading.size != size:
        message = f"Only {reading.size:,} of {size:,} bytes are as announced. Upload the file again."
        return [FileFinding("size-mismatch", message)]
    if sha256 and reading.sha256 != sha256.lower():
        message = "The file changed on its way to us or while it was sent. Upload it again."
        return [FileFinding("hash-mismatch", message)]
    return []


def _inside(reading: _Reading, name: str, policy: Policy) -> tuple[str, dict[str, Any], list[FileFinding]]:
    media_type = reading.media_type
    found: dict[str, Any] = {"problems": []}
    if reading.inspection:
        found = _inspected(reading.inspection, media_type)
        media_type = found.get("media_type") or media_type
    findings = [_explained(code, reason) for code, reason in found["problems"]]
    media_type, wrong = _type(reading, media_type, name, policy)
    return media_type, found, wrong + findings + _too_long(found.get("pages"), policy)


def _too_long(pages: int | None, policy: Policy) -> list[FileFinding]:
    if pages is None or policy.most_pages is None or pages <= policy.most_pages:
        return []
    message = (
        f"The file has {pages:,} pages; at most {policy.most_pages:,} are taken. Shorten it and upload it again."
    )
    return [FileFinding("too-many-pages", message)]


def _inspected(inspection: Inspection, media_type: str) -> dict[str, Any]:
    try:
        return inspection.answer()
    except GaveUp as gave_up:
        code = "pdf-unreadable" if media_type == kinds.PDF else "zip-unreadable"
        return {"problems": [(code, str(gave_up))]}


def _explained(code: str, reason: str) -> FileFinding:
    return FileFinding(code, _HOW_TO[code].format(reason=reason))


def _type(reading: _Reading, media_type: str, name: str, policy: Policy) -> tuple[str, list[FileFinding]]:
    ending = extension(name)
    claimed = kinds.EXTENSIONS.get(ending)
    if media_type == kinds.TEXT and claimed == kinds.CSV:
        media_type = kinds.CSV  # a table is text: only its name tells
    label = kinds.described(media_type, reading.head)
    if media_type not in (kinds.ZIP, kinds.DOCX, kinds.XLSX, kinds.PPTX) and _is_two_files(reading, media_type):
        message = f"The file is {label} with a ZIP archive hidden behind it. Export it again and upload that."
        return media_type, [FileFinding("wrong-type", message)]
    if claimed and claimed != media_type:
        message = f"The file is called .{ending}, but it is {label}. Upload {_wanted(policy)}."
        return media_type, [FileFinding("wrong-type", message)]
    if media_type not in policy.allowed:
        return media_type, [FileFinding("type-not-allowed", f"This is {label}. Upload {_wanted(policy)}.")]
    return media_type, []


def _is_two_files(reading: _Reading, media_type: str) -> bool:
    container = media_type.startswith("application/vnd.oasis.opendocument.")
    return not container and kinds.is_two_files(reading.tail, reading.size)


def _wanted(policy: Policy) -> str:
    labels = sorted(kinds.described(media_type) for media_type in policy.allowed)
    return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " or " + labels[-1]


def _viruses(reading: _Reading, scanner: Scanner) -> list[FileFinding]:
    assert reading.path is not None
    with Path(reading.path).open("rb") as content:
        virus = scanner.scan(content)
    if virus is None:
        return []
    message = f"The virus scanner found {virus!r} in the file. Clean your computer, then upload a clean file."
    return [FileFinding("virus", message)]


def _filled(source: Source, view: memoryview) -> int:
    """Fill ``view``; how many bytes. Short only at the end: a network gives what it has."""
    count = 0
    while count < len(view):
        got = source.readinto(view[count:])
        if not got:
            break
        count += got
    return count


def _path_of(source: Source) -> str | None:
    """The path of ``source`` when it is a file that lies where it was opened."""
    name, fileno = getattr(source, "name", None), getattr(source, "fileno", None)
    if not isinstance(name, (str, os.PathLike)) or fileno is None:
        return None
    path = os.path.abspath(name)
    try:
        return path if os.path.samestat(os.stat(path), os.fstat(fileno())) else None
    except OSError:
        return None


def _temporary() -> Any:
    return tempfile.NamedTemporaryFile(prefix="check-", buffering=0)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size:,} bytes"
