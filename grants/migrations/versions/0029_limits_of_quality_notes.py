"""A topic sets from where officers are told to look at an expert's report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_DEFAULTS = {"quality_short": "100", "quality_high": "80", "quality_low": "50", "quality_alike": "90"}


def upgrade() -> None:
    for name, default in _DEFAULTS.items():
        op.add_column("topic", sa.Column(name, sa.BigInteger(), server_default=default, nullable=False))


def downgrade() -> None:
    for name in reversed(_DEFAULTS):
        op.drop_column("topic", name)
