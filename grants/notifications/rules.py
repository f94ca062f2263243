"""When a letter that could not be sent is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A worker holds a letter this long; the letter of a dead worker comes back afterwards.
LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 40


def next_try(attempts: int, *, now: datetime) -> datetime:
    """The pause doubles with each attempt, up to an hour. ``attempts``: how many failed so far, from 1."""
    doublings: int = min(attempts - 1, 10)
    return now + min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def gives_up(attempts: int, *, permanent: bool) -> bool:
    """Whether a failed letter is not tried again: refused for good by the server, or tried for over a day."""
    return permanent or attempts >= MOST_ATTEMPTS
