"""The whole life of a grant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("proposal_number", start=101000001)))
    op.execute(sa.schema.CreateSequence(sa.Sequence("organisation_pic", start=700000001)))
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("timezone", sa.String(length=60), server_default="Europe/Brussels", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demo", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_account_email_is_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "audit_event",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_key", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "length(hash) = 64 AND length(previous) = 64", name=op.f("ck_audit_event_hashes_are_sha256")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "number"], unique=False)
    op.create_index("ix_audit_event_object", "audit_event", ["object_kind", "object_key", "number"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("host", sa.String(length=120), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9.-]*$'", name=op.f("ck_programme_code_is_plain")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_subject", "sign_in_attempt", ["subject", "at"], unique=False)
    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=1000), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("contact", sa.String(length=254), server_default="", nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("budget", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column(
            "state",
            sa.Enum("draft", "published", "cancelled", name="callstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("source", sa.String(length=40), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'draft') = (published_at IS NULL)", name=op.f("ck_call_instant_if_published")),
        sa.CheckConstraint("budget IS NULL OR budget > 0", name=op.f("ck_call_budget_is_positive")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_call_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("identifier", name=op.f("uq_call_identifier")),
    )
    op.create_index(op.f("ix_call_programme_id"), "call", ["programme_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("owner_key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "expected",
                "checking",
                "accepted",
                "refused",
                "cancelled",
                name="documentstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("incoming_key", sa.String(length=200), nullable=False),
        sa.Column("multipart_id", sa.Text(), nullable=True),
        sa.Column("object_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'accepted') = (object_key IS NOT NULL)", name=op.f("ck_document_accepted_has_an_object")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["account.id"], name=op.f("fk_document_created_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("public_id", name=op.f("uq_document_public_id")),
    )
    op.create_index("ix_document_object_key", "document", ["object_key"], unique=False)
    op.create_index("ix_document_owner", "document", ["owner_kind", "owner_key", "kind"], unique=False)
    op.create_index(
        "ix_document_waiting",
        "document",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('expected', 'checking')"),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_key", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name=op.f("ck_letter_one_fate")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_letter_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
    )
    op.create_index("ix_letter_account", "letter", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_letter_due",
        "letter",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
    )
    op.create_index("ix_letter_object", "letter", ["object_kind", "object_key"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pic", sa.String(length=9), nullable=False),
        sa.Column("legal_name", sa.String(length=300), nullable=False),
        sa.Column("short_name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("city", sa.String(length=120), server_default="", nullable=False),
        sa.Column("website", sa.String(length=300), server_default="", nullable=False),
        sa.Column(
            "kind",
            sa.Enum("HES", "REC", "PRC", "PUB", "OTH", name="organisationkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("sme", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', legal_name || ' ' || short_name || ' ' || pic)", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_organisation_country_is_alpha2")),
        sa.CheckConstraint("pic ~ '^[0-9]{9}$'", name=op.f("ck_organisation_pic_has_nine_digits")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_organisation_created_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("pic", name=op.f("uq_organisation_pic")),
    )
    op.create_index("ix_organisation_search", "organisation", ["search"], unique=False, postgresql_using="gin")
    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("evaluator", "manager", "administrator", "auditor", name="role", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("programme_code", sa.String(length=40), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(role = 'manager') = (programme_code IS NOT NULL)", name=op.f("ck_role_grant_managers_have_a_programme")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id_account")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["account.id"], name=op.f("fk_role_grant_granted_by_id_account")),
        sa.ForeignKeyConstraint(
            ["programme_code"], ["programme.code"], name=op.f("fk_role_grant_programme_code_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "account_id", "role", "programme_code", name="uq_role_grant_once", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("browser", sa.String(length=300), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_session_token_hash")),
    )
    op.create_index("ix_sign_in_session_account", "sign_in_session", ["account_id"], unique=False)
    op.create_table(
        "call_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_version_call_id_call")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["account.id"], name=op.f("fk_call_version_published_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_version")),
        sa.UniqueConstraint("call_id", "number", name="uq_call_version_number"),
    )
    op.create_table(
        "expert",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("employer_name", sa.String(length=300), server_default="", nullable=False),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("expertise", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("country = '' OR country ~ '^[A-Z]{2}$'", name=op.f("ck_expert_country_is_alpha2")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_expert_account_id_account")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["organisation.id"], name=op.f("fk_expert_employer_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("account_id", name=op.f("uq_expert_account_id")),
    )
    op.create_table(
        "representative",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_representative_account_id_account")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_representative_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representative")),
        sa.UniqueConstraint("organisation_id", "account_id", name="uq_representative_once"),
    )
    op.create_index(op.f("ix_representative_account_id"), "representative", ["account_id"], unique=False)
    op.create_table(
        "topic",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("identifier", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=1000), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("conditions", sa.Text(), server_default="", nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("type_of_action", sa.String(length=120), nullable=False),
        sa.Column(
            "deadline_model",
            sa.Enum(
                "single-stage", "two-stage", "multiple cut-off", name="deadlinemodel", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("budget", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("min_grant", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("max_grant", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("expected_grants", sa.BigInteger(), nullable=True),
        sa.Column("page_limit", sa.BigInteger(), nullable=True),
        sa.Column("min_months", sa.BigInteger(), nullable=True),
        sa.Column("max_months", sa.BigInteger(), nullable=True),
        sa.Column("funding_rate", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("nonprofit_rate", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("indirect_rate", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("min_entities", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("min_countries", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("min_member_states", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("overall_threshold", sa.Numeric(precision=7, scale=3), nullable=True),
        sa.Column("experts_per_proposal", sa.BigInteger(), server_default="3", nullable=False),
        sa.Column("evaluation_days", sa.BigInteger(), server_default="42", nullable=False),
        sa.Column("spread_limit", sa.Numeric(precision=7, scale=3), nullable=True),
        sa.Column("tie_break", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("lottery_seed", sa.String(length=80), server_default="", nullable=False),
        sa.Column("period_months", sa.BigInteger(), server_default="18", nullable=False),
        sa.Column("report_days", sa.BigInteger(), server_default="60", nullable=False),
        sa.Column("source_url", sa.String(length=500), server_default="", nullable=False),
        sa.Column("source_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('english', identifier || ' ' || title), 'A') || setweight(to_tsvector('english', description), 'B')",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("budget IS NULL OR budget > 0", name=op.f("ck_topic_budget_is_positive")),
        sa.CheckConstraint(
            "min_grant IS NULL OR max_grant IS NULL OR min_grant <= max_grant", name=op.f("ck_topic_grant_range")
        ),
        sa.CheckConstraint("opens_at < deadline", name=op.f("ck_topic_opens_before_deadline")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_topic_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("identifier", name=op.f("uq_topic_identifier")),
    )
    op.create_index("ix_topic_call", "topic", ["call_id"], unique=False)
    op.create_index("ix_topic_deadline", "topic", ["deadline", "id"], unique=False)
    op.create_index("ix_topic_search", "topic", ["search"], unique=False, postgresql_using="gin")
    op.create_table(
        "cost_category",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("indirect_base", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_cost_category_topic_id_topic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_category")),
        sa.UniqueConstraint("topic_id", "code", name="uq_cost_category_code"),
    )
    op.create_table(
        "criterion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("maximum", sa.Numeric(precision=7, scale=3), nullable=False),
        sa.Column("step", sa.Numeric(precision=7, scale=3), nullable=False),
        sa.Column("weight", sa.Numeric(precision=7, scale=3), nullable=False),
        sa.Column("threshold", sa.Numeric(precision=7, scale=3), nullable=True),
        sa.CheckConstraint("maximum > 0 AND step > 0 AND weight > 0", name=op.f("ck_criterion_numbers_are_positive")),
        sa.CheckConstraint(
            "threshold IS NULL OR threshold <= maximum", name=op.f("ck_criterion_threshold_within_maximum")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_criterion_topic_id_topic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("topic_id", "code", name="uq_criterion_code"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("expert_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited", "accepted", "declined", "cancelled", name="invitationstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("max_load", sa.BigInteger(), server_default="8", nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("max_load > 0", name=op.f("ck_invitation_load_is_positive")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_invitation_expert_id_expert")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_invitation_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("topic_id", "expert_id", name="uq_invitation_once"),
    )
    op.create_index(op.f("ix_invitation_expert_id"), "invitation", ["expert_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("nextval('proposal_number')"), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", "withdrawn", name="proposalstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("acronym", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("abstract", sa.Text(), server_default="", nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("duration_months", sa.BigInteger(), nullable=True),
        sa.Column("women", sa.BigInteger(), nullable=True),
        sa.Column("men", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number BETWEEN 100000000 AND 999999999", name=op.f("ck_proposal_number_has_nine_digits")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["account.id"], name=op.f("fk_proposal_changed_by_id_account")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_proposal_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("number", name=op.f("uq_proposal_number")),
    )
    op.create_index("ix_proposal_topic_state", "proposal", ["topic_id", "state", "number"], unique=False)
    op.create_table(
        "ranking",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "decided", "informed", name="rankingstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("budget", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("inputs_sha256", sa.String(length=64), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("informed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'draft') = (decided_at IS NULL)", name=op.f("ck_ranking_instant_if_decided")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_ranking_decided_by_id_account")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_ranking_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking")),
        sa.UniqueConstraint("topic_id", name=op.f("uq_ranking_topic_id")),
    )
    op.create_table(
        "topic_deadline",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_topic_deadline_topic_id_topic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_deadline")),
        sa.UniqueConstraint("topic_id", "at", name="uq_topic_deadline_once"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("expert_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "accepted", "conflicted", "removed", name="assignmentstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("rapporteur", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("conflict", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'conflicted' OR conflict <> ''", name=op.f("ck_assignment_conflict_has_a_reason")
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_assignment_expert_id_expert")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_assignment_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("proposal_id", "expert_id", name="uq_assignment_once"),
    )
    op.create_index("ix_assignment_expert", "assignment", ["expert_id", "state"], unique=False)
    op.create_index(
        "uq_assignment_rapporteur",
        "assignment",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("rapporteur AND state IN ('proposed', 'accepted')"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_attachment_document_id_document")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_attachment_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("document_id", name="uq_attachment_document"),
    )
    op.create_index("ix_attachment_proposal", "attachment", ["proposal_id"], unique=False)
    op.create_index(
        "uq_attachment_part_b",
        "attachment",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'part_b' AND removed_at IS NULL"),
    )
    op.create_table(
        "consensus",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "proposed", "approved", name="consensusstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("overall", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_at IS NOT NULL)", name=op.f("ck_consensus_instant_if_approved")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_consensus_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_consensus_proposal_id")),
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "beneficiary",
                "affiliated_entity",
                "associated_partner",
                name="participantrole",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("funding_rate", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("requested", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("requested IS NULL OR requested >= 0", name=op.f("ck_participant_requested_not_negative")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_participant_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_participant_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint("proposal_id", "organisation_id", name="uq_participant_once"),
    )
    op.create_index("ix_participant_organisation", "participant", ["organisation_id"], unique=False)
    op.create_index(
        "uq_participant_coordinator",
        "participant",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("role = 'coordinator'"),
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ranking_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(precision=7, scale=3), nullable=False),
        sa.Column("ranking_score", sa.Numeric(precision=7, scale=3), nullable=False),
        sa.Column("requested", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("cumulated", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("decided_by_key", sa.String(length=40), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "decision",
            sa.Enum("main", "reserve", "rejected", name="decision", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("decision_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("place >= 1", name=op.f("ck_placement_place_from_one")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_placement_proposal_id_proposal")),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["ranking.id"], name=op.f("fk_placement_ranking_id_ranking"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("ranking_id", "proposal_id", name="uq_placement_once"),
    )
    op.create_index("ix_placement_proposal", "placement", ["proposal_id"], unique=False)
    op.create_index("uq_placement_place", "placement", ["ranking_id", "place"], unique=True)
    op.create_table(
        "project",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "preparation", "running", "closed", "ended_early", name="projectstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("acronym", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("duration_months", sa.BigInteger(), nullable=False),
        sa.Column("grant_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("total_cost", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("coordinator_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("coordinator_confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("funder_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("funder_confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state <> 'running' OR (coordinator_confirmed_at IS NOT NULL AND funder_confirmed_at IS NOT NULL)",
            name=op.f("ck_project_both_sides_confirmed"),
        ),
        sa.CheckConstraint("duration_months BETWEEN 1 AND 120", name=op.f("ck_project_duration_is_sensible")),
        sa.CheckConstraint("grant_amount >= 0", name=op.f("ck_project_grant_not_negative")),
        sa.ForeignKeyConstraint(
            ["coordinator_confirmed_by_id"],
            ["account.id"],
            name=op.f("fk_project_coordinator_confirmed_by_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["funder_confirmed_by_id"], ["account.id"], name=op.f("fk_project_funder_confirmed_by_id_account")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_project_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("number", name=op.f("uq_project_number")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_project_proposal_id")),
    )
    op.create_index("ix_project_state", "project", ["state", "number"], unique=False)
    op.create_table(
        "proposal_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("main_contact", "contact", "reader", name="memberrole", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_proposal_member_account_id_account")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_member_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_member")),
        sa.UniqueConstraint("proposal_id", "account_id", name="uq_proposal_member_once"),
    )
    op.create_index("ix_proposal_member_account", "proposal_member", ["account_id"], unique=False)
    op.create_index(
        "uq_proposal_member_main_contact",
        "proposal_member",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("role = 'main_contact'"),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("requested", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_submission_proposal_id_proposal")),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["account.id"], name=op.f("fk_submission_submitted_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("code", name=op.f("uq_submission_code")),
        sa.UniqueConstraint("proposal_id", "key", name="uq_submission_key"),
        sa.UniqueConstraint("proposal_id", "number", name="uq_submission_number"),
    )
    op.create_table(
        "budget_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("typed", sa.String(length=60), server_default="", nullable=False),
        sa.CheckConstraint("(amount IS NULL) = (typed <> '')", name=op.f("ck_budget_line_amount_or_what_was_typed")),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_budget_line_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_budget_line_participant_id_participant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint("participant_id", "category", name="uq_budget_line_once"),
    )
    op.create_table(
        "consensus_score",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consensus_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Numeric(precision=7, scale=3), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["consensus_id"],
            ["consensus.id"],
            name=op.f("fk_consensus_score_consensus_id_consensus"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_consensus_score_criterion_id_criterion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_score")),
        sa.UniqueConstraint("consensus_id", "criterion_id", name="uq_consensus_score_once"),
    )
    op.create_table(
        "deliverable",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("work_package", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), server_default="R", nullable=False),
        sa.Column("dissemination", sa.String(length=20), server_default="PU", nullable=False),
        sa.Column("due_month", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("pending", "submitted", "accepted", name="duestate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state = 'pending' OR document_id IS NOT NULL", name=op.f("ck_deliverable_submitted_with_a_file")
        ),
        sa.CheckConstraint("due_month >= 1", name=op.f("ck_deliverable_due_month_from_one")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_deliverable_document_id_document")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_deliverable_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
        sa.UniqueConstraint("project_id", "number", name="uq_deliverable_number"),
    )
    op.create_index(
        "ix_deliverable_due", "deliverable", ["due_on"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("means", sa.Text(), server_default="", nullable=False),
        sa.Column("due_month", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_milestone_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("project_id", "number", name="uq_milestone_number"),
    )
    op.create_table(
        "opinion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consensus_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "answer", sa.Enum("agrees", "disagrees", name="answer", native_enum=False, length=40), nullable=False
        ),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer <> 'disagrees' OR text <> ''", name=op.f("ck_opinion_disagreement_has_a_text")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_opinion_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["consensus_id"], ["consensus.id"], name=op.f("fk_opinion_consensus_id_consensus"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("consensus_id", "assignment_id", name="uq_opinion_once"),
    )
    op.create_table(
        "project_participant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "beneficiary",
                "affiliated_entity",
                "associated_partner",
                name="participantrole",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cost", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("contribution", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_project_participant_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_participant_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_participant")),
        sa.UniqueConstraint("project_id", "organisation_id", name="uq_project_participant_once"),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", sa.Enum("draft", "submitted", name="reportstate", native_enum=False, length=40), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("overall", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL)", name=op.f("ck_report_instant_if_submitted")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_report_assignment_id_assignment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_report_assignment_id")),
    )
    op.create_table(
        "reporting_period",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("pending", "submitted", "accepted", name="duestate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_reporting_period_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_reporting_period_document_id_document")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_reporting_period_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_period")),
        sa.UniqueConstraint("project_id", "number", name="uq_reporting_period_number"),
    )
    op.create_index(
        "ix_reporting_period_due",
        "reporting_period",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "submission_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_submission_file_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_file_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_file")),
        sa.UniqueConstraint("submission_id", "document_id", name="uq_submission_file_once"),
    )
    op.create_index("ix_submission_file_sha256", "submission_file", ["sha256"], unique=False)
    op.create_table(
        "report_score",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Numeric(precision=7, scale=3), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_report_score_criterion_id_criterion")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_score_report_id_report"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_score")),
        sa.UniqueConstraint("report_id", "criterion_id", name="uq_report_score_once"),
    )
    op.create_table(
        "work_package",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("start_month", sa.BigInteger(), nullable=False),
        sa.Column("end_month", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "start_month >= 1 AND end_month >= start_month", name=op.f("ck_work_package_months_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["project_participant.id"], name=op.f("fk_work_package_lead_id_project_participant")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_work_package_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_package")),
        sa.UniqueConstraint("project_id", "number", name="uq_work_package_number"),
    )


def downgrade() -> None:
    op.drop_table("work_package")
    op.drop_table("report_score")
    op.drop_index("ix_submission_file_sha256", table_name="submission_file")
    op.drop_table("submission_file")
    op.drop_index(
        "ix_reporting_period_due", table_name="reporting_period", postgresql_where=sa.text("state = 'pending'")
    )
    op.drop_table("reporting_period")
    op.drop_table("report")
    op.drop_table("project_participant")
    op.drop_table("opinion")
    op.drop_table("milestone")
    op.drop_index("ix_deliverable_due", table_name="deliverable", postgresql_where=sa.text("state = 'pending'"))
    op.drop_table("deliverable")
    op.drop_table("consensus_score")
    op.drop_table("budget_line")
    op.drop_table("submission")
    op.drop_index(
        "uq_proposal_member_main_contact",
        table_name="proposal_member",
        postgresql_where=sa.text("role = 'main_contact'"),
    )
    op.drop_index("ix_proposal_member_account", table_name="proposal_member")
    op.drop_table("proposal_member")
    op.drop_index("ix_project_state", table_name="project")
    op.drop_table("project")
    op.drop_index("uq_placement_place", table_name="placement")
    op.drop_index("ix_placement_proposal", table_name="placement")
    op.drop_table("placement")
    op.drop_index(
        "uq_participant_coordinator", table_name="participant", postgresql_where=sa.text("role = 'coordinator'")
    )
    op.drop_index("ix_participant_organisation", table_name="participant")
    op.drop_table("participant")
    op.drop_table("consensus")
    op.drop_index(
        "uq_attachment_part_b",
        table_name="attachment",
        postgresql_where=sa.text("kind = 'part_b' AND removed_at IS NULL"),
    )
    op.drop_index("ix_attachment_proposal", table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(
        "uq_assignment_rapporteur",
        table_name="assignment",
        postgresql_where=sa.text("rapporteur AND state IN ('proposed', 'accepted')"),
    )
    op.drop_index("ix_assignment_expert", table_name="assignment")
    op.drop_table("assignment")
    op.drop_table("topic_deadline")
    op.drop_table("ranking")
    op.drop_index("ix_proposal_topic_state", table_name="proposal")
    op.drop_table("proposal")
    op.drop_index(op.f("ix_invitation_expert_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_table("criterion")
    op.drop_table("cost_category")
    op.drop_index("ix_topic_search", table_name="topic", postgresql_using="gin")
    op.drop_index("ix_topic_deadline", table_name="topic")
    op.drop_index("ix_topic_call", table_name="topic")
    op.drop_table("topic")
    op.drop_index(op.f("ix_representative_account_id"), table_name="representative")
    op.drop_table("representative")
    op.drop_table("expert")
    op.drop_table("call_version")
    op.drop_index("ix_sign_in_session_account", table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_table("role_grant")
    op.drop_index("ix_organisation_search", table_name="organisation", postgresql_using="gin")
    op.drop_table("organisation")
    op.drop_index("ix_letter_object", table_name="letter")
    op.drop_index(
        "ix_letter_due", table_name="letter", postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL")
    )
    op.drop_index("ix_letter_account", table_name="letter")
    op.drop_table("letter")
    op.drop_index(
        "ix_document_waiting", table_name="document", postgresql_where=sa.text("state IN ('expected', 'checking')")
    )
    op.drop_index("ix_document_owner", table_name="document")
    op.drop_index("ix_document_object_key", table_name="document")
    op.drop_table("document")
    op.drop_index(op.f("ix_call_programme_id"), table_name="call")
    op.drop_table("call")
    op.drop_index("ix_sign_in_attempt_subject", table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("programme")
    op.drop_table("job_run")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_event_object", table_name="audit_event")
    op.drop_index("ix_audit_event_actor", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("account")
    op.execute(sa.schema.DropSequence(sa.Sequence("proposal_number")))
    op.execute(sa.schema.DropSequence(sa.Sequence("organisation_pic")))
