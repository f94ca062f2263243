"""The registry of organisations (numbers, names in any script, papers, owners, accounts, duplicates) and the partner
search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import grants.db
from grants.organisations.rules import fold, trigrams

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CHECKS = (
    ("superseded_by_another", "superseded_by_id <> id"),
    ("instant_if_superseded", "(superseded_by_id IS NULL) = (superseded_at IS NULL)"),
    ("control_has_an_instant", "(controlled_outside_eu IS NULL) = (control_declared_at IS NULL)"),
)


def _fold_names() -> None:
    """Names that are there become findable. With the rules of today, as every later change of a name does."""
    if op.get_context().as_sql:
        return
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, legal_name, short_name FROM organisation")).all()
    values = []
    for identity, legal_name, short_name in rows:
        folded = " ".join(dict.fromkeys(fold(f"{legal_name} {short_name}").split()))
        values.append({"id": identity, "folded": folded, "trigrams": sorted(trigrams(folded))})
    if values:
        statement = "UPDATE organisation SET folded = :folded, trigrams = :trigrams WHERE id = :id"
        connection.execute(sa.text(statement), values)


def upgrade() -> None:
    op.create_table(
        "partner_limits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("letters", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "entries >= 0 AND letters >= 0 AND reports >= 0", name=op.f("ck_partner_limits_limits_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_partner_limits_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_limits")),
        sa.UniqueConstraint("programme_id", name=op.f("uq_partner_limits_programme_id")),
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), server_default="", nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("added_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", grants.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["account.id"], name=op.f("fk_bank_account_added_by_id_account")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bank_account_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
    )
    op.create_index(
        "uq_bank_account_once",
        "bank_account",
        ["organisation_id", "iban"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("proposed", "merged", "different", name="pairstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("similarity", sa.Numeric(precision=7, scale=3), nullable=False),
        sa.Column("agree", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("contradict", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("found_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("decided_at", grants.db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_pair_first_is_lower")),
        sa.CheckConstraint("similarity BETWEEN 0 AND 1", name=op.f("ck_duplicate_pair_similarity_is_a_share")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["organisation.id"], name=op.f("fk_duplicate_pair_first_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["organisation.id"], name=op.f("fk_duplicate_pair_second_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
        sa.UniqueConstraint("first_id", "second_id", name="uq_duplicate_pair_once"),
    )
    op.create_index(
        "ix_duplicate_pair_open",
        "duplicate_pair",
        ["similarity", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index("ix_duplicate_pair_second", "duplicate_pair", ["second_id"], unique=False)
    op.create_table(
        "organisation_owner",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_organisation_owner_country_is_alpha2")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_owner_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_owner")),
        sa.UniqueConstraint("organisation_id", "position", name="uq_organisation_owner_position"),
    )
    op.create_table(
        "representative_invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("invited_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_representative_invitation_email_is_lower")),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["account.id"], name=op.f("fk_representative_invitation_invited_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_representative_invitation_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representative_invitation")),
        sa.UniqueConstraint("organisation_id", "email", name="uq_representative_invitation_once"),
    )
    op.create_index(op.f("ix_representative_invitation_email"), "representative_invitation", ["email"], unique=False)
    op.create_table(
        "partner_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind", sa.Enum("offer", "request", name="entrykind", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum("published", "withdrawn", "hidden", name="entrystate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("hidden_because", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', folded)", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'hidden') = (hidden_because <> '')", name=op.f("ck_partner_entry_hidden_with_a_reason")
        ),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_partner_entry_country_is_alpha2")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_partner_entry_author_id_account")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_partner_entry_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_partner_entry_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_entry")),
    )
    op.create_index("ix_partner_entry_author", "partner_entry", ["author_id", "published_at"], unique=False)
    op.create_index("ix_partner_entry_organisation", "partner_entry", ["organisation_id"], unique=False)
    op.create_index("ix_partner_entry_search", "partner_entry", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_partner_entry_topic", "partner_entry", ["topic_id", "id"], unique=False)
    op.create_table(
        "partner_conversation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("asker_id", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", grants.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["asker_id"], ["account.id"], name=op.f("fk_partner_conversation_asker_id_account")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["partner_entry.id"], name=op.f("fk_partner_conversation_entry_id_partner_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_conversation")),
        sa.UniqueConstraint("entry_id", "asker_id", name="uq_partner_conversation_once"),
        sa.UniqueConstraint("public_id", name=op.f("uq_partner_conversation_public_id")),
    )
    op.create_index("ix_partner_conversation_asker", "partner_conversation", ["asker_id"], unique=False)
    op.create_table(
        "partner_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", grants.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_partner_report_account_id_account")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["partner_entry.id"], name=op.f("fk_partner_report_entry_id_partner_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_report")),
        sa.UniqueConstraint("entry_id", "account_id", name="uq_partner_report_once"),
    )
    op.create_index("ix_partner_report_account", "partner_report", ["account_id", "at"], unique=False)
    op.create_table(
        "partner_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shares_address", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("sent_at", grants.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_partner_letter_author_id_account")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["partner_conversation.id"],
            name=op.f("fk_partner_letter_conversation_id_partner_conversation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_letter")),
    )
    op.create_index("ix_partner_letter_author", "partner_letter", ["author_id", "sent_at"], unique=False)
    op.create_index("ix_partner_letter_conversation", "partner_letter", ["conversation_id", "id"], unique=False)
    op.add_column(
        "organisation",
        sa.Column(
            "state",
            sa.Enum(
                "declared", "handed_in", "validated", "refused", name="validationstate", native_enum=False, length=40
            ),
            server_default="declared",
            nullable=False,
        ),
    )
    op.add_column(
        "organisation", sa.Column("original_name", sa.String(length=300), server_default="", nullable=False)
    )
    op.add_column(
        "organisation",
        sa.Column("former_names", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("organisation", sa.Column("legal_form", sa.String(length=120), server_default="", nullable=False))
    op.add_column(
        "organisation", sa.Column("registration_number", sa.String(length=60), server_default="", nullable=False)
    )
    op.add_column("organisation", sa.Column("vat", sa.String(length=20), server_default="", nullable=False))
    op.add_column("organisation", sa.Column("ror", sa.String(length=9), server_default="", nullable=False))
    op.add_column("organisation", sa.Column("lei", sa.String(length=20), server_default="", nullable=False))
    op.add_column("organisation", sa.Column("address", sa.String(length=300), server_default="", nullable=False))
    op.add_column("organisation", sa.Column("postcode", sa.String(length=20), server_default="", nullable=False))
    op.add_column("organisation", sa.Column("nuts", sa.String(length=5), server_default="", nullable=False))
    op.add_column("organisation", sa.Column("public_body", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("organisation", sa.Column("nonprofit", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("organisation", sa.Column("law_enforcement", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("organisation", sa.Column("natural_person", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("organisation", sa.Column("international", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("organisation", sa.Column("controlled_outside_eu", sa.Boolean(), nullable=True))
    op.add_column("organisation", sa.Column("control_declared_at", grants.db.UtcDateTime(), nullable=True))
    op.add_column("organisation", sa.Column("control_declared_by_id", sa.BigInteger(), nullable=True))
    op.add_column("organisation", sa.Column("validation_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("organisation", sa.Column("superseded_by_id", sa.BigInteger(), nullable=True))
    op.add_column("organisation", sa.Column("superseded_at", grants.db.UtcDateTime(), nullable=True))
    op.add_column("organisation", sa.Column("folded", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "organisation",
        sa.Column("trigrams", postgresql.ARRAY(sa.String(length=3)), server_default=sa.text("'{}'"), nullable=False),
    )
    op.drop_index(op.f("ix_organisation_search"), table_name="organisation", postgresql_using="gin")
    op.create_index(
        "ix_organisation_handed_in",
        "organisation",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'handed_in'"),
    )
    op.create_index(
        "ix_organisation_lei", "organisation", ["lei"], unique=False, postgresql_where=sa.text("lei <> ''")
    )
    op.create_index(
        "ix_organisation_ror", "organisation", ["ror"], unique=False, postgresql_where=sa.text("ror <> ''")
    )
    op.create_index("ix_organisation_superseded_by", "organisation", ["superseded_by_id"], unique=False)
    op.create_index(
        "ix_organisation_trigrams",
        "organisation",
        ["trigrams"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        "ix_organisation_vat", "organisation", ["vat"], unique=False, postgresql_where=sa.text("vat <> ''")
    )
    op.create_foreign_key(
        op.f("fk_organisation_control_declared_by_id_account"),
        "organisation",
        "account",
        ["control_declared_by_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_organisation_superseded_by_id_organisation"),
        "organisation",
        "organisation",
        ["superseded_by_id"],
        ["id"],
    )
    op.drop_column("organisation", "search")
    for name, condition in _CHECKS:
        op.create_check_constraint(op.f(f"ck_organisation_{name}"), "organisation", condition)
    _fold_names()


def downgrade() -> None:
    for name, _ in _CHECKS:
        op.drop_constraint(op.f(f"ck_organisation_{name}"), "organisation", type_="check")
    op.drop_constraint(op.f("fk_organisation_superseded_by_id_organisation"), "organisation", type_="foreignkey")
    op.drop_constraint(op.f("fk_organisation_control_declared_by_id_account"), "organisation", type_="foreignkey")
    op.drop_index("ix_organisation_vat", table_name="organisation", postgresql_where=sa.text("vat <> ''"))
    op.drop_index("ix_organisation_trigrams", table_name="organisation", postgresql_using="gin")
    op.drop_index("ix_organisation_superseded_by", table_name="organisation")
    op.drop_index("ix_organisation_ror", table_name="organisation", postgresql_where=sa.text("ror <> ''"))
    op.drop_index("ix_organisation_lei", table_name="organisation", postgresql_where=sa.text("lei <> ''"))
    op.drop_index(
        "ix_organisation_handed_in", table_name="organisation", postgresql_where=sa.text("state = 'handed_in'")
    )
    op.drop_column("organisation", "trigrams")
    op.drop_column("organisation", "folded")
    op.drop_column("organisation", "superseded_at")
    op.drop_column("organisation", "superseded_by_id")
    op.drop_column("organisation", "validation_reason")
    op.drop_column("organisation", "control_declared_by_id")
    op.drop_column("organisation", "control_declared_at")
    op.drop_column("organisation", "controlled_outside_eu")
    op.drop_column("organisation", "international")
    op.drop_column("organisation", "natural_person")
    op.drop_column("organisation", "law_enforcement")
    op.drop_column("organisation", "nonprofit")
    op.drop_column("organisation", "public_body")
    op.drop_column("organisation", "nuts")
    op.drop_column("organisation", "postcode")
    op.drop_column("organisation", "address")
    op.drop_column("organisation", "lei")
    op.drop_column("organisation", "ror")
    op.drop_column("organisation", "vat")
    op.drop_column("organisation", "registration_number")
    op.drop_column("organisation", "legal_form")
    op.drop_column("organisation", "former_names")
    op.drop_column("organisation", "original_name")
    op.drop_column("organisation", "state")
    op.drop_index("ix_partner_letter_conversation", table_name="partner_letter")
    op.drop_index("ix_partner_letter_author", table_name="partner_letter")
    op.drop_table("partner_letter")
    op.drop_index("ix_partner_report_account", table_name="partner_report")
    op.drop_table("partner_report")
    op.drop_index("ix_partner_conversation_asker", table_name="partner_conversation")
    op.drop_table("partner_conversation")
    op.drop_index("ix_partner_entry_topic", table_name="partner_entry")
    op.drop_index("ix_partner_entry_search", table_name="partner_entry", postgresql_using="gin")
    op.drop_index("ix_partner_entry_organisation", table_name="partner_entry")
    op.drop_index("ix_partner_entry_author", table_name="partner_entry")
    op.drop_table("partner_entry")
    op.drop_index(op.f("ix_representative_invitation_email"), table_name="representative_invitation")
    op.drop_table("representative_invitation")
    op.drop_table("organisation_owner")
    op.drop_index("ix_duplicate_pair_second", table_name="duplicate_pair")
    op.drop_index(
        "ix_duplicate_pair_open", table_name="duplicate_pair", postgresql_where=sa.text("state = 'proposed'")
    )
    op.drop_table("duplicate_pair")
    op.drop_index("uq_bank_account_once", table_name="bank_account", postgresql_where=sa.text("removed_at IS NULL"))
    op.drop_table("bank_account")
    op.drop_table("partner_limits")
    op.add_column(
        "organisation",
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', legal_name || ' ' || short_name || ' ' || pic)", persisted=True),
            nullable=False,
        ),
    )
    op.create_index("ix_organisation_search", "organisation", ["search"], unique=False, postgresql_using="gin")
