"""Reads files of topics of the Funding & Tenders Portal: JSON objects one after another, as they come.

Real files hold a BOM, no newline between objects, UTF-8 read as cp1252, bare dates, remnants of HTML (domain.md 1, 3,
14). What can be repaired for certain is, and the record says so; what cannot be placed is refused with a reason, and
reading goes on with the next object. Nothing here knows the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from grants.calls.portal.objects import Bounds, Damage, objects_in, text_of
from grants.calls.portal.records import BRUSSELS, TopicRecord, record_of
from grants.calls.rules import add_months, deadline_in

__all__ = ["Bounds", "Refusal", "TopicRecord", "assumed_opening", "read"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something in the file that is no topic. ``position`` counts the objects from 1; identifier where known."""

    position: int
    identifier: str
    reason: str


def read(source: Path | str | BinaryIO, *, bounds: Bounds | None = None) -> Iterator[TopicRecord | Refusal]:
    """Every object of the file in its order, as a record or with the reason why not.

    ``source``: a path or an open binary stream, packed with gzip or not. Memory holds one object at a time. The first
    of several topics with one identifier counts (capital letters make no difference, as in the portal's addresses),
    so that reading a file twice gives the same; the later ones are refused. Raises OSError where the file cannot be
    opened; damage inside is never raised.
    """
    if isinstance(source, Path | str):
        with Path(source).open("rb") as stream:
            yield from _read(stream, bounds or Bounds())
    else:
        yield from _read(source, bounds or Bounds())


def _read(stream: BinaryIO, bounds: Bounds) -> Iterator[TopicRecord | Refusal]:
    seen: dict[str, int] = {}
    for position, found in enumerate(objects_in(text_of(stream, bounds), bounds.object_size), 1):
        result = found if isinstance(found, Damage) else record_of(found, position)
        if isinstance(result, Damage):
            yield Refusal(position, result.identifier, result.reason)
            continue
        first = seen.setdefault(result.identifier.casefold(), position)
        if first == position:
            yield result
        else:
            yield Refusal(position, result.identifier, f"the same identifier as object {first}")


def assumed_opening(record: TopicRecord, *, seen_at: datetime, months: int = 3) -> datetime:
    """The opening to store where the file has none: ``months`` before the deadline, at the start of that day.

    A topic said to be open is never put after ``seen_at``, a forthcoming one never before the day after it, and
    always before the deadline. Source: domain.md 3 (opening to deadline about 2 to 5 months).
    """
    if record.opens_at is not None and record.opens_at < record.deadlines[0]:
        return record.opens_at
    usual = _midnight(record.deadlines[0], months=-months)
    if record.status == "open" and usual > seen_at:
        usual = _midnight(seen_at)
    elif record.status == "forthcoming" and usual <= seen_at:
        usual = _midnight(seen_at + timedelta(days=1))
    return usual if usual < record.deadlines[0] else _midnight(record.deadlines[0], months=-months)


def _midnight(instant: datetime, *, months: int = 0) -> datetime:
    day = add_months(instant.astimezone(BRUSSELS).date(), months)
    return deadline_in(datetime.fromisoformat(day.isoformat()), zone=BRUSSELS)
