"""Calibrations: what individual scores of a topic say, for its managers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibration",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_calibration_asked_by_id_account")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_calibration_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    op.create_index("ix_calibration_topic", "calibration", ["topic_id", "id"])
    op.create_index(
        "uq_calibration_under_way", "calibration", ["topic_id"], unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("calibration")
