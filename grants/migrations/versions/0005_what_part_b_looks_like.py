"""Print and margins of Part B are measured and compared with the topic's; evaluators get no page over the limit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document", sa.Column("measures", postgresql.JSONB(), nullable=True))
    # topics that exist did not ask for it; those to come do unless their manager says otherwise
    for column, least in (("min_font_pt", "11"), ("min_margin_mm", "15")):
        op.add_column("topic", sa.Column(column, sa.Numeric(7, 3), nullable=True))
        op.alter_column("topic", column, server_default=least)
    op.create_table(
        "shortened_part_b",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("page_limit", sa.BigInteger(), nullable=False),
        sa.Column("copy_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_shortened_part_b_document_id_document")
        ),
        sa.ForeignKeyConstraint(["copy_id"], ["document.id"], name=op.f("fk_shortened_part_b_copy_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortened_part_b")),
        sa.UniqueConstraint("document_id", "page_limit", name="uq_shortened_part_b_once"),
    )


def downgrade() -> None:
    op.drop_table("shortened_part_b")
    op.drop_column("topic", "min_margin_mm")
    op.drop_column("topic", "min_font_pt")
    op.drop_column("document", "measures")
