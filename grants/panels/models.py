"""Panels with members and proposals, meetings with agendas, outcomes, cross-reading, hearings, observers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import Base, Instant, Json, Mapped, mapped_column, type_id
from grants.experts.models import Expert
from grants.kernel.links import Ref
from grants.panels.states import (
    HearingKind,
    HearingState,
    MeetingState,
    NoteState,
    ObserverReportState,
    ObserverState,
    OutcomeState,
)
from grants.proposals.models import Proposal


class Panel(Base):
    """One panel of a topic. ``chair``: a member's account, or an officer's. ``place``: a place, or a link."""

    __tablename__ = "panel"
    __table_args__ = (UniqueConstraint("topic_id", "name", name="uq_panel_name"),)
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    name: Mapped[str] = mapped_column(String(120))
    remote: Mapped[bool] = mapped_column(default=True, server_default="true")
    place: Mapped[str] = mapped_column(String(500), default="", server_default="")
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: nobody is named yet
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[Instant]
    topic: Mapped[Topic] = relationship()
    chair: Mapped[Account | None] = relationship()
    members: Mapped[list[PanelMember]] = relationship(order_by="PanelMember.id", cascade="all, delete-orphan")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("panel", str(self.id))


class PanelMember(Base):
    """An expert who sits on a panel. ``reason``: why an officer named them against a rule; empty: no rule spoke."""

    __tablename__ = "panel_member"
    __table_args__ = (UniqueConstraint("panel_id", "expert_id", name="uq_panel_member_once"),)
    id: Mapped[type_id]
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    named_at: Mapped[Instant]
    named_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(default="", server_default="")
    expert: Mapped[Expert] = relationship()


class PanelProposal(Base):
    """A proposal that a panel looks at; in no other panel at the same time."""

    __tablename__ = "panel_proposal"
    __table_args__ = (Index("ix_panel_proposal_panel", "panel_id", "proposal_id"),)
    id: Mapped[type_id]
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    assigned_at: Mapped[Instant]
    panel: Mapped[Panel] = relationship()
    proposal: Mapped[Proposal] = relationship()


class PanelConflict(Base):
    """A conflict that a member declared: the proposal does not exist for them any more."""

    __tablename__ = "panel_conflict"
    __table_args__ = (
        UniqueConstraint("proposal_id", "expert_id", name="uq_panel_conflict_once"),
        CheckConstraint("reason <> ''", name="has_a_reason"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    reason: Mapped[str]
    declared_at: Mapped[Instant]

    def ref(self) -> Ref:
        """How the audit trail names it: without the pair."""
        return Ref("panel_conflict", str(self.id))


class Meeting(Base):
    """One meeting of a panel. ``note``: what the minutes say besides."""

    __tablename__ = "panel_meeting"
    __table_args__ = (
        CheckConstraint("state NOT IN ('open', 'closed', 'approved') OR opened_at IS NOT NULL", name="open_since"),
        CheckConstraint("(state = 'approved') = (approved_at IS NOT NULL)", name="instant_if_approved"),
        Index("ix_panel_meeting_panel", "panel_id", "starts_at"),  # queries.meetings.of_panel
    )
    id: Mapped[type_id]
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    state: Mapped[MeetingState] = mapped_column(default=MeetingState.PLANNED)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    starts_at: Mapped[Instant]
    place: Mapped[str] = mapped_column(String(500), default="", server_default="")  # empty: the panel's
    invited_at: Mapped[Instant | None]  # None: no letter is out
    opened_at: Mapped[Instant | None]  # None, here and below: not yet
    closed_at: Mapped[Instant | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    approved_at: Mapped[Instant | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    panel: Mapped[Panel] = relationship()
    approved_by: Mapped[Account | None] = relationship()
    items: Mapped[list[AgendaItem]] = relationship(order_by="AgendaItem.position", cascade="all, delete-orphan")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("panel_meeting", str(self.id))


class AgendaItem(Base):
    """One item: a proposal, or a break with its ``title``."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("meeting_id", "proposal_id", name="uq_agenda_item_once"),
        CheckConstraint("(proposal_id IS NULL) = (title <> '')", name="proposal_or_title"),
        CheckConstraint("minutes > 0", name="takes_time"),
        Index("ix_agenda_item_proposal", "proposal_id"),
    )
    id: Mapped[type_id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"))
    position: Mapped[int]
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))  # None: a break
    title: Mapped[str] = mapped_column(String(120), default="", server_default="")
    minutes: Mapped[int]
    proposal: Mapped[Proposal | None] = relationship()


