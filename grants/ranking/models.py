"""Ranked lists and their placements."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import relationship

from grants.calls.models import Topic
from grants.db import Base, Instant, Json, Mapped, Money, Score, mapped_column, type_id
from grants.kernel.links import Ref
from grants.proposals.models import Proposal
from grants.ranking.states import Decision, RankingState


class Ranking(Base):
    """The ranked list of one topic or batch. ``inputs_sha256`` is the hash of everything it was computed from."""

    __tablename__ = "ranking"
    __table_args__ = (
        CheckConstraint("(state IN ('decided', 'informed')) = (decided_at IS NOT NULL)", name="instant_if_decided"),
        CheckConstraint("decided_by_id <> prepared_by_id", name="four_eyes"),
        UniqueConstraint("topic_id", "cut_off", name="uq_ranking_batch", postgresql_nulls_not_distinct=True),
    )
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    cut_off: Mapped[Instant | None]  # of its batch; None: the topic has one list
    state: Mapped[RankingState] = mapped_column(default=RankingState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    budget: Mapped[Money]
    inputs_sha256: Mapped[str] = mapped_column(String(64))
    computed_at: Mapped[Instant]
    prepared_at: Mapped[Instant | None]  # None: nobody proposed a decision
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sent_back_because: Mapped[str] = mapped_column(default="", server_default="")
    inputs: Mapped[str] = mapped_column(default="", server_default="", deferred=True)  # canonical JSON, once decided
    statement: Mapped[str] = mapped_column(default="", server_default="", deferred=True)  # signed; empty: not yet
    decided_at: Mapped[Instant | None]  # None: still open
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: not decided
    informed_at: Mapped[Instant | None]  # None: letters not sent
    figures: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))  # empty: count
    # of a portfolio: see placing; empty: the list goes down to a line
    selection: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    topic: Mapped[Topic] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("ranking", str(self.id))


class Placement(Base):
    """One proposal's place. ``place`` counts from 1 over the whole list; ``reason`` explains it in words."""

    __tablename__ = "placement"
    __table_args__ = (
        UniqueConstraint("ranking_id", "proposal_id", name="uq_placement_once"),
        Index("uq_placement_place", "ranking_id", "place", unique=True),  # ranking_page
        CheckConstraint("place >= 1", name="place_from_one"),
        Index("ix_placement_proposal", "proposal_id"),
    )
    id: Mapped[type_id]
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id", ondelete="CASCADE"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    place: Mapped[int]
    total: Mapped[Score]  # unweighted sum, what thresholds look at
    ranking_score: Mapped[Score]  # weighted sum, what the order looks at
    requested: Mapped[Money]
    cumulated: Mapped[Money]  # of the proposals suggested or decided for the main list so far
    offered: Mapped[Money | None]  # less than requested, where the topic allows it; None: what is requested
    outcome: Mapped[str] = mapped_column(String(40))  # what the rules suggest
    decided_by_key: Mapped[str] = mapped_column(String(40), default="", server_default="")
    reason: Mapped[str] = mapped_column(default="", server_default="")
    decision: Mapped[Decision | None]  # None: not decided yet
    decision_reason: Mapped[str] = mapped_column(default="", server_default="")
    opened_at: Mapped[Instant | None]  # None: the main contact did not open the result
    proposal: Mapped[Proposal] = relationship()

    @property
    def grant(self) -> Decimal:
        """Euro that it gets on the main list."""
        return self.requested if self.offered is None else self.offered


class Calibration(Base):
    """What individual scores of a topic say, for managers: information that changes no list. See ``calibrating``."""

    __tablename__ = "calibration"
    __table_args__ = (
        Index("uq_calibration_under_way", "topic_id", unique=True, postgresql_where=text("done_at IS NULL")),
        Index("ix_calibration_topic", "topic_id", "id"),
    )
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[Instant]
    done_at: Mapped[Instant | None]  # None: the worker is at it
    figures: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("calibration", str(self.id))


class WhatIf(Base):
    """A what-if of a list, kept under a name. ``changes`` and ``figures``: see ``rules.whatif``."""

    __tablename__ = "what_if"
    __table_args__ = (UniqueConstraint("ranking_id", "name", name="uq_what_if_name"),)
    id: Mapped[type_id]
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    changes: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    figures: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    inputs_sha256: Mapped[str] = mapped_column(String(64))  # of the list that it was computed from
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[Instant]

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("what_if", str(self.id))
