"""The new round after an upheld review: its experts, the scores they agreed on, the supplement to the list."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WHOLE = (
    "state = 'open' OR (decision IS NOT NULL AND reason <> '' AND agreement <> '' AND place IS NOT NULL AND"
    " total IS NOT NULL AND ranking_score IS NOT NULL AND requested IS NOT NULL AND old_place IS NOT NULL)"
)


def upgrade() -> None:
    _round()
    _expert()
    _score()


def _identity() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _points_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _round() -> None:
    table, states = "redress_round", ("open", "proposed", "confirmed")
    checks = {
        "instant_if_confirmed": "(state = 'confirmed') = (confirmed_at IS NOT NULL)",
        "person_if_confirmed": "(state = 'confirmed') = (confirmed_by_id IS NOT NULL)",
        "person_if_proposed": "(state = 'open') = (proposed_by_id IS NULL)",
        "four_eyes": "confirmed_by_id <> proposed_by_id",
        "proposed_whole": WHOLE,
        "judges_something": "cardinality(criteria) > 0",
    }
    op.create_table(
        table,
        _identity(), _number("request_id"), _number("ranking_id"),
        sa.Column("state", sa.Enum(*states, name="roundstate", native_enum=False, length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("criteria", postgresql.ARRAY(sa.String()), nullable=False),
        _instant("opened_at", nullable=False),
        _text("agreement"),
        sa.Column(
            "decision", sa.Enum("main", "reserve", "rejected", name="decision", native_enum=False, length=40),
            nullable=True,
        ),
        _text("reason"),
        sa.Column("total", sa.Numeric(7, 3), nullable=True),
        sa.Column("ranking_score", sa.Numeric(7, 3), nullable=True),
        _number("place", nullable=True), _number("old_place", nullable=True),
        sa.Column("requested", sa.Numeric(14, 2), nullable=True),
        _instant("proposed_at"), _number("proposed_by_id", nullable=True),
        _text("sent_back_because"),
        _instant("confirmed_at"), _number("confirmed_by_id", nullable=True),
        *(sa.CheckConstraint(says, name=op.f(f"ck_{table}_{name}")) for name, says in checks.items()),
        _points_to(table, "request_id", "redress_request"), _points_to(table, "ranking_id", "ranking"),
        _points_to(table, "proposed_by_id", "account"), _points_to(table, "confirmed_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("request_id", name=op.f(f"uq_{table}_request_id")),
    )  # fmt: skip
    op.create_index("ix_redress_round_ranking", table, ["ranking_id", "state"])


def _expert() -> None:
    table = "redress_round_expert"
    op.create_table(
        table,
        _identity(), _number("round_id"), _number("expert_id"), _instant("named_at", nullable=False),
        _number("named_by_id"),
        _points_to(table, "round_id", "redress_round"), _points_to(table, "expert_id", "expert"),
        _points_to(table, "named_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("round_id", "expert_id", name="uq_redress_round_expert_once"),
    )  # fmt: skip
    op.create_index(op.f("ix_redress_round_expert_expert_id"), table, ["expert_id"])


def _score() -> None:
    table = "redress_round_score"
    op.create_table(
        table,
        _identity(), _number("round_id"), _number("criterion_id"),
        sa.Column("score", sa.Numeric(7, 3), nullable=True),
        _text("comment"),
        _points_to(table, "round_id", "redress_round"), _points_to(table, "criterion_id", "criterion"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("round_id", "criterion_id", name="uq_redress_round_score_once"),
    )  # fmt: skip


def downgrade() -> None:
    for table in ("redress_round_score", "redress_round_expert", "redress_round"):
        op.drop_table(table)
