"""Runs of the assignment, what managers say of single pairs, and genders of experts where they say them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = ("waiting", "running", "done", "failed", "cancelled", "taking", "taken")


def upgrade() -> None:
    op.add_column("expert", sa.Column("gender", sa.String(length=10), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_expert_gender_is_known_or_not_said"), "expert", "gender IN ('', 'woman', 'man')"
    )
    op.create_table(
        "assignment_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="runstate", native_enum=False, length=40), nullable=False),
        _json("options", "'{}'::jsonb"),
        sa.Column("progress", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stop_asked", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _json("figures", "'{}'::jsonb"),
        _json("says", "'[]'::jsonb"),
        _json("teams", "'[]'::jsonb"),
        _json("prices", "'{}'::jsonb"),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_assignment_run_progress_is_a_percentage")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_assignment_run_asked_by_id_account")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_assignment_run_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_run")),
    )
    op.create_index("ix_assignment_run_topic", "assignment_run", ["topic_id", "id"])
    op.create_index(
        "uq_assignment_run_under_way", "assignment_run", ["topic_id"], unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running', 'taking')"),
    )  # fmt: skip
    op.create_table(
        "pair_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("expert_id", sa.BigInteger(), nullable=False),
        sa.Column("fit", sa.BigInteger(), nullable=True),
        sa.Column("forbidden", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("noted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fit IS NULL OR fit BETWEEN 0 AND 1000", name=op.f("ck_pair_note_fit_is_in_range")),
        sa.CheckConstraint("forbidden OR fit IS NOT NULL", name=op.f("ck_pair_note_says_something")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_pair_note_expert_id_expert")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["account.id"], name=op.f("fk_pair_note_noted_by_id_account")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_pair_note_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_note")),
        sa.UniqueConstraint("proposal_id", "expert_id", name="uq_pair_note_once"),
    )
    op.create_index(op.f("ix_pair_note_expert_id"), "pair_note", ["expert_id"])


def downgrade() -> None:
    op.drop_table("pair_note")
    op.drop_table("assignment_run")
    op.drop_constraint(op.f("ck_expert_gender_is_known_or_not_said"), "expert")
    op.drop_column("expert", "gender")


def _json(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text(empty), nullable=False)
