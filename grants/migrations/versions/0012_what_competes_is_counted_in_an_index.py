"""What competes in a topic is counted in an index, without reading the long rows of proposals."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME, KEYS = "ix_proposal_topic_state", ["topic_id", "state", "number"]


def upgrade() -> None:
    op.drop_index(NAME, table_name="proposal")
    op.create_index(NAME, "proposal", KEYS, postgresql_include=["id", "stage", "extended_until", "cut_off"])


def downgrade() -> None:
    op.drop_index(NAME, table_name="proposal")
    op.create_index(NAME, "proposal", KEYS)
