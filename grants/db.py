"""The declarative base, the session and ``transaction()``. Columns that everybody uses are defined here once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Date, DateTime, Enum, Identity, MetaData, Numeric, String, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """``timestamptz`` that refuses an instant without a zone and always gives UTC back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive instants at the door."""
        if value is not None and value.utcoffset() is None:
            raise ValueError("an instant needs a zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """In UTC, whatever the connection's zone."""
        return None if value is None else value.astimezone(UTC)


type_id = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
Rate = Annotated[Decimal, mapped_column(Numeric(6, 3))]
Score = Annotated[Decimal, mapped_column(Numeric(7, 3))]
Json = Annotated[Any, mapped_column(JSONB)]
Code = Annotated[str, mapped_column(String(100))]


class _Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            str: Text,
            int: BigInteger,
            datetime: UtcDateTime,
            date: Date,
            Decimal: Numeric(14, 2),
            StrEnum: Enum(StrEnum, native_enum=False, length=40, values_callable=lambda e: [m.value for m in e]),
        },
    )


db = SQLAlchemy(model_class=_Base, session_options={"expire_on_commit": False})
if TYPE_CHECKING:
    Base = _Base
else:
    Base = db.Model


@contextmanager
def transaction() -> Iterator[None]:
    """One transaction around one service call: commits at the end, undoes everything on any error."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


class DatabaseClock:
    """PostgreSQL's own clock: the one that decides deadlines, whatever a web machine believes."""

    def now(self) -> datetime:
        """``clock_timestamp()``: the true instant, not the transaction's start."""
        instant: datetime = db.session.scalar(select(func.clock_timestamp(type_=UtcDateTime)))  # type: ignore[assignment]
        return instant


def refresh_locked(thing: Base) -> None:
    """Read a row again and lock it until the end of the transaction."""
    db.session.refresh(thing, with_for_update={"of": type(thing)})


__all__ = [
    "Base",
    "Code",
    "DatabaseClock",
    "Instant",
    "Json",
    "Mapped",
    "Money",
    "Rate",
    "Score",
    "UtcDateTime",
    "db",
    "mapped_column",
    "refresh_locked",
    "transaction",
    "type_id",
]
