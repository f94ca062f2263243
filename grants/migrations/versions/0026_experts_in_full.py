"""Experts: conflicts found since, versions, keywords, search, likeness, tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from grants.organisations.rules import fold

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

PAGES = ("profile", "background", "interests", "absences", "concepts")


def upgrade() -> None:
    for page in PAGES:
        op.add_column("expert", sa.Column(f"{page}_version", sa.BigInteger(), server_default="0", nullable=False))
    _conflict_found()
    _concepts()
    _search()
    _likeness()
    _sheet()


def _identity() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _points_to(table: str, column: str, other: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _concepts() -> None:
    op.create_table(
        "concept",
        _identity(),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        _number("broader_id", nullable=True),
        sa.CheckConstraint("broader_id <> id", name=op.f("ck_concept_not_its_own_broader")),
        _points_to("concept", "broader_id", "concept"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concept")),
        sa.UniqueConstraint("code", name=op.f("uq_concept_code")),
    )
    op.create_index(op.f("ix_concept_broader_id"), "concept", ["broader_id"])
    for owner in ("expert", "topic"):
        table = f"{owner}_concept"
        op.create_table(
            table,
            _number(f"{owner}_id"), _number("concept_id"),
            _points_to(table, f"{owner}_id", owner, ondelete="CASCADE"), _points_to(table, "concept_id", "concept"),
            sa.PrimaryKeyConstraint(f"{owner}_id", "concept_id", name=op.f(f"pk_{table}")),
        )  # fmt: skip
    op.create_index("ix_expert_concept_concept", "expert_concept", ["concept_id"])


def _search() -> None:
    op.add_column("expert", sa.Column("folded", sa.Text(), server_default="", nullable=False))
    made = sa.Computed("to_tsvector('simple', folded)", persisted=True)
    op.add_column("expert", sa.Column("search", postgresql.TSVECTOR(), made, nullable=False))
    connection = op.get_bind()
    known = connection.execute(
        sa.text(
            "SELECT expert.id, concat_ws(' ', account.name, employer_name, array_to_string(expertise, ' '),"
            " (SELECT string_agg(job.name, ' ') FROM expert_employment job WHERE job.expert_id = expert.id))"
            " FROM expert JOIN account ON account.id = expert.account_id"
        )
    )
    values = [{"id": row[0], "folded": " ".join(dict.fromkeys(fold(row[1]).split()))} for row in known]
    if values:
        connection.execute(sa.text("UPDATE expert SET folded = :folded WHERE id = :id"), values)
    op.create_index("ix_expert_search", "expert", ["search"], postgresql_using="gin")


def _likeness() -> None:
    table = "expert_comparison"
    op.create_table(
        table,
        _number("topic_id"), _instant("asked_at"), _number("asked_by_id"), _instant("done_at", nullable=True),
        sa.Column("proposals", sa.BigInteger(), server_default="0", nullable=False),
        _points_to(table, "topic_id", "topic", ondelete="CASCADE"), _points_to(table, "asked_by_id", "account"),
        sa.PrimaryKeyConstraint("topic_id", name=op.f(f"pk_{table}")),
    )  # fmt: skip
    table = "expert_likeness"
    op.create_table(
        table,
        _number("topic_id"), _number("expert_id"), _number("fit"),
        sa.Column("nearest", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        _points_to(table, "topic_id", "topic", ondelete="CASCADE"),
        _points_to(table, "expert_id", "expert", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic_id", "expert_id", name=op.f(f"pk_{table}")),
    )  # fmt: skip
    op.create_index("ix_expert_likeness_order", table, ["topic_id", "fit", "expert_id"])


def _sheet() -> None:
    table, states = "expert_sheet", ("waiting", "checked", "taking", "done", "refused")
    op.create_table(
        table,
        _identity(),
        sa.Column("kind", sa.Enum("export", "import", name="sheetkind", native_enum=False, length=40), nullable=False),
        sa.Column("state", sa.Enum(*states, name="sheetstate", native_enum=False, length=40), nullable=False),
        sa.Column("as_csv", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, postgresql.JSONB(), server_default=sa.text(empty), nullable=False)
            for name, empty in (("wanted", "'{}'"), ("counts", "'{}'"), ("preview", "'[]'"), ("findings", "'[]'"))
        ),
        _number("document_id", nullable=True), _instant("asked_at"), _number("asked_by_id"),
        _instant("done_at", nullable=True),
        _points_to(table, "document_id", "document"), _points_to(table, "asked_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )  # fmt: skip
    op.create_index("ix_expert_sheet_asked_by", table, ["asked_by_id", "kind", "id"])


def _conflict_found() -> None:
    table = "conflict_found"
    op.create_table(
        table,
        _identity(), _number("assignment_id"),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("disqualifying", sa.Boolean(), nullable=False),
        _instant("found_at"), _instant("gone_at", nullable=True),
        _points_to(table, "assignment_id", "assignment"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("assignment_id", "code", name="uq_conflict_found_once"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("conflict_found")
    for table in (
        "expert_sheet",
        "expert_likeness",
        "expert_comparison",
        "expert_concept",
        "topic_concept",
        "concept",
    ):
        op.drop_table(table)
    op.drop_index("ix_expert_search", table_name="expert")
    op.drop_column("expert", "search")
    op.drop_column("expert", "folded")
    for page in PAGES:
        op.drop_column("expert", f"{page}_version")
