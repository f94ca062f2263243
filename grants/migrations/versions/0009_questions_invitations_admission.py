"""Questions about calls, topics by invitation, more time for one proposal, admission after the deadline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import grants.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("asked", "published", "declined", name="questionstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", grants.db.UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (answered_at IS NULL)", name=op.f("ck_call_question_instant_if_answered")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["account.id"], name=op.f("fk_call_question_answered_by_id_account")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_call_question_asked_by_id_account")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_question_call_id_call")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_call_question_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_question")),
    )
    op.create_index("ix_call_question_asked_by", "call_question", ["asked_by_id"], unique=False)
    op.create_index("ix_call_question_call", "call_question", ["call_id", "state"], unique=False)
    op.create_table(
        "topic_invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("invited_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(organisation_id IS NULL) <> (email = '')", name=op.f("ck_topic_invitation_organisation_or_email")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["account.id"], name=op.f("fk_topic_invitation_invited_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_topic_invitation_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_topic_invitation_topic_id_topic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_invitation")),
        sa.UniqueConstraint(
            "topic_id",
            "organisation_id",
            "email",
            name="uq_topic_invitation_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "admission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("pending", "admitted", "excluded", name="admissionstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", grants.db.UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("told_at", grants.db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_at IS NULL)", name=op.f("ck_admission_instant_if_decided")
        ),
        sa.CheckConstraint("state <> 'excluded' OR reason <> ''", name=op.f("ck_admission_excluded_with_reason")),
        sa.CheckConstraint("told_at IS NULL OR state = 'excluded'", name=op.f("ck_admission_told_of_exclusion")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_admission_decided_by_id_account")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_admission_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_admission_proposal_id")),
    )
    op.create_table(
        "proposal_extension",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("proposed", "confirmed", "refused", name="extensionstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("until", grants.db.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", grants.db.UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "answered_by_id IS NULL OR answered_by_id <> proposed_by_id OR state = 'refused'",
            name=op.f("ck_proposal_extension_four_eyes"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["account.id"], name=op.f("fk_proposal_extension_answered_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_extension_proposal_id_proposal")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_proposal_extension_proposed_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_extension")),
    )
    op.create_index(op.f("ix_proposal_extension_proposal_id"), "proposal_extension", ["proposal_id"], unique=False)
    op.create_index(
        "uq_proposal_extension_open",
        "proposal_extension",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "rule_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_rule_decision_decided_by_id_account")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_rule_decision_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_decision")),
        sa.UniqueConstraint("proposal_id", "rule", name="uq_rule_decision_once"),
    )
    op.add_column("call", sa.Column("questions_until", grants.db.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("call", "questions_until")
    op.drop_table("rule_decision")
    op.drop_index(
        "uq_proposal_extension_open", table_name="proposal_extension", postgresql_where=sa.text("state = 'proposed'")
    )
    op.drop_index(op.f("ix_proposal_extension_proposal_id"), table_name="proposal_extension")
    op.drop_table("proposal_extension")
    op.drop_table("admission")
    op.drop_table("topic_invitation")
    op.drop_index("ix_call_question_call", table_name="call_question")
    op.drop_index("ix_call_question_asked_by", table_name="call_question")
    op.drop_table("call_question")
