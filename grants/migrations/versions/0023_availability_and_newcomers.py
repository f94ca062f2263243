"""When experts are away; the share of a topic's experts who must be new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topic", sa.Column("newcomer_share", sa.BigInteger(), server_default="25", nullable=False))
    op.create_table(
        "expert_absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("expert_id", sa.BigInteger(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ended_on >= began_on", name=op.f("ck_expert_absence_ends_after_its_begin")),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_absence_expert_id_expert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_absence")),
    )
    op.create_index("ix_expert_absence_expert", "expert_absence", ["expert_id"], unique=False)


def downgrade() -> None:
    op.drop_table("expert_absence")
    op.drop_column("topic", "newcomer_share")
