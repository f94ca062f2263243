"""What an old Office file (OLE storage: .doc) or a rich text file holds: kind, password, macros, packed objects.

Looks for the names of the parts that such files must have, not into them: enough to refuse what is active.
"""

from __future__ import annotations

import mmap
import re
from typing import Any

from uploads.inspection.limits import run


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


_ENCRYPTED = _wide("EncryptedPackage")
_WORD = _wide("WordDocument")
_MACROS = (_wide("_VBA_PROJECT"), _wide("VBA\0"), _wide("Macros\0"))
_RTF_OBJECT = re.compile(rb"\\(?:objdata|objocx|objautlink|objupdate)\b", re.IGNORECASE)


def main() -> None:
    """The child's whole life."""
    run(look)


def look(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """The type, and problems as pairs of a code and a reason that completes a sentence."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        media_type, problems = _ole(data) if request["media_type"] != "application/rtf" else _rtf(data)
    return {"media_type": media_type, "pages": None, "problems": problems}


def _ole(data: mmap.mmap) -> tuple[str, list[tuple[str, str]]]:
    if data.find(_ENCRYPTED) >= 0:
        return "application/x-ole-storage", [("encrypted", "it is protected with a password")]
    media_type = "application/msword" if data.find(_WORD) >= 0 else "application/x-ole-storage"
    active = any(data.find(mark) >= 0 for mark in _MACROS)
    return media_type, [("macros", "it contains macros")] if active else []


def _rtf(data: mmap.mmap) -> tuple[str, list[tuple[str, str]]]:
    active = _RTF_OBJECT.search(data)
    return "application/rtf", [("macros", "it carries objects of other programs")] if active else []
