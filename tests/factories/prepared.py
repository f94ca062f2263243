"""Databases that take long to fill: filled once, by the first worker that asks, and copied by PostgreSQL for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

ROOT = Path(__file__).resolve().parents[2]
#: A day is what nobody's tests take: what is older is of a state of the code that is gone.
_KEPT = timedelta(days=1)
_PREFIX = "grants_prepared_"
Connection = psycopg.Connection[tuple[str, str | None]]


def address(server_url: str, name: str) -> str:
    """Of a database of the tests' server, as SQLAlchemy reads it."""
    url = make_url(server_url).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def state_of(*folders: str) -> str:
    """A name for the content of everything in these folders of the project."""
    digest = sha256()
    for path in sorted(each for folder in folders for each in (ROOT / folder).rglob("*") if _counts(each)):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc" and "static" not in path.parts


def prepared(
    server_url: str, kind: str, parts: Iterable[str], fill: Callable[[str], None], *, fresh: timedelta = _KEPT
) -> str:
    """The name of a database that ``fill`` filled, given its address, for these parts of a key. One that another
    worker or run filled serves too, if it is younger than ``fresh``. Nobody may stay connected to it.
    """
    name = f"{_PREFIX}{kind}_{sha256(repr(tuple(parts)).encode()).hexdigest()[:16]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [_PREFIX])
        now = datetime.now(UTC)
        made = _made(connection)
        stale = [each for each, at in made.items() if at is None or at < now - (fresh if each == name else _KEPT)]
        for each in stale:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(each)))
        if name not in made or name in stale:
            _fill(connection, name, lambda: fill(address(server_url, name)), now=now)
    return name


def _fill(connection: Connection, name: str, fill: Callable[[], None], *, now: datetime) -> None:
    named = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE DATABASE {}").format(named))
    fill()
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(named, sql.Literal(now.isoformat())))


def _made(connection: Connection) -> dict[str, datetime | None]:
    """When each prepared database was filled; None where its filling was broken off."""
    rows = connection.execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE starts_with(datname, %s)",
        [_PREFIX],
    )
    return {name: datetime.fromisoformat(said) if said else None for name, said in rows}
