"""Requests for a review, their committees, the rulings on them, and the new round after an upheld one."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.calls.models import Criterion
from grants.db import Base, Instant, Json, Mapped, Money, Score, mapped_column, type_id
from grants.experts.models import Expert
from grants.kernel.links import Ref
from grants.proposals.models import Proposal
from grants.ranking.models import Ranking
from grants.ranking.states import Decision
from grants.redress.states import DeskState, RequestState, RoundState, RulingState, Says


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
    round: Mapped[Round | None] = relationship(back_populates="request", uselist=False)  # None: no new evaluation

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


class Round(Base):
    """New experts judge some criteria of a proposal again, beside what was agreed before, which stays as it is.

    ``total`` to ``requested``: what the proposed scores mean in the announced list, see ``rules.supplement``.
    """

    __tablename__ = "redress_round"
    __table_args__ = (
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="instant_if_confirmed"),
        CheckConstraint("(state = 'confirmed') = (confirmed_by_id IS NOT NULL)", name="person_if_confirmed"),
        CheckConstraint("(state = 'open') = (proposed_by_id IS NULL)", name="person_if_proposed"),
        CheckConstraint("confirmed_by_id <> proposed_by_id", name="four_eyes"),
        CheckConstraint(
            "state = 'open' OR (decision IS NOT NULL AND reason <> '' AND agreement <> '' AND place IS NOT NULL AND"
            " total IS NOT NULL AND ranking_score IS NOT NULL AND requested IS NOT NULL AND old_place IS NOT NULL)",
            name="proposed_whole",
        ),
        CheckConstraint("cardinality(criteria) > 0", name="judges_something"),
        Index("ix_redress_round_ranking", "ranking_id", "state"),  # supplements
    )
    id: Mapped[type_id]
    request_id: Mapped[int] = mapped_column(ForeignKey("redress_request.id"), unique=True)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"))  # the announced list
    state: Mapped[RoundState] = mapped_column(default=RoundState.OPEN)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    criteria: Mapped[list[str]] = mapped_column(ARRAY(String))  # codes of what is judged again
    opened_at: Mapped[Instant]
    agreement: Mapped[str] = mapped_column(default="", server_default="")  # how the experts agreed, for the funder
    decision: Mapped[Decision | None]  # None: not proposed yet
    reason: Mapped[str] = mapped_column(default="", server_default="")  # as the applicants are told it
    total: Mapped[Score | None]  # None, here and below: not proposed yet
    ranking_score: Mapped[Score | None]
    place: Mapped[int | None]
    old_place: Mapped[int | None]
    requested: Mapped[Money | None]
    proposed_at: Mapped[Instant | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sent_back_because: Mapped[str] = mapped_column(default="", server_default="")
    confirmed_at: Mapped[Instant | None]  # None: not confirmed
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    request: Mapped[Request] = relationship(back_populates="round")
    ranking: Mapped[Ranking] = relationship()
    proposed_by: Mapped[Account | None] = relationship(foreign_keys=[proposed_by_id])
    confirmed_by: Mapped[Account | None] = relationship(foreign_keys=[confirmed_by_id])
    experts: Mapped[list[RoundExpert]] = relationship(
        back_populates="round", order_by="RoundExpert.id", cascade="all, delete-orphan"
    )
    scores: Mapped[list[RoundScore]] = relationship(order_by="RoundScore.criterion_id", cascade="all, delete-orphan")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("redress_round", str(self.id))


class RoundExpert(Base):
    """Somebody who judges in a new round. Applicants never learn who.

    ``judgements``: by criterion ``score``, ``comment`` and ``weaknesses`` as texts, see ``desks``.
    """

    __tablename__ = "redress_round_expert"
    __table_args__ = (
        UniqueConstraint("round_id", "expert_id", name="uq_redress_round_expert_once"),
        CheckConstraint("(state = 'handed_in') = (handed_in_at IS NOT NULL)", name="instant_if_handed_in"),
        CheckConstraint("state <> 'conflicted' OR conflict <> ''", name="conflict_has_a_reason"),
    )
    id: Mapped[type_id]
    round_id: Mapped[int] = mapped_column(ForeignKey("redress_round.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    named_at: Mapped[Instant]
    named_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[DeskState] = mapped_column(default=DeskState.ASKED, server_default="asked")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    judgements: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    changed_at: Mapped[Instant | None]  # None: nothing is written yet
    handed_in_at: Mapped[Instant | None]  # None: not handed in
    conflict: Mapped[str] = mapped_column(default="", server_default="")
    expert: Mapped[Expert] = relationship()
    round: Mapped[Round] = relationship(back_populates="experts")

    def ref(self) -> Ref:
        """How the audit trail names it: without the proposal, so that a list of events betrays no pair."""
        return Ref("redress_round_expert", str(self.id))


class RoundScore(Base):
    """The new score that was agreed for one criterion, with the comment that applicants read."""

    __tablename__ = "redress_round_score"
    __table_args__ = (UniqueConstraint("round_id", "criterion_id", name="uq_redress_round_score_once"),)
    id: Mapped[type_id]
    round_id: Mapped[int] = mapped_column(ForeignKey("redress_round.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[Score | None]  # None: not agreed yet
    comment: Mapped[str] = mapped_column(default="", server_default="")
    criterion: Mapped[Criterion] = relationship(lazy="joined", innerjoin=True)
