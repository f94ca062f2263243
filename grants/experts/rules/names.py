"""Whether a text names a person or an organisation: by whole words, whatever case and accents. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
#: A single word is a name of many people.
LEAST_WORDS = 2


def plain(text: str) -> str:
    """The words of a text in one spelling, with one blank between them.

    >>> plain("  Zoë  O’Brien-Šimić ")
    'zoe o brien simic'
    """
    if not text.isascii():  # a long text has few different accents: taking each out at once is a third of the time
        text = unicodedata.normalize("NFKD", text)
        for accent in [each for each in set(text) if unicodedata.combining(each)]:
            text = text.replace(accent, "")
    return " ".join(_WORD.findall(text.casefold()))


class Named:
    """Texts in which names are looked for, read once."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._text = f" {' | '.join(plain(each) for each in texts)} "
        self._words = frozenset(self._text.split())

    def __contains__(self, name: str) -> bool:
        """Whether the name stands there as it is written or with its last word first; never for a single word."""
        words = plain(name).split()
        if len(words) < LEAST_WORDS or not self._words.issuperset(words):
            return False
        turned = [words[-1], *words[:-1]]
        return f" {' '.join(words)} " in self._text or f" {' '.join(turned)} " in self._text


class Remembered(Named):
    """What was found when these names were looked for; a name that was not looked for does not stand there."""

    def __init__(self, found: Mapping[str, bool]) -> None:
        super().__init__()
        self._found = found

    def __contains__(self, name: str) -> bool:
        """As it was found."""
        return self._found.get(name, False)
