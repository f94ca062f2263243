"""What-ifs kept under a name; how a topic draws its funding line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "topic",
        sa.Column(
            "on_misfit", sa.Enum("stop", "skip", "offer_less", name="misfit", native_enum=False, length=40),
            server_default="stop", nullable=False,
        ),
    )  # fmt: skip
    op.add_column("topic", sa.Column("reserve_size", sa.BigInteger(), nullable=True))
    op.create_table(
        "what_if",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ranking_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("changes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("figures", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("inputs_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_what_if_made_by_id_account")),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["ranking.id"], name=op.f("fk_what_if_ranking_id_ranking"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_if")),
        sa.UniqueConstraint("ranking_id", "name", name="uq_what_if_name"),
    )


def downgrade() -> None:
    op.drop_table("what_if")
    op.drop_column("topic", "reserve_size")
    op.drop_column("topic", "on_misfit")
