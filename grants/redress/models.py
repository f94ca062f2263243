"""Requests for a review, their committees, the rulings on them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.db import Base, Instant, Mapped, mapped_column, type_id
from grants.kernel.links import Ref
from grants.proposals.models import Proposal
from grants.redress.states import RequestState, RulingState, Says


class Request(Base):
    """The one request for a review that a proposal can have. ``subject`` and ``criterion`` are as typed."""

    __tablename__ = "redress_request"
    __table_args__ = (
        CheckConstraint("(state = 'draft') = (sent_at IS NULL)", name="instant_if_sent"),
        CheckConstraint("state = 'draft' OR (subject <> '' AND text <> '')", name="sent_whole"),
        CheckConstraint("(state IN ('inadmissible', 'decided', 'withdrawn')) = (closed_at IS NOT NULL)",
                        name="instant_if_closed"),
        Index("ix_redress_request_state", "state", "sent_at"),  # requests
    )  # fmt: skip
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    state: Mapped[RequestState] = mapped_column(default=RequestState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    subject: Mapped[str] = mapped_column(String(40), default="", server_default="")
    criterion: Mapped[str] = mapped_column(String(40), default="", server_default="")
    text: Mapped[str] = mapped_column(default="", server_default="")
    changed_at: Mapped[Instant]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sent_at: Mapped[Instant | None]  # None: a draft
    closed_at: Mapped[Instant | None]  # None: open
    opinion: Mapped[str] = mapped_column(default="", server_default="")  # of the committee, for the funder alone
    opinion_at: Mapped[Instant | None]  # None: not written
    proposal: Mapped[Proposal] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("redress", str(self.id))


class CommitteeMember(Base):
    """Somebody who looks at an admissible request. Applicants never learn who."""

    __tablename__ = "redress_member"
    __table_args__ = (UniqueConstraint("request_id", "account_id", name="uq_redress_member_once"),)
    id: Mapped[type_id]
    request_id: Mapped[int] = mapped_column(ForeignKey("redress_request.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    named_at: Mapped[Instant]
    named_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    account: Mapped[Account] = relationship(foreign_keys=[account_id])


class Ruling(Base):
    """What one manager proposes and another confirms. ``reason`` is told to the applicants once confirmed."""

    __tablename__ = "redress_ruling"
    __table_args__ = (
        CheckConstraint("answered_by_id <> proposed_by_id OR state = 'sent_back'", name="four_eyes"),
        CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name="instant_if_answered"),
        CheckConstraint("reason <> ''", name="has_a_reason"),
        Index("ix_redress_ruling_request", "request_id", "id"),
        Index("uq_redress_ruling_open", "request_id", unique=True, postgresql_where=text("state = 'proposed'")),
    )
    id: Mapped[type_id]
    request_id: Mapped[int] = mapped_column(ForeignKey("redress_request.id"))
    state: Mapped[RulingState] = mapped_column(default=RulingState.PROPOSED)
    says: Mapped[Says]
    criteria: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    reason: Mapped[str]
    proposed_at: Mapped[Instant]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[Instant | None]  # None: not answered
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sent_back_because: Mapped[str] = mapped_column(default="", server_default="")
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id])
    answered_by: Mapped[Account | None] = relationship(foreign_keys=[answered_by_id])

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("redress_ruling", str(self.id))
