"""What a profile offers, and how long a declaration of interests is valid. Pure. Source: domain.md 8.4."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime

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
