"""Expert profiles and invitations."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import Base, Instant, Mapped, mapped_column, type_id
from grants.experts.states import InvitationState
from grants.kernel.links import Ref


class Expert(Base):
    """What a person with the role of evaluator says about themselves, for choosing and for conflicts."""

    __tablename__ = "expert"
    __table_args__ = (
        CheckConstraint("country = '' OR country ~ '^[A-Z]{2}$'", name="country_is_alpha2"),
        CheckConstraint("gender IN ('', 'woman', 'man')", name="gender_is_known_or_not_said"),
    )
    id: Mapped[type_id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # None: not a known organisation
    employer_name: Mapped[str] = mapped_column(String(300), default="", server_default="")
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    expertise: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    languages: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    gender: Mapped[str] = mapped_column(String(10), default="", server_default="")  # woman, man, or not said
    changed_at: Mapped[Instant]
    account: Mapped[Account] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("expert", str(self.id))


class Invitation(Base):
    """One expert's invitation to evaluate one topic. ``max_load``: proposals that they take."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("topic_id", "expert_id", name="uq_invitation_once"),
        CheckConstraint("max_load > 0", name="load_is_positive"),
    )
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.INVITED)
    max_load: Mapped[int] = mapped_column(default=8, server_default="8")
    invited_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]  # None: no answer yet
    answer: Mapped[str] = mapped_column(default="", server_default="")  # why it was declined
    topic: Mapped[Topic] = relationship()
    expert: Mapped[Expert] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("invitation", str(self.id))
