"""Runs of the assignment, and what a manager says about single pairs."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.assigning.states import RunState
from grants.calls.models import Topic
from grants.db import Base, Instant, Json, Mapped, mapped_column, type_id
from grants.experts.models import Expert
from grants.kernel.links import Ref
from grants.proposals.models import Proposal


class Run(Base):
    """One computed assignment of a topic. ``options``: see ``rules.Options``. ``teams``: by proposal its experts,
    rapporteur first, with their fits; ``figures``: objective, bound, gap and more; ``says``: what stands in the way.
    ``prices``: with them anybody can compute the bound again."""

    __tablename__ = "assignment_run"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_is_a_percentage"),
        Index("ix_assignment_run_topic", "topic_id", "id"),
        Index(
            "uq_assignment_run_under_way", "topic_id", unique=True,
            postgresql_where=text("state IN ('waiting', 'running', 'taking')"),
        ),
    )  # fmt: skip
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    state: Mapped[RunState] = mapped_column(default=RunState.WAITING)
    options: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    progress: Mapped[int] = mapped_column(default=0, server_default="0")  # per cent
    stop_asked: Mapped[bool] = mapped_column(default=False, server_default="false")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[Instant]
    done_at: Mapped[Instant | None]  # None: still at work
    figures: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    says: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    teams: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'::jsonb"), deferred=True)
    prices: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"), deferred=True)
    topic: Mapped[Topic] = relationship()
    asked_by: Mapped[Account] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it: without experts and proposals."""
        return Ref("assignment_run", str(self.id))


class PairNote(Base):
    """What a manager says of one pair. ``fit``: counts instead of the computed one; ``forbidden``: never."""

    __tablename__ = "pair_note"
    __table_args__ = (
        UniqueConstraint("proposal_id", "expert_id", name="uq_pair_note_once"),
        CheckConstraint("fit IS NULL OR fit BETWEEN 0 AND 1000", name="fit_is_in_range"),
        CheckConstraint("forbidden OR fit IS NOT NULL", name="says_something"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    fit: Mapped[int | None]  # None: as computed
    forbidden: Mapped[bool] = mapped_column(default=False, server_default="false")
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    noted_at: Mapped[Instant]
    proposal: Mapped[Proposal] = relationship()
    expert: Mapped[Expert] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it: without the pair."""
        return Ref("pair_note", str(self.id))
