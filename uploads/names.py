"""File names: what is kept of a name that a person's computer sent, and how it is sent back.

A name is only ever shown and offered for saving; no store uses it as a key (keys are in ``uploads.port``).
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_BYTES = 255  # in UTF-8: what common file systems take for one name
FALLBACK = "file"
_LONGEST_EXTENSION = 32  # bytes; what follows the last dot and is longer is a sentence, not an extension
_JOINERS = "\u200c\u200d"  # needed to write Persian and Indic words and to join emoji
_SEPARATORS = re.compile(r"[/\\]+")
_ENDS = " .\u00a0"  # hidden files, and endings that Windows drops


def safe_name(name: str) -> str:
    """The part of ``name`` that is safe to show, log and offer for saving; never empty.

    Keeps letters of all scripts and emoji, in composed form (NFC). Drops directories (both slashes), control
    and line-breaking characters, bidirectional overrides and other invisible marks (``fdp.exe`` written to look
    like ``exe.pdf``), and dots or spaces at the ends. At most 255 bytes in UTF-8, keeping the extension.
    A safe name is its own safe name.
    """
    visible = "".join(char for char in name if _is_visible(char))
    parts = [part for part in (part.strip(_ENDS) for part in _SEPARATORS.split(visible)) if part]
    last = unicodedata.normalize("NFC", parts[-1]) if parts else FALLBACK
    return _trimmed(last).strip(_ENDS) or FALLBACK


def extension(name: str) -> str:
    """The extension in lower case without its dot, or an empty string."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem and len(ending.encode("utf-8", "replace")) < _LONGEST_EXTENSION else ""


def content_disposition(filename: str, *, inline: bool = False) -> str:
    """The Content-Disposition header (RFC 6266) that offers a file under ``filename``.

    The plain parameter is ASCII for old readers, ``filename*`` carries the real name (RFC 8187). The value is
    printable ASCII on one line whatever the name holds, so it cannot start another header.
    """
    name = safe_name(filename)
    plain = _ascii(name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_visible(char: str) -> bool:
    category = unicodedata.category(char)
    return char in _JOINERS or category not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _trimmed(name: str) -> str:
    raw = name.encode()
    if len(raw) <= MAX_BYTES:
        return name
    ending = extension(name)
    tail = name[len(name) - len(ending) - 1 :].encode() if ending else b""
    # "ignore" drops a character that the cut would break
    return raw[: MAX_BYTES - len(tail)].decode(errors="ignore") + tail.decode()


def _ascii(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    # the percent sign too: some browsers decode it in the plain parameter
    plain = re.sub(r"[^A-Za-z0-9 ._()+,=@-]", "_", folded).strip(" ._")
    return plain or FALLBACK
