"""Cleaning the values of one object: encoding, remnants of HTML, amounts, lists of words."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from html.entities import html5
from typing import Any

import ftfy

from grants.kernel.money import LARGEST, cents

_TAG_NAMES = (
    "p br li ul ol div span strong em b i u a table thead tbody tr td th h1 h2 h3 h4 h5 h6 sup sub font img hr"
)
_TAG = re.compile(rf"</?({_TAG_NAMES.replace(' ', '|')})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAKING = {"p", "br", "li", "ul", "ol", "div", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_INVISIBLE = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u2060\ufeff\u00ad]")
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Headings that ran into the text when the portal's HTML was taken away.
_NAMES = "Expected Outcomes?|Expected Impact|Scope|Objectives?|Specific Challenge"
_HEADING = re.compile(rf"(?:^|(?<=[.;:)\]\s]))({_NAMES}):(?=\S)")


class Texts:
    """The texts of one object, cleaned as they are asked for; remembers what was mended."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw, self.repairs = raw, set[str]()

    def _first(self, keys: Iterable[str]) -> Any:
        return next((value for key in keys if (value := self.raw.get(key)) not in (None, "", [], {})), None)

    def block(self, *keys: str) -> str:
        """Paragraphs."""
        value = self._first(keys)
        return self._clean(value) if isinstance(value, str) else ""

    def line(self, *keys: str) -> str:
        """One line. Numbers are taken as they are written; of an object, its name."""
        value = self._first(keys)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("abbreviation") or value.get("description")
        if isinstance(value, bool) or not isinstance(value, str | int):
            return ""
        return " ".join(self._clean(str(value)).split())

    def words(self, *keys: str, without: Iterable[str] = ()) -> tuple[str, ...]:
        """Words between commas, each once, in their order."""
        texts = [value if isinstance(value, list) else [value] for value in map(self.raw.get, keys)]
        known = {word.casefold() for word in without}
        found = []
        for text in (part for value in texts for part in value if isinstance(part, str)):
            for word in (" ".join(part.split()) for part in self._clean(text).split(",")):
                if word and word.casefold() not in known:
                    known.add(word.casefold())
                    found.append(word[:200])
        return tuple(found)

    def amount(self, *keys: str) -> Decimal | None:
        """Euro above 0; None for nothing, 0 and what is no amount."""
        value = self._first(keys)
        if value is None or value == 0:
            return None
        number = _number(value)
        if number is None or not 0 < number <= LARGEST:
            self.repairs.add("amount-dropped")
            return None
        return cents(number) or None

    def count(self, *keys: str) -> int | None:
        """A whole number above 0, else None."""
        number = _number(self._first(keys))
        return int(number) if number is not None and 0 < number <= 1_000_000 and number == int(number) else None

    def _clean(self, text: str) -> str:
        if not text.isascii():
            mended = unicodedata.normalize("NFC", ftfy.fix_encoding(_SURROGATE.sub("\ufffd", text)))
            if mended != text:
                self.repairs.add("encoding")
            if "\ufffd" in mended:
                self.repairs.add("lost-characters")
            text = mended.replace("\uf076", "•").replace("\uf0b7", "•").replace("\u00a0", " ").replace("\u202f", " ")
        plain = _TAG.sub(lambda tag: "\n" if tag[1].lower() in _BREAKING else "", text)
        plain = _ENTITY.sub(_unescaped, plain).removeprefix('">')
        if plain != text:
            self.repairs.add("markup")
        plain = _HEADING.sub(r"\n\1:\n", _INVISIBLE.sub("", plain))
        lines = (" ".join(line.split()) for line in plain.splitlines())
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _unescaped(entity: re.Match[str]) -> str:
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, str):
        value = re.sub(r"[\s,'€]|EUR", "", value)
        if not re.fullmatch(r"\d{1,15}(\.\d{1,2})?", value):
            return None
    number = Decimal(value)
    return number if number.is_finite() else None
