"""The declarative base, the session and ``transaction()``. Columns that everybody uses are defined here once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from select import POLLIN, poll
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Engine,
    Enum,
    Identity,
    MetaData,
    Numeric,
    String,
    Text,
    event,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DisconnectionError
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


class PooledConnection(psycopg.Connection[Any]):
    """A connection for many short transactions: it keeps prepared statements over a rollback, and says without
    asking the server whether it still stands.

    The driver forgets prepared statements at a rollback, since that may undo the making of a table. Our processes
    make none, and every request that only reads ends with a rollback: PostgreSQL would plan each statement anew.
    """

    def rollback(self) -> None:
        """End the transaction. Where that fails, the driver's own way tells how.

        On a connection that was lost nothing is left to undo, the server did it: a request that has all it asked for
        still gets its answer.
        """
        if self.pgconn.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            with self.lock:
                done = self.pgconn.exec_(b"ROLLBACK")
            if done.status == ExecStatus.COMMAND_OK:
                return
        if not self.closed:
            super().rollback()

    def stands(self) -> bool:
        """Whether the server still listens. A server has nothing to say between two transactions: when something can
        be read then, it is the news of its end (or one of its rare notices, for which a new connection is cheap)."""
        if self.closed:
            return False
        waiting = poll()
        waiting.register(self.fileno(), POLLIN)
        return not waiting.poll(0)


def use_pooled_connections(engine: Engine) -> None:
    """Let all connections of an engine be such ones, and replace one that has ended before it is used."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Dialect, _record: object, args: tuple[Any, ...], options: dict[str, Any]) -> object:
        return PooledConnection.connect(*args, **options)

    @event.listens_for(engine, "checkout")
    def check(connection: PooledConnection, _record: object, _proxy: object) -> None:
        if not connection.stands():
            raise DisconnectionError("the server has ended this connection")


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
    "use_pooled_connections",
]
