"""Expert profiles with what conflicts are found by, invitations, and decisions on conflicts."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import relationship

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import Base, Instant, Json, Mapped, mapped_column, type_id
from grants.documents.models import Document
from grants.experts.states import DecisionState, InvitationState, ProfileState, SheetKind, SheetState
from grants.kernel.links import Ref
from grants.organisations.models import Organisation
from grants.proposals.models import Proposal
from grants.vocabulary.models import Concept


class Expert(Base):
    """What a person with the role of evaluator says about themselves, for choosing and for conflicts.

    ``folded`` holds all by which the registry finds them, in Latin letters: see ``services.indexing``.
    """

    __tablename__ = "expert"
    __table_args__ = (
        CheckConstraint("country = '' OR country ~ '^[A-Z]{2}$'", name="country_is_alpha2"),
        CheckConstraint("gender IN ('', 'woman', 'man')", name="gender_is_known_or_not_said"),
        Index("ix_expert_search", "search", postgresql_using="gin"),  # queries.registry
    )
    id: Mapped[type_id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # None: not a known organisation
    employer_name: Mapped[str] = mapped_column(String(300), default="", server_default="")
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    expertise: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    languages: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    gender: Mapped[str] = mapped_column(String(10), default="", server_default="")  # woman, man, or not said
    nationality: Mapped[str] = mapped_column(String(2), default="", server_default="")
    sector: Mapped[str] = mapped_column(String(20), default="", server_default="")
    orcid: Mapped[str] = mapped_column(String(19), default="", server_default="")
    state: Mapped[ProfileState] = mapped_column(default=ProfileState.ENTERED, server_default="entered")
    returned_because: Mapped[str] = mapped_column(default="", server_default="")
    declared_at: Mapped[Instant | None]  # the declaration of interests; None: never
    changed_at: Mapped[Instant]
    # Each page counts on its own, see services.versions.
    profile_version: Mapped[int] = mapped_column(default=0, server_default="0")
    background_version: Mapped[int] = mapped_column(default=0, server_default="0")
    interests_version: Mapped[int] = mapped_column(default=0, server_default="0")
    absences_version: Mapped[int] = mapped_column(default=0, server_default="0")
    concepts_version: Mapped[int] = mapped_column(default=0, server_default="0")
    folded: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    search: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', folded)", persisted=True), deferred=True
    )
    account: Mapped[Account] = relationship()
    jobs: Mapped[list[Employment]] = relationship(order_by="Employment.began_on.desc()", cascade="all, delete-orphan")
    publications: Mapped[list[Publication]] = relationship(
        order_by="Publication.year.desc()", cascade="all, delete-orphan"
    )
    ties: Mapped[list[DeclaredTie]] = relationship(order_by="DeclaredTie.id", cascade="all, delete-orphan")
    concepts: Mapped[list[Concept]] = relationship(secondary="expert_concept", order_by="Concept.label")
    absences: Mapped[list[Absence]] = relationship(order_by="Absence.began_on", cascade="all, delete-orphan")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("expert", str(self.id))

    def papers(self) -> Ref:
        """Whose file the CV is."""
        return self.ref()


class ExpertConcept(Base):
    """A keyword of the tree that an expert chose."""

    __tablename__ = "expert_concept"
    __table_args__ = (Index("ix_expert_concept_concept", "concept_id"),)  # queries.registry
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id"), primary_key=True)


class TopicConcept(Base):
    """A keyword of the tree that a topic's experts are looked for by; no part of the published call."""

    __tablename__ = "topic_concept"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id"), primary_key=True)


class Comparison(Base):
    """That the registry is compared with the proposals which a topic received; the last time counts."""

    __tablename__ = "expert_comparison"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[Instant]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    done_at: Mapped[Instant | None]  # None: the worker is at it
    proposals: Mapped[int] = mapped_column(default=0, server_default="0")
    topic: Mapped[Topic] = relationship()


