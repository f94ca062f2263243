"""Extensions of one proposal's deadline; decisions on admission, and on single rules."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.admission.states import AdmissionState, ExtensionState
from grants.db import Base, Instant, Mapped, mapped_column, type_id
from grants.kernel.links import Ref
from grants.proposals.models import Proposal


class Extension(Base):
    """More time for one proposal: proposed by one manager, confirmed by another, each with their reason."""

    __tablename__ = "proposal_extension"
    __table_args__ = (
        CheckConstraint("answered_by_id IS NULL OR answered_by_id <> proposed_by_id OR state = 'refused'",
                        name="four_eyes"),
        Index("uq_proposal_extension_open", "proposal_id", unique=True, postgresql_where=text("state = 'proposed'")),
    )  # fmt: skip
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    state: Mapped[ExtensionState] = mapped_column(default=ExtensionState.PROPOSED)
    until: Mapped[Instant]
    reason: Mapped[str]
    proposed_at: Mapped[Instant]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[Instant | None]  # None: not answered
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposal: Mapped[Proposal] = relationship()
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id])
    answered_by: Mapped[Account | None] = relationship(foreign_keys=[answered_by_id])

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("extension", str(self.id))


class Admission(Base):
    """Whether one submitted proposal is admitted and eligible. No row: nobody has looked yet.

    ``told_at``: when the letter about an exclusion went out; a decision is not taken back after that.
    """

    __tablename__ = "admission"
    __table_args__ = (
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="instant_if_decided"),
        CheckConstraint("state <> 'excluded' OR reason <> ''", name="excluded_with_reason"),
        CheckConstraint("told_at IS NULL OR state = 'excluded'", name="told_of_exclusion"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    state: Mapped[AdmissionState] = mapped_column(default=AdmissionState.PENDING)
    reason: Mapped[str] = mapped_column(default="", server_default="")
    decided_at: Mapped[Instant | None]  # None: not decided
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    told_at: Mapped[Instant | None]  # None: not told
    proposal: Mapped[Proposal] = relationship()
    decided_by: Mapped[Account | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("admission", str(self.id))


class RuleDecision(Base):
    """What an officer found on one rule of one proposal, over what the rule itself found. The last one counts; each
    is in the audit trail."""

    __tablename__ = "rule_decision"
    __table_args__ = (UniqueConstraint("proposal_id", "rule", name="uq_rule_decision_once"),)
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    rule: Mapped[str] = mapped_column(String(40))
    met: Mapped[bool]
    reason: Mapped[str]
    decided_at: Mapped[Instant]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_by: Mapped[Account] = relationship()
