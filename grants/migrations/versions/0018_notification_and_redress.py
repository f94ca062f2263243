"""When a result counts as received, the clocks of a topic, requests for a review of the evaluation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CLOCKS = {"first_stage_inform_months": "3", "deemed_days": "10", "redress_days": "30"}


def upgrade() -> None:
    for name, default in CLOCKS.items():
        op.add_column("topic", sa.Column(name, sa.BigInteger(), server_default=default, nullable=False))
    op.add_column("placement", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("placement", "opened_at")
    for name in CLOCKS:
        op.drop_column("topic", name)
