"""Time to inform and time to grant: months on the calendar of the call's zone, from the deadline. Pure.

Source: domain.md 3; the months are the topic's (Horizon Europe 5 and 8, ISF 6 and 9, a first stage 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from grants.calls.rules import add_months


class ClockState(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Clock:
    """``due_on``: the last day on which it is met; ``ends_at``: the end of that day. ``done_at`` None: not done."""

    due_on: date
    ends_at: datetime
    done_at: datetime | None
    zone: ZoneInfo

    def state(self, now: datetime) -> ClockState:
        """Met until the end of the last day; missed from that instant on."""
        if self.done_at is not None:
            return ClockState.MET if self.done_at < self.ends_at else ClockState.MISSED
        return ClockState.RUNNING if now < self.ends_at else ClockState.MISSED

    def days_left(self, now: datetime) -> int:
        """Whole days of the calendar until the last one; negative after it."""
        return (self.due_on - now.astimezone(self.zone).date()).days


def clock(deadline: datetime, *, months: int, zone: ZoneInfo, done_at: datetime | None = None) -> Clock:
    """The clock that begins with a deadline. A day that the month lacks becomes its last.

    Raises ValueError for an instant without a zone.
    >>> clock(datetime(2026, 9, 30, 15, tzinfo=UTC), months=5, zone=ZoneInfo("Europe/Brussels")).due_on
    datetime.date(2027, 2, 28)
    """
    if deadline.utcoffset() is None:
        raise ValueError("the deadline has no zone")
    due_on = add_months(deadline.astimezone(zone).date(), months)
    ends = datetime.combine(due_on + timedelta(days=1), time(0), tzinfo=zone).astimezone(UTC)
    return Clock(due_on, ends, done_at, zone)
