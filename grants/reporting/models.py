"""Deliverables, milestones and reporting periods with their reports."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import relationship

from grants.db import Base, Instant, Mapped, mapped_column, type_id
from grants.documents.models import Document
from grants.kernel.links import Ref
from grants.projects.models import Project
from grants.reporting.states import DueState


class Deliverable(Base):
    """A promised result. ``due_month`` is agreed; ``due_on`` follows from the start date once it is known."""

    __tablename__ = "deliverable"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_deliverable_number"),
        CheckConstraint("due_month >= 1", name="due_month_from_one"),
        CheckConstraint("state = 'pending' OR document_id IS NOT NULL", name="submitted_with_a_file"),
        Index("ix_deliverable_due", "due_on", postgresql_where=text("state = 'pending'")),  # due_deliverables
    )
    id: Mapped[type_id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[str] = mapped_column(String(12))  # D1.1
    work_package: Mapped[int]  # its number
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(20), default="R", server_default="R")  # R, DEM, DEC, DATA, OTHER
    dissemination: Mapped[str] = mapped_column(String(20), default="PU", server_default="PU")  # PU, SEN, EU-R
    due_month: Mapped[int]
    due_on: Mapped[date | None]  # None: the project has no start date yet
    state: Mapped[DueState] = mapped_column(default=DueState.PENDING)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))  # None: nothing uploaded
    submitted_at: Mapped[Instant | None]  # None: not submitted, or returned
    answered_at: Mapped[Instant | None]  # None: not looked at
    answer: Mapped[str] = mapped_column(default="", server_default="")
    project: Mapped[Project] = relationship()
    document: Mapped[Document | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("deliverable", f"{self.project.number}/{self.number}")


class Milestone(Base):
    """A point at which the work is checked."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("project_id", "number", name="uq_milestone_number"),)
    id: Mapped[type_id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[str] = mapped_column(String(12))  # MS1
    title: Mapped[str] = mapped_column(String(300))
    means: Mapped[str] = mapped_column(default="", server_default="")  # of verification
    due_month: Mapped[int]
    due_on: Mapped[date | None]  # None: the project has no start date yet
    reached_on: Mapped[date | None]  # None: not yet


class ReportingPeriod(Base):
    """A period with its periodic report: due some days after its end (60 by default, domain.md 10)."""

    __tablename__ = "reporting_period"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_reporting_period_number"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        Index("ix_reporting_period_due", "due_on", postgresql_where=text("state = 'pending'")),  # due_reports
    )
    id: Mapped[type_id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[DueState] = mapped_column(default=DueState.PENDING)
    summary: Mapped[str] = mapped_column(default="", server_default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))  # None: nothing uploaded
    submitted_at: Mapped[Instant | None]  # None: not submitted, or returned
    answered_at: Mapped[Instant | None]  # None: not looked at
    answer: Mapped[str] = mapped_column(default="", server_default="")
    project: Mapped[Project] = relationship()
    document: Mapped[Document | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("periodic_report", f"{self.project.number}/{self.number}")
