"""What a profile offers, and how long a declaration of interests is valid. Pure. Source: domain.md 8.4."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime

from stdnum.iso7064 import mod_11_2

#: What a profile offers; the list is open, people may add their own words.
LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl",
    "pt", "ro", "sk", "sl", "sv",
)  # fmt: skip
SECTORS = {
    "academia": "University or research institute", "industry": "Industry", "public": "Public service",
    "society": "Non-profit organisation", "self": "Self-employed",
}  # fmt: skip
#: Months that a declaration is valid unless a topic says otherwise: for the registry, which knows no topic.
USUAL_MONTHS = 12
#: Kinds of ties, with whether they rule the expert out: a relation or a post does, a professional tie is decided on.
TIES = {
    "family": ("Close family or personal relation", True),
    "post": ("Director, trustee or partner", True),
    "professional": ("Mentor, rival or adviser", False),
}


#: Digits of an ORCID; the last is the check digit (ISO 7064, 11-2).
_ORCID = 16


def read_orcid(text: str) -> str:
    """An ORCID as it is kept, from any way of writing it; empty where nothing is given. Raises ValueError.

    >>> read_orcid("https://orcid.org/0000000218250097")
    '0000-0002-1825-0097'
    """
    number = "".join(text.upper().removeprefix("HTTPS://ORCID.ORG/").replace("-", "").split())
    if number and not (len(number) == _ORCID and mod_11_2.is_valid(number)):
        raise ValueError(text)
    return "-".join(number[place : place + 4] for place in range(0, len(number), 4))


def months_after(instant: datetime, months: int) -> datetime:
    """The same day so many months later, or the last of that month.

    >>> from datetime import UTC
    >>> months_after(datetime(2026, 1, 31, tzinfo=UTC), 1).day
    28
    """
    years, month = divmod(instant.month - 1 + months, 12)
    year, month = instant.year + years, month + 1
    return instant.replace(year=year, month=month, day=min(instant.day, monthrange(year, month)[1]))


def declaration_is_valid(declared_at: datetime | None, *, months: int, now: datetime) -> bool:
    """Whether interests were declared lately enough for new proposals."""
    return declared_at is not None and now < months_after(declared_at, months)
