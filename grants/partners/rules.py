"""Partner search: limits per day, what an entry needs, and when an address may be seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from grants.kernel.findings import Finding

#: The window of all limits: a day that ends now, so that midnight opens no new one.
DAY = timedelta(days=1)
MOST_KEYWORDS = 10
LONGEST_TITLE, LONGEST_TEXT, LONGEST_KEYWORD = 120, 3000, 40


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one person may do a thing within a day; a programme may set its own."""

    entries: int = 5
    letters: int = 10
    reports: int = 5


@dataclass(frozen=True, slots=True)
class Said:
    """One letter of a conversation: who wrote it, and whether they offered their address with it."""

    author: int
    shares_address: bool


def over_limit(done: int, limit: int, what: str) -> list[Finding]:
    """A finding when the day's number is reached.

    >>> [each.message for each in over_limit(2, 2, "letters")]
    ['You have reached the limit of 2 letters a day. Try again tomorrow.']
    """
    if done < limit:
        return []
    return [Finding("too-many", f"You have reached the limit of {limit} {what} a day. Try again tomorrow.")]


def keywords_of(text: str) -> list[str]:
    """Keywords as people type them, parted by commas; each once, in their order.

    >>> keywords_of("drones,  police , Drones,")
    ['drones', 'police']
    """
    seen: dict[str, str] = {}
    for word in text.split(","):
        plain = " ".join(word.split())
        if plain:
            seen.setdefault(plain.casefold(), plain)
    return list(seen.values())


def entry_findings(title: str, text: str, keywords: Sequence[str]) -> list[Finding]:
    """What is missing or too long in an entry."""
    findings = []
    if not title.strip():
        findings.append(Finding("no-title", "Say in one line what you offer or look for.", place="title"))
    if not text.strip():
        findings.append(Finding("no-text", "Describe what you bring or need.", place="text"))
    if len(title) > LONGEST_TITLE or len(text) > LONGEST_TEXT:
        message = f"A title has at most {LONGEST_TITLE} letters, a text {LONGEST_TEXT}."
        findings.append(Finding("too-long", message, place="text"))
    if len(keywords) > MOST_KEYWORDS or any(len(word) > LONGEST_KEYWORD for word in keywords):
        message = f"Give at most {MOST_KEYWORDS} keywords of up to {LONGEST_KEYWORD} letters each."
        findings.append(Finding("keywords", message, place="keywords"))
    return findings


def address_shown(author: int, said: Iterable[Said]) -> bool:
    """Whether the other side sees the address of ``author``: they offered it, and the other side has written.

    >>> address_shown(1, [Said(1, True)]), address_shown(1, [Said(1, True), Said(2, False)])
    (False, True)
    """
    letters = list(said)
    offered = any(each.author == author and each.shares_address for each in letters)
    return offered and any(each.author != author for each in letters)
