"""Whole numbers that a browser sends back: identities, versions, counts, pages."""

from __future__ import annotations

#: As many digits as always fit into the database's whole numbers.
_DIGITS = 18


def whole(text: str | None, default: int = 0) -> int:
    """The number, or ``default``, which is none of ours, where somebody wrote something else.

    >>> whole("42"), whole("²"), whole("-1"), whole(None), whole("9" * 5000)
    (42, 0, 0, 0, 0)
    """
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _DIGITS else default
