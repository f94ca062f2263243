"""Projects with participants and work packages."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import relationship

from grants.db import Base, Instant, Mapped, Money, mapped_column, type_id
from grants.kernel.links import Ref
from grants.organisations.models import Organisation
from grants.projects.states import ProjectState
from grants.proposals.models import Proposal
from grants.proposals.states import ParticipantRole


class Project(Base):
    """A grant, in preparation or running. Keeps the proposal's number (domain.md 1).

    ``signed``: both confirmations; a change of the plan in preparation removes the one already given.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("duration_months BETWEEN 1 AND 120", name="duration_is_sensible"),
        CheckConstraint("grant_amount >= 0", name="grant_not_negative"),
        CheckConstraint(
            "state <> 'running' OR (coordinator_confirmed_at IS NOT NULL AND funder_confirmed_at IS NOT NULL)",
            name="both_sides_confirmed",
        ),
        Index("ix_project_state", "state", "number"),  # portfolio
    )
    id: Mapped[type_id]
    number: Mapped[int] = mapped_column(unique=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    state: Mapped[ProjectState] = mapped_column(default=ProjectState.PREPARATION)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    acronym: Mapped[str]
    title: Mapped[str]
    starts_on: Mapped[date | None]  # None: not agreed yet
    duration_months: Mapped[int]
    grant_amount: Mapped[Money]
    total_cost: Mapped[Money]
    created_at: Mapped[Instant]
    coordinator_confirmed_at: Mapped[Instant | None]  # None: not confirmed
    coordinator_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    funder_confirmed_at: Mapped[Instant | None]  # None: not confirmed
    funder_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposal: Mapped[Proposal] = relationship()
    participants: Mapped[list[ProjectParticipant]] = relationship(
        order_by="ProjectParticipant.position", cascade="all, delete-orphan"
    )
    work_packages: Mapped[list[WorkPackage]] = relationship(
        order_by="WorkPackage.number", cascade="all, delete-orphan"
    )

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("project", str(self.number))


class ProjectParticipant(Base):
    """An organisation in a project with its share of the budget."""

    __tablename__ = "project_participant"
    __table_args__ = (UniqueConstraint("project_id", "organisation_id", name="uq_project_participant_once"),)
    id: Mapped[type_id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    position: Mapped[int]
    role: Mapped[ParticipantRole]
    cost: Mapped[Money]
    contribution: Mapped[Money]
    organisation: Mapped[Organisation] = relationship()


class WorkPackage(Base):
    """A part of the work. Months count from 1, the first month of the project."""

    __tablename__ = "work_package"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_work_package_number"),
        CheckConstraint("start_month >= 1 AND end_month >= start_month", name="months_in_order"),
    )
    id: Mapped[type_id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("project_participant.id"))  # None: not named yet
    start_month: Mapped[int]
    end_month: Mapped[int]
    lead: Mapped[ProjectParticipant | None] = relationship()
