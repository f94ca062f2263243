"""Budgets: quantities, justifications, own means and income, shares of lump sums, spreadsheets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import grants.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lump_share",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("package", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=True),
        sa.Column("typed", sa.String(length=60), server_default="", nullable=False),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_lump_share_amount_not_negative")),
        sa.CheckConstraint("(amount IS NULL) = (typed <> '')", name=op.f("ck_lump_share_amount_or_what_was_typed")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_lump_share_participant_id_participant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lump_share")),
        sa.UniqueConstraint("participant_id", "package", name="uq_lump_share_once"),
    )  # fmt: skip
    op.create_table(
        "budget_sheet",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind", sa.Enum("export", "import", name="sheetkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum("waiting", "done", "refused", name="sheetstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("findings", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("asked_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("done_at", grants.db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (done_at IS NULL)", name=op.f("ck_budget_sheet_instant_if_done")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_budget_sheet_asked_by_id_account")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_budget_sheet_document_id_document")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_budget_sheet_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_sheet")),
    )
    op.create_index("ix_budget_sheet_proposal", "budget_sheet", ["proposal_id", "kind", "id"])
    op.add_column("budget_line", sa.Column("quantity", sa.Numeric(14, 2), nullable=True))
    op.add_column("budget_line", sa.Column("quantity_typed", sa.String(length=60), server_default="", nullable=False))
    op.add_column("budget_line", sa.Column("justification", sa.Text(), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_budget_line_quantity_or_typed"),
        "budget_line",
        "quantity IS NULL OR (quantity >= 0 AND quantity_typed = '')",
    )
    for name in ("own_contribution", "income"):
        op.add_column("participant", sa.Column(name, sa.Numeric(14, 2), nullable=True))
        op.create_check_constraint(
            op.f(f"ck_participant_{name}_not_negative"), "participant", f"{name} IS NULL OR {name} >= 0"
        )
    op.add_column(
        "participant", sa.Column("typed", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("topic", sa.Column("no_profit", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("topic", "no_profit")
    op.drop_column("participant", "typed")
    for name in ("income", "own_contribution"):
        op.drop_constraint(op.f(f"ck_participant_{name}_not_negative"), "participant")
        op.drop_column("participant", name)
    op.drop_constraint(op.f("ck_budget_line_quantity_or_typed"), "budget_line")
    for name in ("justification", "quantity_typed", "quantity"):
        op.drop_column("budget_line", name)
    op.drop_index("ix_budget_sheet_proposal", table_name="budget_sheet")
    op.drop_table("budget_sheet")
    op.drop_table("lump_share")
