"""Signed receipts of submitted versions, their certificates, documents made from versions, alike texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_certificate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_certificate")),
        sa.UniqueConstraint("sha256", name=op.f("uq_receipt_certificate_sha256")),
    )
    op.create_table(
        "submission_receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("pdf_id", sa.BigInteger(), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("statement_sha256", sa.String(length=64), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_receipt_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(["pdf_id"], ["document.id"], name=op.f("fk_submission_receipt_pdf_id_document")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["document.id"], name=op.f("fk_submission_receipt_statement_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["receipt_certificate.id"],
            name=op.f("fk_submission_receipt_certificate_id_receipt_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_receipt")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_submission_receipt_submission_id")),
        sa.UniqueConstraint("pdf_sha256", name=op.f("uq_submission_receipt_pdf_sha256")),
        sa.UniqueConstraint("statement_sha256", name=op.f("uq_submission_receipt_statement_sha256")),
    )
    op.create_table(
        "submission_paper",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_paper_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_submission_paper_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_paper")),
        sa.UniqueConstraint("submission_id", "kind", name="uq_submission_paper_once"),
    )
    op.create_table(
        "submission_text",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("minhash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_text_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_text")),
        sa.UniqueConstraint("submission_id", "kind", name="uq_submission_text_once"),
    )
    op.create_table(
        "proposal_similarity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("first_id <> second_id", name=op.f("ck_proposal_similarity_two_versions")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["submission.id"], name=op.f("fk_proposal_similarity_first_id_submission")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["submission.id"], name=op.f("fk_proposal_similarity_second_id_submission")
        ),
        sa.ForeignKeyConstraint(
            ["looked_by_id"], ["account.id"], name=op.f("fk_proposal_similarity_looked_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_similarity")),
        sa.UniqueConstraint("kind", "first_id", "second_id", name="uq_proposal_similarity_once"),
    )
    op.create_index("ix_proposal_similarity_first", "proposal_similarity", ["first_id"])
    op.create_index("ix_proposal_similarity_second", "proposal_similarity", ["second_id"])


def downgrade() -> None:
    op.drop_table("proposal_similarity")
    op.drop_table("submission_text")
    op.drop_table("submission_paper")
    op.drop_table("submission_receipt")
    op.drop_table("receipt_certificate")
