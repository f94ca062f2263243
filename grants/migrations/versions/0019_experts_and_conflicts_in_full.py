"""Profiles with jobs, publications, ties and absences; decisions on conflicts; terms of an invitation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import grants.db

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_YEARS = (
    ("employment_years", "3"), ("collaboration_years", "5"), ("declaration_months", "12"),
)  # fmt: skip
_WORDS = {"nationality": 2, "sector": 20, "orcid": 19}


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _expert(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_expert_id_expert")
    return (
        sa.Column("expert_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=name, ondelete="CASCADE"),
    )


def _list(name: str) -> sa.Column[list[str]]:
    return sa.Column(name, postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    for name, usual in _YEARS:
        op.add_column("topic", sa.Column(name, sa.BigInteger(), server_default=usual, nullable=False))
    op.add_column("topic", _text("expert_terms"))
    op.add_column("topic", _text("training"))
    _profile()
    _what_conflicts_are_found_by()
    op.add_column("invitation", _text("terms"))
    op.add_column("invitation", sa.Column("terms_version", sa.String(length=20), server_default="", nullable=False))
    op.add_column("invitation", sa.Column("terms_at", grants.db.UtcDateTime(), nullable=True))
    op.add_column("invitation", sa.Column("trained_at", grants.db.UtcDateTime(), nullable=True))


def _profile() -> None:
    for name, length in _WORDS.items():
        op.add_column("expert", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    state = sa.Enum("entered", "validated", "returned", name="profilestate", native_enum=False, length=40)
    op.add_column("expert", sa.Column("state", state, server_default="entered", nullable=False))
    op.add_column("expert", _text("returned_because"))
    op.add_column("expert", sa.Column("declared_at", grants.db.UtcDateTime(), nullable=True))


def _what_conflicts_are_found_by() -> None:
    op.create_table(
        "expert_employment",
        _id(), *_expert("expert_employment"),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("department", sa.String(length=200), server_default="", nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= began_on", name=op.f("ck_expert_employment_ends_after_its_begin")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_expert_employment_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_employment")),
    )  # fmt: skip
    op.create_table(
        "expert_publication",
        _id(), *_expert("expert_publication"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("doi", sa.String(length=200), server_default="", nullable=False),
        _list("authors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_publication")),
    )  # fmt: skip
    op.create_table(
        "expert_tie",
        _id(), *_expert("expert_tie"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_tie")),
    )  # fmt: skip
    for table in ("employment", "publication", "tie"):
        op.create_index(f"ix_expert_{table}_expert", f"expert_{table}", ["expert_id"], unique=False)
    _decisions()


def _decisions() -> None:
    op.create_table(
        "conflict_decision",
        _id(),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("expert_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "allowed", "forbidden", name="decisionstate", native_enum=False, length=40),
            nullable=False,
        ),
        _list("codes"), _text("reason"), _text("condition"),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", grants.db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state = 'open' OR reason <> ''", name=op.f("ck_conflict_decision_decided_with_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_conflict_decision_decided_by_id_account")
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_conflict_decision_expert_id_expert")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_conflict_decision_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_decision")),
        sa.UniqueConstraint("proposal_id", "expert_id", name="uq_conflict_decision_once"),
    )  # fmt: skip
    op.create_index(op.f("ix_conflict_decision_expert_id"), "conflict_decision", ["expert_id"], unique=False)


def downgrade() -> None:
    for name in ("terms", "terms_version", "terms_at", "trained_at"):
        op.drop_column("invitation", name)
    for name in ("conflict_decision", "expert_tie", "expert_publication"):
        op.drop_table(name)
    op.drop_table("expert_employment")
    for name in (*_WORDS, "state", "returned_because", "declared_at"):
        op.drop_column("expert", name)
    for name in ("expert_terms", "training", *(name for name, _ in _YEARS)):
        op.drop_column("topic", name)
