"""Blind evaluation: a setting of a topic, copies of Part B, the words in which names are looked for. Offline forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import grants.db

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ONCE = "uq_shortened_part_b_once"


def _choice(column: str, name: str, *values: str, usual: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, length=40)
    return sa.Column(column, kind, server_default=usual, nullable=False)


def upgrade() -> None:
    op.add_column("topic", _choice("blind", "blind", "no", "first stage", "all stages", usual="no"))
    op.add_column("topic", _choice("naming", "naming", "off", "warn", "block", usual="warn"))
    op.add_column("shortened_part_b", sa.Column("blind", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("shortened_part_b", "page_limit", nullable=True)
    op.drop_constraint(_ONCE, "shortened_part_b")
    op.create_unique_constraint(
        _ONCE, "shortened_part_b", ["document_id", "page_limit", "blind"], postgresql_nulls_not_distinct=True
    )
    op.create_table(
        "part_b_text",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("pages", postgresql.JSONB(), nullable=False),
        sa.Column("read_at", grants.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_part_b_text_document_id_document")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_part_b_text")),
    )
    _forms()


def _forms() -> None:
    """Reports as offline forms."""
    json = postgresql.JSONB()
    op.create_table(
        "report_form",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("expert_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Enum("export", "import", name="formkind", native_enum=False, length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "done",
                "read",
                "refused",
                "taken",
                "dropped",
                name="formstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("assignments", json, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("findings", json, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("given", json, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("asked_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("done_at", grants.db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (done_at IS NULL)", name=op.f("ck_report_form_instant_if_done")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_report_form_expert_id_expert")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_report_form_topic_id_topic")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_report_form_document_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_form")),
    )
    op.create_index("ix_report_form_expert", "report_form", ["expert_id", "topic_id", "kind", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("report_form")
    op.drop_table("part_b_text")
    op.execute("DELETE FROM shortened_part_b WHERE blind OR page_limit IS NULL")
    op.drop_constraint(_ONCE, "shortened_part_b")
    op.create_unique_constraint(_ONCE, "shortened_part_b", ["document_id", "page_limit"])
    op.alter_column("shortened_part_b", "page_limit", nullable=False)
    for table, column in (("shortened_part_b", "blind"), ("topic", "naming"), ("topic", "blind")):
        op.drop_column(table, column)
