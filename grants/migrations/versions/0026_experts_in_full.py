"""What came to light about experts after the assignment."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None

PAGES = ("profile", "background", "interests", "absences")


def upgrade() -> None:
    for page in PAGES:
        op.add_column("expert", sa.Column(f"{page}_version", sa.BigInteger(), server_default="0", nullable=False))
    _conflict_found()


def _identity() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _points_to(table: str, column: str, other: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _conflict_found() -> None:
    table = "conflict_found"
    op.create_table(
        table,
        _identity(), _number("assignment_id"),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("disqualifying", sa.Boolean(), nullable=False),
        _instant("found_at"), _instant("gone_at", nullable=True),
        _points_to(table, "assignment_id", "assignment"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("assignment_id", "code", name="uq_conflict_found_once"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("conflict_found")
    for page in PAGES:
        op.drop_column("expert", f"{page}_version")
