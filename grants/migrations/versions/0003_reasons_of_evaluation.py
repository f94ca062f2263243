"""Why an invitation was declined, a report returned, a consensus reopened; when a proposal's result was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import grants.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXTS = (("invitation", "answer"), ("report", "returned_because"), ("consensus", "reopened_because"))


def upgrade() -> None:
    for table, name in _TEXTS:
        op.add_column(table, sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("proposal", sa.Column("decided_at", grants.db.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("proposal", "decided_at")
    for table, name in reversed(_TEXTS):
        op.drop_column(table, name)
