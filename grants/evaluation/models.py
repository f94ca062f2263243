"""Assignments, individual evaluation reports with scores, consensus reports with scores and answers."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import relationship

from grants.calls.models import Criterion, Topic
from grants.db import Base, Instant, Json, Mapped, Score, mapped_column, type_id
from grants.documents.models import Document
from grants.evaluation.states import Answer, AssignmentState, ConsensusState, FormKind, FormState, ReportState
from grants.experts.models import Expert
from grants.kernel.links import Ref
from grants.proposals.models import Proposal


class Assignment(Base):
    """One expert evaluates one proposal. At most one rapporteur per proposal at a time."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("proposal_id", "expert_id", name="uq_assignment_once"),
        Index(
            "uq_assignment_rapporteur",
            "proposal_id",
            unique=True,
            postgresql_where=text("rapporteur AND state IN ('proposed', 'accepted')"),
        ),
        Index("ix_assignment_expert", "expert_id", "state"),  # own_assignments
        CheckConstraint("state <> 'conflicted' OR conflict <> ''", name="conflict_has_a_reason"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"))
    state: Mapped[AssignmentState] = mapped_column(default=AssignmentState.PROPOSED)
    rapporteur: Mapped[bool] = mapped_column(default=False, server_default="false")
    due_at: Mapped[Instant]
    conflict: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]  # None: the expert did not answer yet
    proposal: Mapped[Proposal] = relationship()
    expert: Mapped[Expert] = relationship()
    report: Mapped[Report | None] = relationship(back_populates="assignment", uselist=False)

    def ref(self) -> Ref:
        """How the audit trail names it: without the proposal, so that a list of events betrays no pair."""
        return Ref("assignment", str(self.id))


class FoundConflict(Base):
    """A conflict that came to light after the proposal was given to the expert, once for each kind (``code``)."""

    __tablename__ = "conflict_found"
    __table_args__ = (UniqueConstraint("assignment_id", "code", name="uq_conflict_found_once"),)
    id: Mapped[type_id]
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    code: Mapped[str] = mapped_column(String(40))
    sentence: Mapped[str]
    disqualifying: Mapped[bool]
    found_at: Mapped[Instant]
    gone_at: Mapped[Instant | None]  # None: it still holds
    assignment: Mapped[Assignment] = relationship()


