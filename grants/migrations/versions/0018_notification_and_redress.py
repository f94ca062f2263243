"""When a result counts as received, the clocks of a topic, requests for a review of the evaluation."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CLOCKS = {"first_stage_inform_months": "3", "deemed_days": "10", "redress_days": "30", "redress_members": "2",
          "redress_answer_days": "60"}  # fmt: skip


def upgrade() -> None:
    for name, default in CLOCKS.items():
        op.add_column("topic", sa.Column(name, sa.BigInteger(), server_default=default, nullable=False))
    op.add_column("placement", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    _request()
    _member()
    _ruling()


def _instant(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _request() -> None:
    states = ("draft", "sent", "admissible", "inadmissible", "decided", "withdrawn")
    op.create_table(
        "redress_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Enum(*states, name="requeststate", native_enum=False, length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("subject", sa.String(length=40), server_default="", nullable=False),
        sa.Column("criterion", sa.String(length=40), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        _instant("changed_at", nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        _instant("sent_at"), _instant("closed_at"),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False),
        _instant("opinion_at"),
        sa.CheckConstraint("(state = 'draft') = (sent_at IS NULL)", name=op.f("ck_redress_request_instant_if_sent")),
        sa.CheckConstraint(
            "state = 'draft' OR (subject <> '' AND text <> '')", name=op.f("ck_redress_request_sent_whole")
        ),
        sa.CheckConstraint(
            "(state IN ('inadmissible', 'decided', 'withdrawn')) = (closed_at IS NOT NULL)",
            name=op.f("ck_redress_request_instant_if_closed"),
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_redress_request_proposal_id_proposal")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_redress_request_changed_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redress_request")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_redress_request_proposal_id")),
    )  # fmt: skip
    op.create_index("ix_redress_request_state", "redress_request", ["state", "sent_at"])


def _member() -> None:
    table = "redress_member"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        _instant("named_at", nullable=False),
        sa.Column("named_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["redress_request.id"], name=op.f("fk_redress_member_request_id_redress_request")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_redress_member_account_id_account")),
        sa.ForeignKeyConstraint(["named_by_id"], ["account.id"], name=op.f("fk_redress_member_named_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redress_member")),
        sa.UniqueConstraint("request_id", "account_id", name="uq_redress_member_once"),
    )
    op.create_index(op.f("ix_redress_member_account_id"), table, ["account_id"])


def _ruling() -> None:
    table, says = "redress_ruling", ("admissible", "inadmissible", "confirmed", "partly", "fully", "corrected")
    states = ("proposed", "confirmed", "sent_back")
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Enum(*states, name="rulingstate", native_enum=False, length=40), nullable=False),
        sa.Column("says", sa.Enum(*says, name="says", native_enum=False, length=40), nullable=False),
        sa.Column("criteria", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _instant("proposed_at", nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        _instant("answered_at"),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_back_because", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "answered_by_id <> proposed_by_id OR state = 'sent_back'", name=op.f("ck_redress_ruling_four_eyes")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (answered_at IS NULL)", name=op.f("ck_redress_ruling_instant_if_answered")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_redress_ruling_has_a_reason")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["redress_request.id"], name=op.f("fk_redress_ruling_request_id_redress_request")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_redress_ruling_proposed_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["account.id"], name=op.f("fk_redress_ruling_answered_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redress_ruling")),
    )
    op.create_index("ix_redress_ruling_request", table, ["request_id", "id"])
    op.create_index(
        "uq_redress_ruling_open", table, ["request_id"], unique=True, postgresql_where=sa.text("state = 'proposed'")
    )


def downgrade() -> None:
    for table in ("redress_ruling", "redress_member", "redress_request"):
        op.drop_table(table)
    op.drop_column("placement", "opened_at")
    for name in CLOCKS:
        op.drop_column("topic", name)
