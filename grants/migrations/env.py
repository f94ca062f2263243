"""Runs migrations on the connection that ``grants db upgrade`` hands in."""

from __future__ import annotations

from typing import Any

from alembic import context

from grants.models import metadata


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """The queue's tables belong to procrastinate."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=ours,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
