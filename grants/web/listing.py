"""Lists by keyset: the next page starts after the last row seen, so the last page costs what the first costs.

A cursor is the sort key of a row, encoded; it is no secret and grants nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from grants.db import db

Row = TypeVar("Row")
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
SIZES = (50, 200)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page with cursors to its neighbours (None where there is none)."""

    rows: Sequence[Row]
    following: str | None
    previous: str | None
    size: int


def encode(values: Sequence[Any]) -> str:
    """A cursor from sort values."""
    plain = [
        value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, Decimal) else value
        for value in values
    ]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, columns: Sequence[Column]) -> list[Any] | None:
    """The sort values of a cursor, or None where somebody edited it: the list then starts at its beginning."""
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(plain, list) or len(plain) != len(columns):
            return None
        return [_typed(value, column) for value, column in zip(plain, columns, strict=True)]
    except (ValueError, binascii.Error, TypeError, ArithmeticError):
        return None


def _typed(value: Any, column: Column) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if not isinstance(value, kind):
        raise TypeError
    return value


def page(
    statement: Select[*tuple[Any, ...]],
    columns: Sequence[Column],
    *,
    descending: bool = False,
    after: str | None = None,
    before: str | None = None,
    size: int = SIZES[0],
    scalars: bool = True,
    values: Mapping[str, Any] | None = None,
) -> Page[Any]:
    """One page of ``statement`` in the order of ``columns`` (never null, the last one unique).

    ``after`` and ``before`` are cursors; one statement, no count. ``values``: for named places of a statement that
    is the same for everybody and stays in memory: its first page is put together once.
    """
    backwards = before is not None and after is None
    cursor = decode(before or after or "", columns) if (before or after) else None
    down = descending != backwards
    if cursor is not None:
        mark, key = tuple_(*cursor), tuple_(*columns)
        statement = statement.where(key < mark if down else key > mark)
    put_together = _kept if values is not None and cursor is None else _ordered
    found = db.session.execute(put_together(statement, tuple(columns), down, size + 1), values).all()
    more, found = len(found) > size, list(found[:size])
    if backwards:
        found.reverse()
    width = len(columns)
    rows: list[Any] = [row[0] for row in found] if scalars else found
    has_next = (more if not backwards else cursor is not None) and bool(found)
    has_previous = (cursor is not None if not backwards else more) and bool(found)
    return Page(
        rows=rows,
        following=encode(found[-1][-width:]) if has_next else None,
        previous=encode(found[0][-width:]) if has_previous else None,
        size=size,
    )


def _ordered(
    statement: Select[*tuple[Any, ...]], columns: tuple[Column, ...], down: bool, most: int
) -> Select[*tuple[Any, ...]]:
    ordered = statement.order_by(*(column.desc() if down else column.asc() for column in columns))
    return ordered.add_columns(*columns).limit(most)


_kept = lru_cache(maxsize=64)(_ordered)


def size_of(text: str | None) -> int:
    """The page size that was asked for, where we offer it."""
    return int(text) if text in {str(size) for size in SIZES} else SIZES[0]
