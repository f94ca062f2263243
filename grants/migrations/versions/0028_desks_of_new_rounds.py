"""Experts of a new round after a review read the proposal and write a report of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TABLE = "redress_round_expert"


def upgrade() -> None:
    state = sa.Enum("asked", "accepted", "handed_in", "conflicted", name="deskstate", native_enum=False, length=40)
    op.add_column(_TABLE, sa.Column("state", state, server_default="asked", nullable=False))
    op.add_column(_TABLE, sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    texts = postgresql.JSONB()
    op.add_column(_TABLE, sa.Column("judgements", texts, server_default=sa.text("'{}'::jsonb"), nullable=False))
    op.add_column(_TABLE, sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(_TABLE, sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(_TABLE, sa.Column("conflict", sa.Text(), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_redress_round_expert_instant_if_handed_in"), _TABLE,
        "(state = 'handed_in') = (handed_in_at IS NOT NULL)",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_redress_round_expert_conflict_has_a_reason"), _TABLE, "state <> 'conflicted' OR conflict <> ''"
    )


def downgrade() -> None:
    for name in ("conflict", "handed_in_at", "changed_at", "judgements", "version", "state"):
        op.drop_column(_TABLE, name)
