"""Criteria with weaknesses, questions to experts, notes for the panel, the discussion of a consensus."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

REPORTS = ("report", "consensus")
SCORES = ("report_score", "consensus_score")


def upgrade() -> None:
    op.add_column("topic", sa.Column("shortest_comment", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("topic", _json("questions", "'[]'"))
    for table in REPORTS:
        op.add_column(table, _text("panel_note"))
        op.add_column(table, _json("answers", "'{}'"))
    for table in SCORES:
        op.add_column(table, _text("weaknesses"))
    for name in ("opened_because", "decided_because"):
        op.add_column("consensus", _text(name))
    op.create_table(
        "remark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consensus_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("written_by_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_remark_says_something")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_remark_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["consensus_id"], ["consensus.id"], name=op.f("fk_remark_consensus_id_consensus"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["account.id"], name=op.f("fk_remark_written_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index("ix_remark_consensus", "remark", ["consensus_id", "id"])


def downgrade() -> None:
    op.drop_table("remark")
    for name in ("opened_because", "decided_because"):
        op.drop_column("consensus", name)
    for table in SCORES:
        op.drop_column(table, "weaknesses")
    for table in REPORTS:
        op.drop_column(table, "answers")
        op.drop_column(table, "panel_note")
    op.drop_column("topic", "questions")
    op.drop_column("topic", "shortest_comment")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _json(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text(empty), nullable=False)
