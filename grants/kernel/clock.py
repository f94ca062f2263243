"""Time as an argument. Services get ``now``; only the edge (guards, jobs, commands) asks a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        ...


class SystemClock:
    """The machine's own clock. Deadlines never use it: they are decided by the database's."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """Another clock moved by a fixed distance: lets a trial or a journey test move through time."""

    def __init__(self, inner: Clock, shift: timedelta) -> None:
        self.inner, self.shift = inner, shift

    def now(self) -> datetime:
        """The inner clock's instant, moved."""
        return self.inner.now() + self.shift


class FixedClock:
    """Stands still until it is set: for tests."""

    def __init__(self, instant: datetime) -> None:
        self.instant = require_aware(instant)

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.instant


def require_aware(instant: datetime) -> datetime:
    """``instant`` in UTC. Raises ValueError when it carries no zone."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(UTC)
