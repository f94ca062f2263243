"""Who sees what of an evaluation in which phase."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "topic", sa.Column("visibility", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("topic", sa.Column("visibility_version", sa.BigInteger(), server_default="1", nullable=False))


def downgrade() -> None:
    for name in ("visibility_version", "visibility"):
        op.drop_column("topic", name)
