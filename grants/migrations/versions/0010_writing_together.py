"""Writing together: contacts of partners, invitations, refusals of organisations, the history of drafts, presence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import grants.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("section", sa.String(length=40), server_default="", nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("began_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("changed_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("restores_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_draft_change_changed_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_draft_change_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_draft_change_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["restores_id"],
            ["draft_change.id"],
            name=op.f("fk_draft_change_restores_id_draft_change"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_change")),
    )
    op.create_index(
        "ix_draft_change_part",
        "draft_change",
        ["proposal_id", "kind", "section", "organisation_id", "id"],
        unique=False,
    )
    op.create_index("ix_draft_change_proposal", "draft_change", ["proposal_id", "id"], unique=False)
    op.create_table(
        "draft_presence",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", grants.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_presence_account_id_account")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_draft_presence_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal_id", "place", "account_id", name=op.f("pk_draft_presence")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_draft_presence_seen", "draft_presence", ["seen_at"], unique=False)
    op.create_table(
        "participation_refusal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("refused_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", grants.db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_participation_refusal_refused_with_a_reason")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_participation_refusal_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_participation_refusal_proposal_id_proposal"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["refused_by_id"], ["account.id"], name=op.f("fk_participation_refusal_refused_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation_refusal")),
        sa.UniqueConstraint("proposal_id", "organisation_id", name="uq_participation_refusal_once"),
    )
    op.create_index(
        "ix_participation_refusal_organisation", "participation_refusal", ["organisation_id"], unique=False
    )
    op.create_table(
        "proposal_invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "main_contact",
                "contact",
                "partner_contact",
                "reader",
                name="memberrole",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("participant_id", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(role = 'partner_contact') = (participant_id IS NOT NULL)",
            name=op.f("ck_proposal_invitation_contact_of_a_participant"),
        ),
        sa.CheckConstraint(
            "role <> 'main_contact'", name=op.f("ck_proposal_invitation_nobody_is_invited_as_main_contact")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_proposal_invitation_email_is_lower")),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["account.id"], name=op.f("fk_proposal_invitation_invited_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_proposal_invitation_participant_id_participant"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_proposal_invitation_proposal_id_proposal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_invitation")),
        sa.UniqueConstraint(
            "proposal_id",
            "email",
            "participant_id",
            name="uq_proposal_invitation_once",
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_proposal_invitation_token_hash")),
    )
    op.create_index(
        op.f("ix_proposal_invitation_participant_id"), "proposal_invitation", ["participant_id"], unique=False
    )
    op.create_table(
        "proposal_member_participant",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["proposal_member.id"],
            name=op.f("fk_proposal_member_participant_member_id_proposal_member"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_proposal_member_participant_participant_id_participant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", "participant_id", name=op.f("pk_proposal_member_participant")),
    )
    op.create_index(
        "ix_proposal_member_participant_participant", "proposal_member_participant", ["participant_id"], unique=False
    )
    op.add_column("proposal", sa.Column("partners_read_all", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("proposal_member", sa.Column("offered_at", grants.db.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("proposal_member", "offered_at")
    op.drop_column("proposal", "partners_read_all")
    op.drop_index("ix_proposal_member_participant_participant", table_name="proposal_member_participant")
    op.drop_table("proposal_member_participant")
    op.drop_index(op.f("ix_proposal_invitation_participant_id"), table_name="proposal_invitation")
    op.drop_table("proposal_invitation")
    op.drop_index("ix_participation_refusal_organisation", table_name="participation_refusal")
    op.drop_table("participation_refusal")
    op.drop_index("ix_draft_presence_seen", table_name="draft_presence")
    op.drop_table("draft_presence")
    op.drop_index("ix_draft_change_proposal", table_name="draft_change")
    op.drop_index("ix_draft_change_part", table_name="draft_change")
    op.drop_table("draft_change")
