"""A PDF as PDFium understands it: written anew object by object, and looked at while it is written.

What is written holds only objects that the document reaches, with names and strings spelled in one way, so tricks of
spelling, of strings that look like objects and of hidden object streams are gone. It is never kept.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from typing import Any

import pypdfium2_raw as pdfium  # type: ignore[import-untyped]

_BODY = b">>stream\r\n"  # cannot stand in a string: there PDFium escapes line ends
_END = b"\r\nendstream"
_LENGTH = re.compile(rb"/Length (\d+)")
_OBJECT = b" obj\r\n"
_KEPT = 1 << 16  # bytes of text that may belong to what comes next
_MOST = 1 << 20  # bytes of text looked at together


class Garbled(Exception):
    """PDFium could not write the document, or what it wrote cannot be followed."""


class Rewriting:
    """Takes the new file in pieces and shows ``look`` all of it except the bodies of streams."""

    def __init__(self, look: Callable[[bytes], None]) -> None:
        self._look = look
        self._text = bytearray()
        self._skip = self._passed = 0
        self._lengths: list[int] | None = None  # of the body we are in, those not tried yet; None outside

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        self._text += piece
        while self._in_body() if self._lengths is not None else self._in_text():
            pass

    def end(self) -> None:
        """No more comes."""
        if self._lengths is not None:
            raise Garbled
        self._look(bytes(self._text))

    def _in_text(self) -> bool:
        at = self._text.find(_BODY)
        if at < 0:
            if len(self._text) > _MOST:
                self._look(bytes(self._text))
                del self._text[:-_KEPT]
            return False
        head = bytes(self._text[:at])
        self._look(head)
        # a dictionary inside may have a Length too; the shortest that fits is taken, so nothing is passed over
        lengths = _LENGTH.findall(head, max(0, head.rfind(_OBJECT)))
        self._lengths = sorted({int(length) for length in lengths}, reverse=True)
        del self._text[: at + len(_BODY)]
        self._passed = 0
        self._skip = self._next()
        return True

    def _in_body(self) -> bool:
        passed = min(self._skip, len(self._text))
        del self._text[:passed]
        self._skip -= passed
        if self._skip or len(self._text) < len(_END):
            return False
        if self._text.startswith(_END):
            self._lengths = None
        else:
            self._skip = self._next()
        return True

    def _next(self) -> int:
        if not self._lengths:
            raise Garbled
        length, passed = self._lengths.pop(), self._passed
        self._passed = length
        return length - passed


def rewrite(document: Any, look: Callable[[bytes], None]) -> None:
    """Let PDFium write ``document`` anew and show ``look`` its objects. Raises Garbled."""
    rewriting, failed = Rewriting(look), False

    def write(_: Any, data: Any, size: int) -> int:
        nonlocal failed
        try:
            rewriting.feed(ctypes.string_at(data, size))
        except Garbled:
            failed = True
        return int(not failed)

    target = pdfium.FPDF_FILEWRITE()
    target.version = 1
    target.WriteBlock = type(target.WriteBlock)(write)
    done = pdfium.FPDF_SaveAsCopy(document, ctypes.byref(target), pdfium.FPDF_NO_INCREMENTAL)
    if failed or not done:
        raise Garbled
    rewriting.end()
