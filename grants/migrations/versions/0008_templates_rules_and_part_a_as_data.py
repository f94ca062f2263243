"""Templates, eligibility rules and Part A as data; stages and cut-offs; the consortium's minima become a rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import grants.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LIST, _OBJECT = sa.text("'[]'"), sa.text("'{}'")


def _json(name: str, default: sa.TextClause) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default=default, nullable=False)


def upgrade() -> None:
    for column in (
        sa.Column("cost_model", sa.String(40), server_default="actual costs", nullable=False),
        sa.Column("template", sa.String(40), server_default="", nullable=False),
        sa.Column("template_content", postgresql.JSONB(), nullable=True),
        _json("eligibility", _LIST),
        _json("form", _OBJECT),
        sa.Column("form_number", sa.BigInteger(), server_default="1", nullable=False),
        _json("annexes", _LIST),
        sa.Column("invited_only", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("batch_months", sa.BigInteger(), nullable=True),
        sa.Column("first_stage_page_limit", sa.BigInteger(), nullable=True),
        sa.Column("first_stage_threshold", sa.Numeric(7, 3), nullable=True),
        sa.Column("inform_months", sa.BigInteger(), server_default="5", nullable=False),
        sa.Column("grant_months", sa.BigInteger(), server_default="8", nullable=False),
        sa.Column("first_deadline", grants.db.UtcDateTime(), nullable=True),
    ):
        op.add_column("topic", column)
    op.execute(
        "UPDATE topic SET first_deadline = coalesce("
        "(SELECT min(d.at) FROM topic_deadline d WHERE d.topic_id = topic.id), deadline)"
    )
    op.alter_column("topic", "first_deadline", nullable=False)
    op.execute(
        "UPDATE topic SET eligibility = jsonb_build_array(jsonb_build_object('rule', 'consortium', 'severity', 'officer',"
        " 'citation', 'Call document', 'with', jsonb_build_object('entities', min_entities,"
        " 'countries_at_least', min_countries, 'members', min_member_states)))"
    )
    for name in ("min_entities", "min_countries", "min_member_states"):
        op.drop_column("topic", name)
    op.add_column("criterion", sa.Column("first_stage", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("criterion", sa.Column("first_stage_threshold", sa.Numeric(7, 3), nullable=True))
    op.add_column("cost_category", sa.Column("unit", sa.String(40), server_default="", nullable=False))
    op.add_column("cost_category", sa.Column("unit_cost", sa.Numeric(14, 2), nullable=True))
    op.add_column("cost_category", sa.Column("justify", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "form_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("uses", postgresql.JSONB(), nullable=False),
        sa.Column("kept_at", grants.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_form_version_topic_id_topic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("topic_id", "number", name="uq_form_version_number"),
    )
    op.execute(
        "INSERT INTO form_version (topic_id, number, definition, uses, kept_at)"
        " SELECT t.id, 1, t.form, '{}', c.published_at FROM topic t JOIN call c ON c.id = t.call_id"
        " WHERE c.published_at IS NOT NULL"
    )
    _proposals()
    op.add_column("document", sa.Column("part", sa.String(40), server_default="", nullable=False))


def _proposals() -> None:
    for column in (
        sa.Column("form_number", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("trial", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("stage", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("first_stage_id", sa.BigInteger(), nullable=True),
        sa.Column("cut_off", grants.db.UtcDateTime(), nullable=True),
        sa.Column("extended_until", grants.db.UtcDateTime(), nullable=True),
    ):
        op.add_column("proposal", column)
    op.create_foreign_key(
        op.f("fk_proposal_first_stage_id_proposal"), "proposal", "proposal", ["first_stage_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_proposal_first_stage_id"), "proposal", ["first_stage_id"])
    op.create_table(
        "proposal_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=True),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("given", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("changed_at", grants.db.UtcDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_answer_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_proposal_answer_participant_id_participant"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_proposal_answer_changed_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_answer")),
        sa.UniqueConstraint(
            "proposal_id", "section", "participant_id", name="uq_proposal_answer_once", postgresql_nulls_not_distinct=True
        ),
    )  # fmt: skip
    op.create_index("ix_proposal_answer_participant", "proposal_answer", ["participant_id"])
    op.add_column("attachment", sa.Column("annex", sa.String(40), server_default="", nullable=False))
    op.add_column(
        "submission", sa.Column("rules", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("document", "part")
    op.drop_column("submission", "rules")
    op.drop_column("attachment", "annex")
    op.drop_table("proposal_answer")
    for name in ("extended_until", "cut_off", "first_stage_id", "stage", "trial", "form_number"):
        op.drop_column("proposal", name)
    op.drop_table("form_version")
    for name in ("justify", "unit_cost", "unit"):
        op.drop_column("cost_category", name)
    for name in ("first_stage_threshold", "first_stage"):
        op.drop_column("criterion", name)
    for name, default in (("min_entities", "1"), ("min_countries", "1"), ("min_member_states", "0")):
        op.add_column("topic", sa.Column(name, sa.BigInteger(), server_default=default, nullable=False))
    for name in (
        "first_deadline", "grant_months", "inform_months", "first_stage_threshold", "first_stage_page_limit",
        "batch_months", "invited_only", "annexes", "form_number", "form", "eligibility", "template_content",
        "template", "cost_model",
    ):  # fmt: skip
        op.drop_column("topic", name)
