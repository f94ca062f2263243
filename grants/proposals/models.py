"""Proposals with members, participants, budget lines and attachments; submitted versions with their files."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Sequence,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import Base, Instant, Json, Mapped, Money, Rate, mapped_column, type_id
from grants.documents.models import Document
from grants.kernel.links import Ref
from grants.organisations.models import Organisation
from grants.proposals.states import MemberRole, ParticipantRole, ProposalState, SheetKind, SheetState

#: 9 digits, as in the field (domain.md 1): 101 000 001 onwards.
number_sequence = Sequence("proposal_number", start=101_000_001, metadata=Base.metadata)


class Proposal(Base):
    """One proposal. ``version`` guards the general part; budget rows are guarded by their participant's.

    ``changed_at`` moves with every change of anything in the draft, never back, and is set to the instant of a
    submission by it: "changed since the last submission" is a comparison of two instants.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("number BETWEEN 100000000 AND 999999999", name="number_has_nine_digits"),
        Index(  # submitted_proposals, manager's list; what competes is counted without reading the drafts' texts
            "ix_proposal_topic_state",
            "topic_id",
            "state",
            "number",
            postgresql_include=["id", "stage", "extended_until", "cut_off"],
        ),
    )
    id: Mapped[type_id]
    number: Mapped[int] = mapped_column(number_sequence, unique=True, server_default=number_sequence.next_value())
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.DRAFT)
    acronym: Mapped[str] = mapped_column(default="", server_default="")
    title: Mapped[str] = mapped_column(default="", server_default="")
    abstract: Mapped[str] = mapped_column(default="", server_default="")
    keywords: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    duration_months: Mapped[int | None]  # None: not given yet
    women: Mapped[int | None]  # researchers by gender, for tie-breaks; None: not given
    men: Mapped[int | None]
    form_number: Mapped[int] = mapped_column(default=1, server_default="1")  # the form that its people know
    trial: Mapped[bool] = mapped_column(default=False, server_default="false")  # a manager tries the application
    stage: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    first_stage_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), unique=True)  # of a second stage
    cut_off: Mapped[Instant | None]  # the deadline that its last submission was for; None: not submitted
    extended_until: Mapped[Instant | None]  # confirmed for this proposal alone; None: as everybody
    partners_read_all: Mapped[bool] = mapped_column(default=True, server_default="true")  # the coordinator chooses
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[Instant | None]  # None: not withdrawn
    decided_at: Mapped[Instant | None]  # None: the letter of the result is not out
    topic: Mapped[Topic] = relationship()
    changed_by: Mapped[Account] = relationship()
    participants: Mapped[list[Participant]] = relationship(
        back_populates="proposal", order_by="Participant.position", cascade="all, delete-orphan"
    )
    members: Mapped[list[Member]] = relationship(back_populates="proposal", cascade="all, delete-orphan")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id", cascade="all, delete-orphan")
    submissions: Mapped[list[Submission]] = relationship(back_populates="proposal", order_by="Submission.number")
    answers: Mapped[list[Answer]] = relationship(order_by="Answer.id", cascade="all, delete-orphan")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("proposal", str(self.number))