class Report(Base):
    """One expert's individual evaluation report (IER)."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="instant_if_submitted"),
    )
    id: Mapped[type_id]
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), unique=True)
    state: Mapped[ReportState] = mapped_column(default=ReportState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    overall: Mapped[str] = mapped_column(default="", server_default="")
    panel_note: Mapped[str] = mapped_column(default="", server_default="")  # for experts and funder, not applicants
    answers: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))  # see rules.Answered
    changed_at: Mapped[Instant]
    submitted_at: Mapped[Instant | None]  # None: not handed in
    returned_because: Mapped[str] = mapped_column(default="", server_default="")
    assignment: Mapped[Assignment] = relationship(back_populates="report")
    scores: Mapped[list[ReportScore]] = relationship(
        cascade="all, delete-orphan", order_by="ReportScore.criterion_id"
    )

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("report", str(self.id))


class ReportScore(Base):
    """Score, reasons and weaknesses for one criterion. 0 is a score; None is "not scored yet"."""

    __tablename__ = "report_score"
    __table_args__ = (UniqueConstraint("report_id", "criterion_id", name="uq_report_score_once"),)
    id: Mapped[type_id]
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[Score | None]  # None: not scored yet
    comment: Mapped[str] = mapped_column(default="", server_default="")
    weaknesses: Mapped[str] = mapped_column(default="", server_default="")
    criterion: Mapped[Criterion] = relationship(lazy="joined", innerjoin=True)


class Consensus(Base):
    """The consensus report of one proposal: scores agreed by discussion, never a mean (domain.md 8.1)."""

    __tablename__ = "consensus"
    __table_args__ = (
        CheckConstraint("(state = 'approved') = (approved_at IS NOT NULL)", name="instant_if_approved"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    state: Mapped[ConsensusState] = mapped_column(default=ConsensusState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    overall: Mapped[str] = mapped_column(default="", server_default="")
    panel_note: Mapped[str] = mapped_column(default="", server_default="")
    answers: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    opened_because: Mapped[str] = mapped_column(default="", server_default="")  # empty: all reports were in
    decided_because: Mapped[str] = mapped_column(default="", server_default="")  # empty: the experts answered
    opened_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    approved_at: Mapped[Instant | None]  # None: not approved
    reopened_because: Mapped[str] = mapped_column(default="", server_default="")
    panel_at: Mapped[Instant | None]  # its panel began with it; None: not yet
    proposal: Mapped[Proposal] = relationship()
    scores: Mapped[list[ConsensusScore]] = relationship(
        cascade="all, delete-orphan", order_by="ConsensusScore.criterion_id"
    )
    opinions: Mapped[list[Opinion]] = relationship(cascade="all, delete-orphan", order_by="Opinion.assignment_id")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("consensus", str(self.id))


class ConsensusScore(Base):
    """Agreed score and comment for one criterion."""

    __tablename__ = "consensus_score"
    __table_args__ = (UniqueConstraint("consensus_id", "criterion_id", name="uq_consensus_score_once"),)
    id: Mapped[type_id]
    consensus_id: Mapped[int] = mapped_column(ForeignKey("consensus.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[Score | None]  # None: not agreed yet
    comment: Mapped[str] = mapped_column(default="", server_default="")
    weaknesses: Mapped[str] = mapped_column(default="", server_default="")
    criterion: Mapped[Criterion] = relationship(lazy="joined", innerjoin=True)


class Remark(Base):
    """What somebody said in the discussion of a consensus: an expert, or the moderator (no assignment)."""

    __tablename__ = "remark"
    __table_args__ = (
        CheckConstraint("text <> ''", name="says_something"),
        Index("ix_remark_consensus", "consensus_id", "id"),
    )
    id: Mapped[type_id]
    consensus_id: Mapped[int] = mapped_column(ForeignKey("consensus.id", ondelete="CASCADE"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))  # None: the moderator
    written_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str]
    at: Mapped[Instant]


class Opinion(Base):
    """One expert's answer to the proposed consensus; a reopening removes the answers."""

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("consensus_id", "assignment_id", name="uq_opinion_once"),
        CheckConstraint("answer <> 'disagrees' OR text <> ''", name="disagreement_has_a_text"),
    )
    id: Mapped[type_id]
    consensus_id: Mapped[int] = mapped_column(ForeignKey("consensus.id", ondelete="CASCADE"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    answer: Mapped[Answer]
    text: Mapped[str] = mapped_column(default="", server_default="")
    at: Mapped[Instant]


class ReportForm(Base):
    """An expert's open reports in a topic as a spreadsheet, asked for or sent in: the worker makes or reads it.

    ``assignments``: whose reports are in it. ``given``: what a file says that is right and waits for the expert's
    word (see ``offline.reports_json``), empty afterwards; ``findings``: why nothing is taken, each wrong cell by its
    address.
    """

    __tablename__ = "report_form"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (done_at IS NULL)", name="instant_if_done"),
        Index("ix_report_form_expert", "expert_id", "topic_id", "kind", "id"),
    )
    id: Mapped[type_id]
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    kind: Mapped[FormKind]
    state: Mapped[FormState] = mapped_column(default=FormState.WAITING)
    assignments: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))  # None: not made yet
    findings: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))
    given: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    asked_at: Mapped[Instant]
    done_at: Mapped[Instant | None]  # None: not done yet
    expert: Mapped[Expert] = relationship()
    topic: Mapped[Topic] = relationship()
    document: Mapped[Document | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it, and whose its files are: without proposals, as with assignments."""
        return form_owner(self.topic_id, self.expert_id)


def form_owner(topic_id: int, expert_id: int) -> Ref:
    """All offline forms of an expert in a topic."""
    return Ref("report_form", f"{topic_id}.{expert_id}")
