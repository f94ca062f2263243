"""A second manager confirms what the first prepared; what a decided list was computed from is kept with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE, OLD, NEW = "ranking", "ck_ranking_instant_if_decided", "ck_ranking_four_eyes"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("prepared_by_id", sa.BigInteger(), nullable=True))
    for name in ("sent_back_because", "inputs", "statement"):
        op.add_column(TABLE, sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_foreign_key(op.f("fk_ranking_prepared_by_id_account"), TABLE, "account", ["prepared_by_id"], ["id"])
    op.drop_constraint(OLD, TABLE)
    op.create_check_constraint(op.f(OLD), TABLE, "(state IN ('decided', 'informed')) = (decided_at IS NOT NULL)")
    # Lists decided before this were prepared by nobody, which NULL says.
    op.create_check_constraint(op.f(NEW), TABLE, "decided_by_id <> prepared_by_id")


def downgrade() -> None:
    op.execute("UPDATE ranking SET state = 'draft' WHERE state = 'prepared'")
    op.drop_constraint(op.f(NEW), TABLE)
    op.drop_constraint(op.f(OLD), TABLE)
    op.create_check_constraint(op.f(OLD), TABLE, "(state = 'draft') = (decided_at IS NULL)")
    for name in ("statement", "inputs", "sent_back_because", "prepared_by_id", "prepared_at"):
        op.drop_column(TABLE, name)
