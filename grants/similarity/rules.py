"""Words, shingles, exact overlap and the passages that two texts share. Pure, and light enough for the web.

A shingle is a run of ``RUN`` words. Letters count, not case, accents' spelling, signs or blanks between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

#: Words of a shingle: shorter ones are shared by chance, longer ones do not survive a light edit.
RUN = 4
#: From this share of the shorter text on, an officer should look. Half a text copied shares about half.
ALIKE = 0.25
#: What remains of a text without what is usual must have so many shingles, or chance decides.
LEAST = 10
#: What more texts than this have, and more than this part of them, is usual.
FEW, MANY = 5, 0.2
#: A passage is shown from this many words on; between two changed words of ten there are nine.
PASSAGE = 8
#: So many passages are shown on one page.
SHOWN = 100
#: So many places of one shingle are tried for the longest passage; a phrase that is everywhere tells nothing.
PLACES = 24

_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands in its text."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of ``words`` words that both texts have: the piece of each, as it stands there."""

    left: str
    right: str
    words: int


def words_of(text: str) -> list[Word]:
    """The words of a text, in one spelling.

    >>> [each.plain for each in words_of("The  HOTLINE's queue")]
    ['the', 'hotline', 's', 'queue']
    """
    return [Word(_plain(found.group()), *found.span()) for found in _WORD.finditer(text)]


def _plain(word: str) -> str:
    return word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()


def shingles(words: Sequence[Word]) -> list[str]:
    """All runs of words, in order; of a shorter text the one run that it is, of an empty one none."""
    plain = [each.plain for each in words]
    if len(plain) < RUN:
        return [" ".join(plain)] if plain else []
    return [" ".join(plain[place : place + RUN]) for place in range(len(plain) - RUN + 1)]


def overlap(left: set[str], right: set[str]) -> float:
    """The share of the smaller set of shingles that the other has too, 0 to 1; 0 where one is empty.

    A share of the smaller one, since a copied abstract inside a longer text is a copy all the same.
    """
    smaller = min(len(left), len(right))
    return len(left & right) / smaller if smaller else 0.0


def usual(texts: Sequence[set[str]]) -> set[str]:
    """The shingles that many of the texts have: headings and instructions of a template, a programme's own phrases.
    They say nothing about two proposals, however long they are."""
    counts = Counter(run for text in texts for run in text)
    most = max(FEW, len(texts) * MANY)
    return {run for run, count in counts.items() if count > most}


def passages(left: str, right: str) -> list[Passage]:
    """The passages that both texts have, in the order of the left one, each as long as it can be.

    No word of the left text is in two passages. Near to linear in the length of both texts.
    """
    mine, theirs = words_of(left), words_of(right)
    known: dict[str, list[int]] = {}
    for place, run in enumerate(shingles(theirs)):
        known.setdefault(run, []).append(place)
    found, place, runs = [], 0, shingles(mine)
    while place < len(runs):
        starts = known.get(runs[place], ())[:PLACES]
        tried = ((_length(mine, place, theirs, each), -each) for each in starts)
        length, start = max(tried, default=(0, 0))
        if length >= PASSAGE:
            found.append(Passage(_piece(left, mine, place, length), _piece(right, theirs, -start, length), length))
        place += length if length >= PASSAGE else 1
    return found


def _length(left: Sequence[Word], here: int, right: Sequence[Word], there: int) -> int:
    """How many words are the same from these places on."""
    most = min(len(left) - here, len(right) - there)
    for step in range(most):
        if left[here + step].plain != right[there + step].plain:
            return step
    return most


def _piece(text: str, words: Sequence[Word], start: int, length: int) -> str:
    return text[words[start].start : words[start + length - 1].end]
