"""What writing together needs: contacts of partners, invitations, refusals of organisations, history, presence."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.db import Base, Instant, Json, Mapped, mapped_column, type_id
from grants.organisations.models import Organisation
from grants.proposals.models import Participant, Proposal
from grants.proposals.states import MemberRole


class MemberParticipant(Base):
    """The contact of a partner writes for this participant; one person may do so for several.

    Without a row a partner's contact writes nothing, so that taking an organisation out never widens a right.
    """

    __tablename__ = "proposal_member_participant"
    __table_args__ = (Index("ix_proposal_member_participant_participant", "participant_id"),)
    member_id: Mapped[int] = mapped_column(ForeignKey("proposal_member.id", ondelete="CASCADE"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id", ondelete="CASCADE"), primary_key=True)


class MemberInvitation(Base):
    """A person who was asked by letter to work on a proposal and has not answered. Answered ones are gone: the trail
    keeps them. The letter holds the token, the row its hash; valid until the proposal closes."""

    __tablename__ = "proposal_invitation"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        CheckConstraint("role <> 'main_contact'", name="nobody_is_invited_as_main_contact"),
        CheckConstraint("(role = 'partner_contact') = (participant_id IS NOT NULL)", name="contact_of_a_participant"),
        UniqueConstraint(
            "proposal_id",
            "email",
            "participant_id",
            name="uq_proposal_invitation_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[MemberRole]
    participant_id: Mapped[int | None] = mapped_column(  # None: not for one organisation
        ForeignKey("participant.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_at: Mapped[Instant]
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposal: Mapped[Proposal] = relationship()
    participant: Mapped[Participant | None] = relationship()
    invited_by: Mapped[Account] = relationship()


class ParticipationRefusal(Base):
    """An organisation's representative said "not in our name". While the row is there, nobody adds the organisation
    to this proposal again. ``asked_at``: the proposal asks for its consent; the representative's consent ends it."""

    __tablename__ = "participation_refusal"
    __table_args__ = (
        UniqueConstraint("proposal_id", "organisation_id", name="uq_participation_refusal_once"),
        CheckConstraint("reason <> ''", name="refused_with_a_reason"),
        Index("ix_participation_refusal_organisation", "organisation_id"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str]
    refused_at: Mapped[Instant]
    refused_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[Instant | None]  # None: nobody asked for consent since
    proposal: Mapped[Proposal] = relationship()
    organisation: Mapped[Organisation] = relationship()


class DraftChange(Base):
    """What one person changed in one part of a draft, ``before`` and ``after`` as that part's page shows it.

    Saves of one person to one part within five minutes are one row. Whose part it is is told by the organisation: the
    row stays when it leaves, and goes on when it comes back. ``closed``: the next save makes a row of its own.
    """

    __tablename__ = "draft_change"
    __table_args__ = (
        Index("ix_draft_change_proposal", "proposal_id", "id"),  # the page
        Index("ix_draft_change_part", "proposal_id", "kind", "section", "organisation_id", "id"),  # keep
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # an access.PartKind
    section: Mapped[str] = mapped_column(String(40), default="", server_default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # None: the whole proposal's
    before: Mapped[Json]
    after: Mapped[Json]
    began_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: by the system
    closed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    restores_id: Mapped[int | None] = mapped_column(  # None: it restores nothing
        ForeignKey("draft_change.id", ondelete="CASCADE")
    )
    changed_by: Mapped[Account | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class Presence(Base):
    """Who had a place of a draft open, and when last. Worth nothing after a minute: not logged, swept."""

    __tablename__ = "draft_presence"
    __table_args__ = (Index("ix_draft_presence_seen", "seen_at"), {"prefixes": ["UNLOGGED"]})
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    seen_at: Mapped[Instant]
