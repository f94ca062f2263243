"""Where a proposal to a blind evaluation names a participant: title, abstract, and Part B page by page. Pure.

Names are found as whole words. What this cannot find (a logo, a nickname, "the only forensic institute of …") is left
to officers and experts. Source: domain.md 4 (blind evaluation).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grants.proposals.layout import pages_in_words

Spellings = Mapping[str, Sequence[str]]
_WORD = re.compile(r"\w+")
#: Signs that nobody sees: by some, programs and PDFium mark that a word goes on in the next line; the others have no
#: width (Unicode, category Cf).
_SIGNS = "[\u00ad\u0002\ufffe\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
_BROKEN_WORD = re.compile(_SIGNS + "\\s*")
#: A word of capitals up to this length is looked for as it is written: AIM is a participant, an aim is not.
SHORT = 4
#: A shorter name is not looked for: it is found everywhere.
LEAST = 3
_MOST_TOLD = 8
#: Providers of addresses for everybody: their domain names nobody.
ANYBODYS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "proton.me",
    "protonmail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "orange.fr", "free.fr", "laposte.net",
    "libero.it", "wp.pl", "seznam.cz",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A name as the proposal has it and the pages, counted from 1, on which the text has it too."""

    name: str
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OrganisationNames:
    """By what an organisation is known. ``website``: its address as typed."""

    names: tuple[str, ...]
    legal_form: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class PersonNames:
    """By what a person is known; empty for unknown."""

    name: str
    email: str = ""
    orcid: str = ""


@dataclass(frozen=True, slots=True)
class Mentions:
    """What names participants. ``part_b``: None while nobody has read it; ``has_part_b``: whether there is one."""

    title: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()
    part_b: tuple[Named, ...] | None = ()
    has_part_b: bool = True

    @property
    def place(self) -> str:
        """Where most of it is mended."""
        if self.part_b or not (self.title or self.abstract):
            return "part_b"
        return "general.abstract" if self.abstract else "general.title"

    @property
    def unnamed(self) -> bool | None:
        """Whether nobody is named; None while that is not known."""
        if self.title or self.abstract or self.part_b:
            return False
        return None if self.part_b is None or not self.has_part_b else True

    @property
    def sentence(self) -> str:
        """What was found where, for people."""
        parts = [
            f"The {name} has {_listed([f'“{each}”' for each in found])}."
            for name, found in (("title", self.title), ("abstract", self.abstract)) if found
        ]  # fmt: skip
        if self.part_b:
            told = [f"“{each.name}” on {pages_in_words(each.pages)}" for each in self.part_b]
            parts.append(f"Part B has {_listed(told)}.")
        if self.part_b is None:
            parts.append("Part B is being searched for names: look again in a minute.")
        return " ".join(parts)


def named(pages: Sequence[str], names: Iterable[str]) -> tuple[Named, ...]:
    """The names that the pages have as whole words, whatever the case, accents, line ends and punctuation.

    A name that goes on over a page's end is not found: a header or footer stands between its words.
    """
    return _found([words_of_text(page) for page in pages], {name: (name,) for name in names})


def found_in(pages: Sequence[str], spellings: Spellings) -> tuple[Named, ...]:
    """The same for pages that are ``words_of_text`` already, by what each name is called. A name inside a longer one
    that is found on the same pages is not told twice."""
    found = _found(pages, spellings)
    return tuple(each for each in found if not any(_is_inside(each, other) for other in found))


def _is_inside(one: Named, other: Named) -> bool:
    shorter, longer = _folded(words(one.name)), _folded(words(other.name))
    return shorter != longer and shorter in longer and set(one.pages) <= set(other.pages)


def _found(pages: Sequence[str], spellings: Spellings) -> tuple[Named, ...]:
    texts = _Texts(pages)
    found = []
    for name, called in spellings.items():
        hits = {number for each in called for number in texts.pages_with(words(each))}
        if hits:
            found.append(Named(name, tuple(sorted(hits))))
    return tuple(found)


