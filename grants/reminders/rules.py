"""When a reminder is due. Pure. Windows instead of days: a missed hour loses none, and stale ones are never sent.

Source: domain.md 13; the offsets are arguments with the defaults of the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Offset:
    """How long before the deadline: whole days on the calendar of the call's zone, then hours; negative: after it."""

    days: int = 0
    hours: int = 0

    def before(self, deadline: datetime, zone: ZoneInfo) -> datetime:
        """The instant of the reminder. A day keeps the hour of the clock, also over a change of summer time."""
        local = (deadline.astimezone(zone) - timedelta(days=self.days)).astimezone(deadline.tzinfo)
        return local - timedelta(hours=self.hours)

    @property
    def words(self) -> str:
        """``3 days``, ``1 day``, ``3 hours``; the distance alone, before or after."""
        count, unit = (abs(self.days), "day") if self.days else (self.hours, "hour")
        return f"{count} {unit}" + ("" if count == 1 else "s")


#: Reports of evaluators: due at an instant of the day, so "0 days" is the morning of that day.
EVALUATION_OFFSETS = (Offset(7), Offset(2), Offset(hours=8), Offset(-1))
#: Deliverables and periodic reports are due until the end of a day: 30, 7, 0 days before, and once when overdue.
PROJECT_OFFSETS = (Offset(30), Offset(7), Offset(hours=16), Offset(-7))
#: Clocks of a topic (time to inform, time to grant) end with a day: a month and a week before, for the managers.
CLOCK_OFFSETS = (Offset(30), Offset(7))
#: Declarations of interests: a month and a week before they end, and when they have.
DECLARATION_OFFSETS = (Offset(30), Offset(7), Offset())
#: How long a reminder after the due instant may still be sent, if no scheduler ran.
LATE_WINDOW = timedelta(days=7)
DRAFT_OFFSETS = (Offset(14), Offset(7), Offset(3), Offset(1), Offset(hours=3))


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due now: ``at`` is the instant that it belongs to."""

    offset: Offset
    at: datetime


def due_before(
    offsets: Sequence[Offset], *, deadline: datetime, now: datetime, since: datetime, zone: ZoneInfo
) -> Due | None:
    """The one reminder that is due: the last whose instant has come, until the next one or the deadline.

    ``since``: when its cause began (the draft was made, the deadline was set); a reminder of an instant before that
    would be stale and is left out. None before the first instant and from the deadline on.
    """
    if now >= deadline:
        return None
    instants = sorted(((offset.before(deadline, zone), offset) for offset in offsets), key=lambda pair: pair[0])
    passed = [(at, offset) for at, offset in instants if at <= now]
    if not passed or passed[-1][0] < since:
        return None
    at, offset = passed[-1]
    return Due(offset, at)


def due_around(
    offsets: Sequence[Offset], *, deadline: datetime, now: datetime, since: datetime, zone: ZoneInfo
) -> Due | None:
    """Like ``due_before``, with reminders after the deadline too: the last whose instant has come.

    Between the deadline and the first instant after it nothing is due: what was to be sent before it is stale by
    then. The last one is due for ``LATE_WINDOW``.
    """
    instants = sorted(((offset.before(deadline, zone), offset) for offset in offsets), key=lambda pair: pair[0])
    passed = [(at, offset) for at, offset in instants if at <= now]
    if not passed:
        return None
    at, offset = passed[-1]
    stale = at < since or (now >= deadline and at < deadline) or (now >= at + LATE_WINDOW and at >= deadline)
    return None if stale else Due(offset, at)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day ends in a zone: until then nothing due on it is late."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone)


def key(rule: str, thing: str, due: datetime, recipient: int) -> str:
    """What makes a reminder unique: rule, object, due instant, recipient."""
    return f"{rule}:{thing}:{due.isoformat()}:{recipient}"