class Likeness(Base):
    """How like an expert is to the proposals of a topic. ``fit``: to the nearest, 0 to 1000; ``nearest``: numbers of
    proposals, the nearest first."""

    __tablename__ = "expert_likeness"
    __table_args__ = (Index("ix_expert_likeness_order", "topic_id", "fit", "expert_id"),)  # queries.find_alike
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), primary_key=True)
    fit: Mapped[int]
    nearest: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class ExpertSheet(Base):
    """The registry as a table, asked for or sent in: the worker writes or reads it.

    ``wanted``: the filters of an export; ``preview``: what an import would do, row by row; ``findings``: each wrong
    cell by its address.
    """

    __tablename__ = "expert_sheet"
    __table_args__ = (Index("ix_expert_sheet_asked_by", "asked_by_id", "kind", "id"),)  # last_sheets
    id: Mapped[type_id]
    kind: Mapped[SheetKind]
    state: Mapped[SheetState] = mapped_column(default=SheetState.WAITING)
    as_csv: Mapped[bool]
    wanted: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    counts: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    preview: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))
    findings: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))  # None: not written yet
    asked_at: Mapped[Instant]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    done_at: Mapped[Instant | None]  # None: not done yet
    document: Mapped[Document | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("expert_sheet", str(self.id))

    def papers(self) -> Ref:
        """Whose its file is: the person's who asked or sent it, and nobody else's."""
        return Ref("expert_sheet", str(self.asked_by_id))


class Employment(Base):
    """A present or former employer beside the main one. ``organisation_id``: None where it is not registered."""

    __tablename__ = "expert_employment"
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= began_on", name="ends_after_its_begin"),
        Index("ix_expert_employment_expert", "expert_id"),  # expert_facts
    )
    id: Mapped[type_id]
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(300))
    department: Mapped[str] = mapped_column(String(200), default="", server_default="")
    began_on: Mapped[date]
    ended_on: Mapped[date | None]  # None: works there
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")  # texts.background


class Publication(Base):
    """A publication with its co-authors' names."""

    __tablename__ = "expert_publication"
    __table_args__ = (Index("ix_expert_publication_expert", "expert_id"),)  # expert_facts
    id: Mapped[type_id]
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))
    title: Mapped[str]
    year: Mapped[int]
    doi: Mapped[str] = mapped_column(String(200), default="", server_default="")
    authors: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))


class DeclaredTie(Base):
    """A person or organisation that the expert declares a tie with. ``kind``: see ``rules.TIES``."""

    __tablename__ = "expert_tie"
    __table_args__ = (Index("ix_expert_tie_expert", "expert_id"),)  # expert_facts
    id: Mapped[type_id]
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(300))


class Absence(Base):
    """Days on which an expert takes no proposals, the last one too."""

    __tablename__ = "expert_absence"
    __table_args__ = (
        CheckConstraint("ended_on >= began_on", name="ends_after_its_begin"),
        Index("ix_expert_absence_expert", "expert_id"),  # queries.absences
    )
    id: Mapped[type_id]
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))
    began_on: Mapped[date]
    ended_on: Mapped[date]


class ConflictDecision(Base):
    """What an officer decided about the manageable conflicts of one pair. ``codes``: those it covers, no others."""

    __tablename__ = "conflict_decision"
    __table_args__ = (
        UniqueConstraint("proposal_id", "expert_id", name="uq_conflict_decision_once"),
        CheckConstraint("state = 'open' OR reason <> ''", name="decided_with_a_reason"),
    )
    id: Mapped[type_id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    state: Mapped[DecisionState] = mapped_column(default=DecisionState.OPEN)
    codes: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    reason: Mapped[str] = mapped_column(default="", server_default="")
    condition: Mapped[str] = mapped_column(default="", server_default="")
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[Instant]
    proposal: Mapped[Proposal] = relationship()
    expert: Mapped[Expert] = relationship()
    decided_by: Mapped[Account] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it: without the pair, so that a list of events betrays none."""
        return Ref("conflict_decision", str(self.id))


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
    terms: Mapped[str] = mapped_column(default="", server_default="")  # as they were accepted
    terms_version: Mapped[str] = mapped_column(String(20), default="", server_default="")
    terms_at: Mapped[Instant | None]  # None: not accepted
    trained_at: Mapped[Instant | None]  # None: the training page is not read, or there is none
    topic: Mapped[Topic] = relationship()
    expert: Mapped[Expert] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("invitation", str(self.id))
