"""When an expert is away. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

#: First and last day.
Days = tuple[date, date]


def away_throughout(absences: Iterable[Days], first: date, last: date) -> bool:
    """Whether no day from ``first`` to ``last`` is left to work on; absences may overlap and follow each other.

    >>> away_throughout([(date(2026, 1, 1), date(2026, 1, 9)), (date(2026, 1, 10), date(2026, 1, 20))],
    ...     date(2026, 1, 5), date(2026, 1, 15))
    True
    """
    day = first
    for began, ended in sorted(absences):
        if began <= day <= ended:
            day = ended + timedelta(days=1)
    return day > last
