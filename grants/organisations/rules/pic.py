"""Organisations: the PIC and what an entry needs. Pure."""

from __future__ import annotations

#: EU institutions write EL and UK where ISO 3166 writes GR and GB (domain.md 14).
_EU_VARIANTS = {"EL": "GR", "UK": "GB"}
#: Our own PICs start here; imported ones keep theirs.
FIRST_OWN_PIC = 700_000_001


def iso_country(code: str) -> str:
    """ISO 3166-1 alpha-2 for a code as EU systems write it.

    >>> iso_country("el")
    'GR'
    """
    upper = code.strip().upper()
    return _EU_VARIANTS.get(upper, upper)


def is_pic(text: str) -> bool:
    """Whether ``text`` is a PIC: nine digits, no check digit (domain.md 5)."""
    return len(text) == 9 and text.isascii() and text.isdigit()