class _Texts:
    """Pages in which names are looked for: as they are written, and folded. Most names are on none of them, so that
    all pages are asked at once before each is."""

    def __init__(self, pages: Sequence[str]) -> None:
        self._written, self._folded = pages, [_folded(page) for page in pages]
        self._whole, self._whole_folded = "\n".join(self._written), "\n".join(self._folded)

    def pages_with(self, name: str) -> list[int]:
        """Numbers of the pages, from 1, that have a name whose ``words`` these are."""
        bare = name.strip()
        as_written = bare.isupper() and " " not in bare and len(bare) <= SHORT
        wanted, whole = (name, self._whole) if as_written else (_folded(name), self._whole_folded)
        if not bare or wanted not in whole:
            return []
        pages = self._written if as_written else self._folded
        return [number for number, text in enumerate(pages, start=1) if wanted in text]


def words(text: str) -> str:
    """Its words without accents, each between single blanks, so that only whole words are found; case is kept.

    >>> words("Université de\\nMontréal (ACME)")
    ' Universite de Montreal ACME '
    """
    return f" {' '.join(_WORD.findall(_bare(_BROKEN_WORD.sub('', text))))} "


def words_of_text(text: str) -> str:
    """The words in which names are looked for.

    A sign that nobody sees, before a blank, may mean that the word goes on in the next line, or nothing: a name after
    it is read like any other. Both readings stand there, one after the other.

    >>> words_of_text("the Univer\\u00ad\\nsity of Alba")
    ' the University of Alba  the Univer sity of Alba '
    """
    joined, apart = words(text), words(re.sub(_SIGNS, "", text))
    return joined if joined == apart else joined + apart


def _bare(text: str) -> str:
    if text.isascii():  # as nearly all pages are once their words were taken: a tenth of the time
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _folded(text: str) -> str:
    return _bare(text.casefold())


def spellings(organisations: Iterable[OrganisationNames], people: Iterable[PersonNames]) -> dict[str, list[str]]:
    """What is looked for, by the name that is told: organisations with and without their legal form, websites, people
    in both orders of their names, addresses of mail with their domains.

    Surnames alone are not looked for: citing one's own work is allowed.
    """
    wanted: dict[str, list[str]] = {}
    domains: list[str] = []
    for each in organisations:
        for name in each.names:
            wanted.setdefault(name.strip(), []).extend(_without_form(name, each.legal_form))
        domains.append(_host(each.website))
    for person in people:
        wanted.setdefault(person.name.strip(), []).extend(_both_orders(person.name))
        for exact in (person.email, person.orcid):
            wanted.setdefault(exact.strip(), []).append(exact)
        domains.append(person.email.rpartition("@")[2].lower())
    for domain in domains:
        if "." in domain and domain not in ANYBODYS:
            wanted.setdefault(domain, []).append(domain)
    return {name: called for name, called in wanted.items() if len(words(name).replace(" ", "")) >= LEAST}


def _without_form(name: str, form: str) -> list[str]:
    short = name.strip()
    if form and short.casefold().endswith(f" {form.casefold()}"):
        return [name, short[: -len(form)].rstrip(" ,")]
    return [name]


def _both_orders(name: str) -> list[str]:
    """First name first, and surname first; a single word is a name of many people.

    >>> _both_orders("Ana Maria Silva"), _both_orders("Ana")
    (['Ana Maria Silva', 'Silva Ana Maria'], [])
    """
    parts = name.split()
    return [name, " ".join([parts[-1], *parts[:-1]])] if len(parts) > 1 else []


def _host(website: str) -> str:
    """The domain of an address as people type it.

    >>> _host("https://www.acme.example/about"), _host("acme.example")
    ('acme.example', 'acme.example')
    """
    host = website.strip().lower().partition("://")[2] or website.strip().lower()
    return host.partition("/")[0].partition(":")[0].removeprefix("www.")


def _listed(parts: Sequence[str]) -> str:
    told = list(parts[:_MOST_TOLD])
    if len(parts) > _MOST_TOLD:
        told.append(f"{len(parts) - _MOST_TOLD} more")
    return told[0] if len(told) == 1 else "; ".join(told[:-1]) + " and " + told[-1]
