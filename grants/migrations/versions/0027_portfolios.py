"""The areas of a topic, portfolio rules and the selection of a ranked list; sub-questions of award criteria."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topic", sa.Column("area_field", sa.String(length=40), server_default="", nullable=False))
    lines = postgresql.ARRAY(sa.String())
    op.add_column("topic", sa.Column("portfolio", lines, server_default=sa.text("'{}'"), nullable=False))
    selection = sa.Column("selection", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    op.add_column("ranking", selection)
    lines = postgresql.ARRAY(sa.String())
    op.add_column("criterion", sa.Column("aspects", lines, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    op.drop_column("criterion", "aspects")
    op.drop_column("ranking", "selection")
    op.drop_column("topic", "portfolio")
    op.drop_column("topic", "area_field")
