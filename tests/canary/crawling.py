"""Walks everything that a person can reach, and reads it as a reader would: pages, headers, PDF and XLSX inside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdfium2 import PdfDocument
from werkzeug.test import TestResponse

from uploads.kinds import XLSX

_LINK = re.compile(r"""(?:href|src|action|data-pdf|data-url|data-src)=["']([^"'#]+)""")
_SKIPPED = ("/static/", "/sign-out", "/sign-in", "/register", "/forgot", "/metrics", "/readyz", "/healthz")
#: Redirects to files lead through signed addresses of the local store.
_MOST = 800


@dataclass
class Walk:
    """What one person saw: text by address."""

    seen: dict[str, str] = field(default_factory=dict)

    def where(self, words: str) -> list[str]:
        """Addresses whose text tells these words."""
        return [address for address, text in self.seen.items() if words in text]


def walk(client: FlaskClient, starts: Iterable[str]) -> Walk:
    """Follow every link from these addresses, as often as there is a new one."""
    found, waiting = Walk(), list(dict.fromkeys(starts))
    known = set(waiting)
    while waiting:
        address = waiting.pop()
        assert len(found.seen) < _MOST, "the walk does not end"
        with client.get(address) as answer:
            found.seen[address] = told(answer).lower()
            new = [link for link in dict.fromkeys(links(answer, address)) if link not in known]
        known.update(new)
        waiting += new
    return found


def links(answer: TestResponse, address: str) -> Iterator[str]:
    """Addresses of this site that an answer leads to."""
    targets = [answer.location] if answer.location else []
    if answer.mimetype == "text/html":
        targets += [html.unescape(each) for each in _LINK.findall(answer.text)]
    for target in targets:
        parts = urlsplit(urljoin(f"http://localhost{address}", target))
        if parts.netloc == "localhost" and parts.scheme == "http" and not parts.path.startswith(_SKIPPED):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def told(answer: TestResponse) -> str:
    """Everything that an answer tells: headers, text, and what is inside of a PDF."""
    parts = [f"{name}: {value}" for name, value in answer.headers]
    if answer.mimetype == "application/pdf":
        parts += list(inside(answer.data))
    elif answer.mimetype == XLSX:
        parts += list(cells(answer.data))
    else:
        parts.append(html.unescape(answer.text))
    return "\n".join(parts)


def cells(content: bytes) -> Iterator[str]:
    """Names of sheets, text of cells, hidden ones too, and what a workbook says of itself."""
    book = load_workbook(BytesIO(content))
    yield str(book.properties)
    for sheet in book.worksheets:
        yield sheet.title
        yield from (str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def inside(content: bytes) -> Iterator[str]:
    """Text and metadata of a PDF."""
    with PdfDocument(BytesIO(content)) as document:
        yield from document.get_metadata_dict().values()
        for page in document:
            yield page.get_textpage().get_text_range()
