"""A ranked list for each batch of a topic with cut-offs; offers of less than was asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ranking", sa.Column("cut_off", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_ranking_topic_id", "ranking", type_="unique")
    op.create_unique_constraint(
        "uq_ranking_batch", "ranking", ["topic_id", "cut_off"], postgresql_nulls_not_distinct=True
    )
    op.add_column("placement", sa.Column("offered", sa.Numeric(14, 2), nullable=True))


def downgrade() -> None:
    op.drop_column("placement", "offered")
    op.drop_constraint("uq_ranking_batch", "ranking", type_="unique")
    op.create_unique_constraint("uq_ranking_topic_id", "ranking", ["topic_id"])
    op.drop_column("ranking", "cut_off")