class Attendance(Base):
    """Whether a member was there. ``reason``: why not."""

    __tablename__ = "panel_attendance"
    __table_args__ = (
        UniqueConstraint("meeting_id", "member_id", name="uq_panel_attendance_once"),
        CheckConstraint("present OR reason <> ''", name="absent_with_a_reason"),
    )
    id: Mapped[type_id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("panel_member.id"), index=True)
    present: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="", server_default="")


class Leaving(Base):
    """Who left the meeting for one proposal, as the minutes record it. ``reason``: what ties them, for officers."""

    __tablename__ = "panel_leaving"
    __table_args__ = (UniqueConstraint("meeting_id", "proposal_id", "member_id", name="uq_panel_leaving_once"),)
    id: Mapped[type_id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("panel_member.id"), index=True)
    reason: Mapped[str]
    at: Mapped[Instant]


class Outcome(Base):
    """What the panel found on a proposal. ``changes``: see ``rules.Change.as_json``; none: the scores stay."""

    __tablename__ = "panel_outcome"
    __table_args__ = (
        CheckConstraint("answered_by_id <> recorded_by_id OR state <> 'confirmed'", name="four_eyes"),
        CheckConstraint(
            "(state IN ('confirmed', 'sent_back')) = (answered_at IS NOT NULL)", name="instant_if_answered"
        ),
        Index("ix_panel_outcome_proposal", "proposal_id", "id"),
        Index("uq_panel_outcome_open", "proposal_id", unique=True, postgresql_where=text("state = 'proposed'")),
    )
    id: Mapped[type_id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    state: Mapped[OutcomeState] = mapped_column(default=OutcomeState.PROPOSED)
    changes: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    remark: Mapped[str] = mapped_column(default="", server_default="")
    recorded_at: Mapped[Instant]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[Instant | None]  # None: nobody had to answer, or has
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sent_back_because: Mapped[str] = mapped_column(default="", server_default="")
    proposal: Mapped[Proposal] = relationship()
    recorded_by: Mapped[Account] = relationship(foreign_keys=[recorded_by_id])
    answered_by: Mapped[Account | None] = relationship(foreign_keys=[answered_by_id])

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("panel_outcome", str(self.id))


class CrossReading(Base):
    """The note of a cross-reader. ``marks``: proposed scores as typed, by criterion."""

    __tablename__ = "cross_reading"
    __table_args__ = (
        UniqueConstraint("proposal_id", "member_id", name="uq_cross_reading_once"),
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="instant_if_submitted"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("panel_member.id"), index=True)
    state: Mapped[NoteState] = mapped_column(default=NoteState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    note: Mapped[str] = mapped_column(default="", server_default="")
    marks: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    asked_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    submitted_at: Mapped[Instant | None]  # None: not handed in
    member: Mapped[PanelMember] = relationship()
    proposal: Mapped[Proposal] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it: without the pair."""
        return Ref("cross_reading", str(self.id))


class Hearing(Base):
    """Questions to the applicants of a proposal, in writing or for an interview with its slot.

    ``ends_at``: kept so that PostgreSQL sees to it that interviews of one panel never overlap.
    """

    __tablename__ = "hearing"
    __table_args__ = (
        CheckConstraint("state NOT IN ('sent', 'answered', 'confirmed') OR send_at IS NOT NULL", name="sent_since"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="slot_is_whole"),
        CheckConstraint("ends_at > starts_at", name="slot_takes_time"),
        ExcludeConstraint(
            (text("int8range(panel_id, panel_id, '[]')"), "&&"), (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_hearing_overlap", using="gist",
            where=text("state IN ('sent', 'confirmed') AND starts_at IS NOT NULL"),
        ),
        Index("ix_hearing_panel", "panel_id", "id"),
        Index(
            "uq_hearing_open", "proposal_id", unique=True, postgresql_where=text("state IN ('draft', 'sent')")
        ),
    )  # fmt: skip
    id: Mapped[type_id]
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    state: Mapped[HearingState] = mapped_column(default=HearingState.DRAFT)
    kind: Mapped[HearingKind] = mapped_column(default=HearingKind.WRITING)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    send_at: Mapped[Instant | None]  # when the applicants are told; None: not said yet
    answer_by: Mapped[Instant | None]  # None: an interview, or not said yet
    starts_at: Mapped[Instant | None]  # None: in writing, or not said yet
    ends_at: Mapped[Instant | None]
    place: Mapped[str] = mapped_column(String(500), default="", server_default="")
    changed_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]  # answered, confirmed or cancelled; None: none of them
    proposal: Mapped[Proposal] = relationship()
    panel: Mapped[Panel] = relationship()
    questions: Mapped[list[HearingQuestion]] = relationship(
        order_by="HearingQuestion.position", cascade="all, delete-orphan"
    )

    @property
    def minutes(self) -> int | None:
        """How long the interview takes."""
        return None if self.starts_at is None or self.ends_at is None else int(
            (self.ends_at - self.starts_at) / timedelta(minutes=1)
        )  # fmt: skip

    def set_slot(self, starts_at: datetime | None, minutes: int | None) -> None:
        """Both ends of the slot, or none where it is not whole."""
        whole = starts_at is not None and bool(minutes)
        self.starts_at = starts_at if whole else None
        self.ends_at = starts_at + timedelta(minutes=minutes or 0) if whole and starts_at is not None else None

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("hearing", str(self.id))


class HearingQuestion(Base):
    """One question, and what the applicants answered: text, never a file or anything new."""

    __tablename__ = "hearing_question"
    __table_args__ = (Index("ix_hearing_question_hearing", "hearing_id", "position"),)
    id: Mapped[type_id]
    hearing_id: Mapped[int] = mapped_column(ForeignKey("hearing.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str]
    answer: Mapped[str] = mapped_column(default="", server_default="")


class Observer(Base):
    """Somebody who observes how a topic is evaluated. ``statement``: what was signed, as it read."""

    __tablename__ = "observer"
    __table_args__ = (
        UniqueConstraint("topic_id", "account_id", name="uq_observer_once"),
        CheckConstraint("state <> 'signed' OR (signed_at IS NOT NULL AND statement <> '')", name="signed_whole"),
    )
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[ObserverState] = mapped_column(default=ObserverState.NAMED)
    named_at: Mapped[Instant]
    named_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[Instant | None]  # None: not signed
    statement: Mapped[str] = mapped_column(default="", server_default="")
    topic: Mapped[Topic] = relationship()
    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    report: Mapped[ObserverReport | None] = relationship(uselist=False)

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("observer", str(self.id))


class ObserverReport(Base):
    """What an observer writes on the process, for the managers."""

    __tablename__ = "observer_report"
    __table_args__ = (
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="instant_if_submitted"),
    )
    id: Mapped[type_id]
    observer_id: Mapped[int] = mapped_column(ForeignKey("observer.id"), unique=True)
    state: Mapped[ObserverReportState] = mapped_column(default=ObserverReportState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    text: Mapped[str] = mapped_column(default="", server_default="")
    changed_at: Mapped[Instant]
    submitted_at: Mapped[Instant | None]  # None: not handed in

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("observer_report", str(self.id))