class Member(Base):
    """A person who works on a proposal. Contacts of partners: of which, see ``writing_models.MemberParticipant``."""

    __tablename__ = "proposal_member"
    __table_args__ = (
        UniqueConstraint("proposal_id", "account_id", name="uq_proposal_member_once"),
        Index(
            "uq_proposal_member_main_contact",
            "proposal_id",
            unique=True,
            postgresql_where=text("role = 'main_contact'"),
        ),
        Index("ix_proposal_member_account", "account_id"),  # own_proposals
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[MemberRole]
    offered_at: Mapped[Instant | None]  # the main contact's role is offered to this person; None: it is not
    proposal: Mapped[Proposal] = relationship(back_populates="members")
    account: Mapped[Account] = relationship()


class Participant(Base):
    """An organisation in a proposal, with the row of the budget that it owns (guarded by ``version``).

    ``typed``: by field of the row, what was typed and is no amount.
    """

    __tablename__ = "participant"
    __table_args__ = (
        UniqueConstraint("proposal_id", "organisation_id", name="uq_participant_once"),
        Index(
            "uq_participant_coordinator", "proposal_id", unique=True, postgresql_where=text("role = 'coordinator'")
        ),
        CheckConstraint("requested IS NULL OR requested >= 0", name="requested_not_negative"),
        CheckConstraint("own_contribution IS NULL OR own_contribution >= 0", name="own_contribution_not_negative"),
        CheckConstraint("income IS NULL OR income >= 0", name="income_not_negative"),
        Index("ix_participant_organisation", "organisation_id"),  # conflicts of interest
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    position: Mapped[int]
    role: Mapped[ParticipantRole]
    funding_rate: Mapped[Rate]  # per cent
    requested: Mapped[Money | None]  # None: the whole of rate x eligible costs
    own_contribution: Mapped[Money | None]  # None: not said
    income: Mapped[Money | None]  # None: not said
    typed: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    proposal: Mapped[Proposal] = relationship(back_populates="participants")
    organisation: Mapped[Organisation] = relationship()
    lines: Mapped[list[BudgetLine]] = relationship(cascade="all, delete-orphan")
    shares: Mapped[list[LumpShare]] = relationship(cascade="all, delete-orphan")


class BudgetLine(Base):
    """Costs of one participant in one category, in euro. A draft may hold text that is no amount yet.

    ``quantity``: units of the category (person-months, months). Where the topic sets the cost of a unit, ``amount``
    stays 0 and the costs are computed. ``justification``: why the costs are needed, where the category asks.
    """

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("participant_id", "category", name="uq_budget_line_once"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount_not_negative"),
        CheckConstraint("(amount IS NULL) = (typed <> '')", name="amount_or_what_was_typed"),
        CheckConstraint("quantity IS NULL OR (quantity >= 0 AND quantity_typed = '')", name="quantity_or_typed"),
    )
    id: Mapped[type_id]
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id", ondelete="CASCADE"))
    category: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money | None]  # None: what was typed is no amount
    typed: Mapped[str] = mapped_column(String(60), default="", server_default="")
    quantity: Mapped[Money | None]  # None: not given, or what was typed is no number
    quantity_typed: Mapped[str] = mapped_column(String(60), default="", server_default="")
    justification: Mapped[str] = mapped_column(default="", server_default="")


class LumpShare(Base):
    """What one participant gets of a lump sum when one work package is completed, in euro (domain.md 7).

    ``package``: the number of the work package in its list, from 1.
    """

    __tablename__ = "lump_share"
    __table_args__ = (
        UniqueConstraint("participant_id", "package", name="uq_lump_share_once"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount_not_negative"),
        CheckConstraint("(amount IS NULL) = (typed <> '')", name="amount_or_what_was_typed"),
    )
    id: Mapped[type_id]
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id", ondelete="CASCADE"))
    package: Mapped[int]
    amount: Mapped[Money | None]  # None: what was typed is no amount
    typed: Mapped[str] = mapped_column(String(60), default="", server_default="")


class BudgetSheet(Base):
    """A budget as a spreadsheet, asked for or sent in: the worker makes or reads it.

    ``document``: the file; ``findings``: why nothing was imported, each wrong cell by its address.
    """

    __tablename__ = "budget_sheet"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (done_at IS NULL)", name="instant_if_done"),
        Index("ix_budget_sheet_proposal", "proposal_id", "kind", "id"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    kind: Mapped[SheetKind]
    state: Mapped[SheetState] = mapped_column(default=SheetState.WAITING)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))  # None: not made yet
    findings: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))
    asked_at: Mapped[Instant]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    done_at: Mapped[Instant | None]  # None: not done yet
    proposal: Mapped[Proposal] = relationship()
    document: Mapped[Document | None] = relationship()
    asked_by: Mapped[Account] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it: it is about the proposal."""
        return self.proposal.ref()


class Answer(Base):
    """One section of Part A as it was typed, of the whole proposal or of one participant; guarded by ``version``, so
    that different sections never collide. ``given``: by field, see ``calls.parta.answers``."""

    __tablename__ = "proposal_answer"
    __table_args__ = (
        UniqueConstraint(
            "proposal_id",
            "section",
            "participant_id",
            name="uq_proposal_answer_once",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_proposal_answer_participant", "participant_id"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id", ondelete="CASCADE"))  # None: all
    section: Mapped[str] = mapped_column(String(40))
    given: Mapped[Json]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_at: Mapped[Instant]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    changed_by: Mapped[Account] = relationship()


class Attachment(Base):
    """A document that belongs to the draft. Old Part Bs stay until the deadline, marked as replaced. ``annex``: which
    of the topic's annexes it is, or the field of Part A that asks for it; empty for others."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("document_id", name="uq_attachment_document"),
        Index(
            "uq_attachment_part_b",
            "proposal_id",
            unique=True,
            postgresql_where=text("kind = 'part_b' AND removed_at IS NULL"),
        ),
        Index("ix_attachment_proposal", "proposal_id"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    kind: Mapped[str] = mapped_column(String(40))  # part_b or annex
    annex: Mapped[str] = mapped_column(String(40), default="", server_default="")
    removed_at: Mapped[Instant | None]  # None: part of the draft
    document: Mapped[Document] = relationship()


class Submission(Base):
    """An immutable, numbered version. ``content`` is the canonical snapshot, ``content_sha256`` its hash.

    ``key`` is the intent: the same key gives the version made the first time. ``code`` is what the public
    verification page asks for.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("proposal_id", "number", name="uq_submission_number"),
        UniqueConstraint("proposal_id", "key", name="uq_submission_key"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    key: Mapped[UUID] = mapped_column(Uuid)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    submitted_at: Mapped[Instant]
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    content: Mapped[Json]
    content_sha256: Mapped[str] = mapped_column(String(64))
    rules: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))  # what the topic's rules found
    requested: Mapped[Money]
    proposal: Mapped[Proposal] = relationship(back_populates="submissions")
    submitted_by: Mapped[Account] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(order_by="SubmissionFile.id")


class ReceiptCertificate(Base):
    """A certificate that receipts were signed with: all that ever were, so that old receipts can be checked."""

    __tablename__ = "receipt_certificate"
    id: Mapped[type_id]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    pem: Mapped[str]
    first_used_at: Mapped[Instant]


class Receipt(Base):
    """The signed receipt of a version, as PDF and as JSON. Their hashes are what the public page looks for."""

    __tablename__ = "submission_receipt"
    id: Mapped[type_id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    pdf_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    statement_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    pdf_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    statement_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("receipt_certificate.id"))
    made_at: Mapped[Instant]
    submission: Mapped[Submission] = relationship()
    pdf: Mapped[Document] = relationship(foreign_keys=[pdf_id])
    statement: Mapped[Document] = relationship(foreign_keys=[statement_id])
    certificate: Mapped[ReceiptCertificate] = relationship()


class SubmissionPaper(Base):
    """A document that was made from a version: Part A, the whole as one PDF, the whole as a ZIP."""

    __tablename__ = "submission_paper"
    __table_args__ = (UniqueConstraint("submission_id", "kind", name="uq_submission_paper_once"),)
    id: Mapped[type_id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    made_at: Mapped[Instant]
    document: Mapped[Document] = relationship()


class SubmissionFile(Base):
    """A file of a submitted version, by its hash."""

    __tablename__ = "submission_file"
    __table_args__ = (
        UniqueConstraint("submission_id", "document_id", name="uq_submission_file_once"),
        Index("ix_submission_file_sha256", "sha256"),  # verify by file
    )
    id: Mapped[type_id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    pages: Mapped[int | None]  # None: not a PDF
    document: Mapped[Document] = relationship()


class ShortenedPartB(Base):
    """What evaluators read instead of Part B: ``copy``, made by the worker. ``page_limit``: pages after it are left
    out; None: none are. ``blind``: nothing that the file says of its authors is in it, and its name is neutral.

    Made anew when the limit is corrected; the original document is never changed.
    """

    __tablename__ = "shortened_part_b"
    __table_args__ = (
        UniqueConstraint(
            "document_id", "page_limit", "blind", name="uq_shortened_part_b_once", postgresql_nulls_not_distinct=True
        ),
    )
    id: Mapped[type_id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    page_limit: Mapped[int | None]  # None: no page is left out
    blind: Mapped[bool] = mapped_column(default=False, server_default="false")
    copy_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[Instant]
    copy: Mapped[Document] = relationship(foreign_keys=copy_id)


class PartBText(Base):
    """The words of each page of a Part B that must name no participant: see ``naming.words``. Read once by the worker
    and searched at every look, since participants change after the upload."""

    __tablename__ = "part_b_text"
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    pages: Mapped[Json]
    read_at: Mapped[Instant]
