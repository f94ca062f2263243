"""Texts of submitted versions as they are compared, and the pairs that are alike."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.db import Base, Instant, Mapped, Rate, mapped_column, type_id
from grants.kernel.links import Ref
from grants.proposals.models import Submission


class SubmissionText(Base):
    """The abstract or the text of Part B of a version. ``minhash``: its signature, 8 bytes a value, little-endian."""

    __tablename__ = "submission_text"
    __table_args__ = (UniqueConstraint("submission_id", "kind", name="uq_submission_text_once"),)
    id: Mapped[type_id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]
    minhash: Mapped[bytes] = mapped_column(LargeBinary)


class SimilarPair(Base):
    """Two versions that share a good part of a text. ``share``: per cent of the shorter one."""

    __tablename__ = "proposal_similarity"
    __table_args__ = (
        UniqueConstraint("kind", "first_id", "second_id", name="uq_proposal_similarity_once"),
        CheckConstraint("first_id <> second_id", name="two_versions"),
        Index("ix_proposal_similarity_first", "first_id"),  # pairs_of_topic
        Index("ix_proposal_similarity_second", "second_id"),  # pairs_of_topic
    )
    id: Mapped[type_id]
    kind: Mapped[str] = mapped_column(String(20))
    first_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    share: Mapped[Rate]
    found_at: Mapped[Instant]
    looked_at: Mapped[Instant | None]  # None: nobody has looked at it
    looked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="", server_default="")
    first: Mapped[Submission] = relationship(foreign_keys=[first_id])
    second: Mapped[Submission] = relationship(foreign_keys=[second_id])
    looked_by: Mapped[Account | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("similarity", str(self.id))
