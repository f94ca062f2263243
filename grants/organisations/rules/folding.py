"""Names in any case and script made comparable: folded to Latin words, and the trigrams of those words. Pure.

Greek follows ELOT 743, Bulgarian its streamlined system, other Cyrillic letters what their countries use in
passports, Georgian the national system. A fold is for finding, never for showing: different names may fold alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Set
from math import ceil

#: Letters whose parts mean something else than the whole: replaced before marks are taken off.
_WHOLE = str.maketrans({"й": "y", "ї": "yi", "ў": "u", "ё": "yo", "ѓ": "gj", "ќ": "kj"})
_GREEK_PAIRS = (("ου", "ou"), ("αυ", "av"), ("ευ", "ev"), ("ηυ", "iv"), ("γγ", "ng"), ("γξ", "nx"), ("γχ", "nch"))
_ALPHABETS = (
    ("αβγδεζηθικλμνξοπρστυφχψω", "a v g d e z i th i k l m n x o p r s t y f ch ps o"),
    ("абвгдежзиклмнопрстуфхцчшщъы", "a b v g d e zh z i k l m n o p r s t u f h ts ch sh sht a y"),
    ("эюяієґђјљњћџѕ", "e yu ya i ye g dj j lj nj c dz dz"),
    ("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
     "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h"),
    ("øæœłđðþħıŋ", "o ae oe l d d th h i n"),
)  # fmt: skip
_LETTERS = str.maketrans(
    {letter: latin for letters, row in _ALPHABETS for letter, latin in zip(letters, row.split(), strict=True)}
    | {"ь": ""}
)
#: Points inside an abbreviation: ``S.p.A.`` and ``SpA`` are one word.
_ABBREVIATION = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
#: The share of a query's trigrams that a name must have to be found despite a typing error.
LIKE_ENOUGH = 0.6
#: Trigrams that a search by beginnings asks the index for.
MOST_NARROWING = 8


def fold(text: str) -> str:
    """Words of ``text`` in small Latin letters without marks, in their order.

    >>> fold("Ελληνική"), fold("ELLINIKI"), fold("ellinikí")
    ('elliniki', 'elliniki', 'elliniki')
    >>> fold("Fundação S.p.A. – «Česká»")
    'fundacao spa ceska'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _ABBREVIATION.sub(lambda found: found.group().replace(".", ""), plain)
    plain = unicodedata.normalize("NFC", plain).translate(_WHOLE)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    plain = plain.casefold()
    for pair, latin in _GREEK_PAIRS:
        plain = plain.replace(pair, latin)
    plain = plain.translate(_LETTERS)
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain).split())


def trigrams(folded: str) -> frozenset[str]:
    """Every three signs of each word, which begins with two blanks and ends with one.

    >>> sorted(trigrams("ab"))
    ['  a', ' ab', 'ab ']
    """
    return frozenset(part for word in folded.split() for part in _parts(f"  {word} "))


def prefix_trigrams(folded: str) -> frozenset[str]:
    """As ``trigrams`` for words that may go on: what a name has that begins each of its words like this.

    >>> prefix_trigrams("univ") <= trigrams("university of athens")
    True
    """
    return frozenset(part for word in folded.split() for part in _parts(f"  {word}"))


def narrowing(folded: str) -> frozenset[str]:
    """A few of the prefix trigrams: the last ones of each word, of the longest words first.

    Each one costs a look into the index, and after a handful hardly any name is left that does not fit.

    >>> sorted(narrowing("univ of athens"))
    ['  o', ' of', 'ens', 'hen', 'niv', 'uni']
    """
    words = sorted(set(folded.split()), key=len, reverse=True)
    parts = [part for word in words for part in list(_parts(f"  {word}"))[-2:]]
    return frozenset(parts[:MOST_NARROWING])


def _parts(padded: str) -> Iterable[str]:
    return (padded[start : start + 3] for start in range(len(padded) - 2))


def similarity(one: Set[str], other: Set[str]) -> float:
    """The shared part of all trigrams of two names, from 0 to 1; 1 only where they fold to the same words."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def enough(query: Set[str], *, least: float = LIKE_ENOUGH) -> int:
    """How many of the query's trigrams a name needs to be like it."""
    return ceil(least * len(query))


def telling(query: Set[str], *, least: float = LIKE_ENOUGH) -> list[str]:
    """The fewest trigrams of which each name has one that is like the query by ``least`` or more.

    A name lacks at most ``len(query) - enough(query)`` of the query's trigrams, so any set larger by one
    meets every such name. Beginnings of words are common and are left out first.
    """
    needed = len(query) - enough(query, least=least) + 1
    return sorted(query, key=lambda each: (each.count(" "), each))[: max(needed, 1)]
