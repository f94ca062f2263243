"""When a result counts as received, and until when a review of the procedure may be asked for. Pure.

Computed from what is stored, never stored itself. Source: domain.md 8.5, 8.6 and 13 (formal notification with a
fiction of receipt); the days are the topic's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Notice:
    """A result that was sent. ``opened_at``: when the coordinator's side first opened it, None: not yet.

    ``deemed_days`` and ``redress_days`` are days on the calendar of ``zone``.
    """

    sent_at: datetime
    opened_at: datetime | None
    deemed_days: int
    redress_days: int
    zone: ZoneInfo

    @property
    def deemed_at(self) -> datetime:
        """The instant at which it counts as received though nobody opened it: the same time of the day."""
        return days_after(self.sent_at, self.deemed_days, zone=self.zone)

    @property
    def counts_from(self) -> datetime:
        """When it counts, or will count, as received: opened, at the latest deemed."""
        return self.deemed_at if self.opened_at is None else min(self.opened_at, self.deemed_at)

    @property
    def redress_until(self) -> datetime:
        """The instant from which a request for a review is late: the end of the last day."""
        return end_of_day_after(self.counts_from, self.redress_days, zone=self.zone)

    def received_at(self, now: datetime) -> datetime | None:
        """When it was received; None while it is not."""
        return self.counts_from if self.counts_from <= now else None

    def was_deemed(self, now: datetime) -> bool:
        """Whether it counts as received without having been opened in time."""
        return self.received_at(now) is not None and self.counts_from != self.opened_at

    def redress_open(self, now: datetime) -> bool:
        """Whether a review may be asked for; the instant of the end itself is late."""
        return self.sent_at <= now < self.redress_until


def days_after(instant: datetime, days: int, *, zone: ZoneInfo) -> datetime:
    """The same time of the day so many days later on the calendar of a zone. Raises ValueError without a zone."""
    if instant.utcoffset() is None:
        raise ValueError("the instant has no zone")
    return (instant.astimezone(zone) + timedelta(days=days)).astimezone(UTC)


def end_of_day_after(instant: datetime, days: int, *, zone: ZoneInfo) -> datetime:
    """The end of the last of so many days, of which the day after ``instant`` is the first.

    >>> end_of_day_after(datetime(2026, 3, 1, 9, tzinfo=UTC), 30, zone=ZoneInfo("Europe/Brussels"))
    datetime.datetime(2026, 3, 31, 22, 0, tzinfo=datetime.timezone.utc)
    """
    if instant.utcoffset() is None:
        raise ValueError("the instant has no zone")
    day = instant.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)
