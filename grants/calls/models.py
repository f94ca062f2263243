"""Programmes, calls, topics with deadlines, criteria and cost categories, published versions, questions."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import relationship

from grants.calls.states import Blind, CallState, CostModel, DeadlineModel, Misfit, Naming, QuestionState
from grants.db import Base, Instant, Json, Mapped, Money, Rate, Score, mapped_column, type_id
from grants.kernel.links import Ref
from grants.organisations.models import Organisation


class Programme(Base):
    """A funding programme, for example the Internal Security Fund."""

    __tablename__ = "programme"
    __table_args__ = (CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9.-]*$'", name="code_is_plain"),)
    id: Mapped[type_id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(default="", server_default="")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("programme", self.code)


class Call(Base):
    """A call for proposals. ``zone``: the zone in whose local time the deadlines were set."""

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("budget IS NULL OR budget > 0", name="budget_is_positive"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="instant_if_published"),
    )
    id: Mapped[type_id]
    identifier: Mapped[str] = mapped_column(String(100), unique=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    title: Mapped[str] = mapped_column(String(1000))
    summary: Mapped[str] = mapped_column(default="", server_default="")
    contact: Mapped[str] = mapped_column(String(254), default="", server_default="")
    zone: Mapped[str] = mapped_column(String(60), default="Europe/Brussels")
    budget: Mapped[Money | None]  # None: set per topic
    questions_until: Mapped[Instant | None]  # None: questions are taken until the last deadline
    state: Mapped[CallState] = mapped_column(default=CallState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    source: Mapped[str] = mapped_column(String(40), default="", server_default="")  # where it was imported from
    created_at: Mapped[Instant]
    published_at: Mapped[Instant | None]  # None: a draft
    programme: Mapped[Programme] = relationship()
    topics: Mapped[list[Topic]] = relationship(back_populates="call", order_by="Topic.identifier")

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("call", self.identifier)

    def papers(self) -> Ref:
        """Whose its documents are: by number, since a draft's identifier may still change."""
        return Ref("call", str(self.id))


class Topic(Base):
    """What one can apply for: text, type of action, dates, money and the rules of its proposals.

    Every number that a call may change lies here (domain.md: every number is configuration). ``deadline`` is the
    last of ``deadlines`` and decides whether the topic is open; when a proposal must be in is said by
    ``proposals.rules.closing``. ``search`` is for the public list.
    """

    __tablename__ = "topic"
    __table_args__ = (
        CheckConstraint("opens_at < deadline", name="opens_before_deadline"),
        CheckConstraint("budget IS NULL OR budget > 0", name="budget_is_positive"),
        CheckConstraint("min_grant IS NULL OR max_grant IS NULL OR min_grant <= max_grant", name="grant_range"),
        Index("ix_topic_search", "search", postgresql_using="gin"),  # public_topics
        Index("ix_topic_deadline", "deadline", "id"),  # public_topics in order
        Index("ix_topic_call", "call_id"),
    )
    id: Mapped[type_id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    identifier: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str] = mapped_column(default="", server_default="")
    conditions: Mapped[str] = mapped_column(default="", server_default="")
    keywords: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    type_of_action: Mapped[str] = mapped_column(String(120))
    deadline_model: Mapped[DeadlineModel] = mapped_column(default=DeadlineModel.SINGLE_STAGE)
    opens_at: Mapped[Instant]
    first_deadline: Mapped[Instant]  # the first of ``deadlines``: that of a first stage
    deadline: Mapped[Instant]
    budget: Mapped[Money | None]  # None: the call's budget
    min_grant: Mapped[Money | None]  # None: no minimum
    max_grant: Mapped[Money | None]  # None: no maximum
    expected_grants: Mapped[int | None]  # None: not announced
    page_limit: Mapped[int | None]  # None: no limit
    # what Part B must look like; None: not asked (domain.md 4)
    min_font_pt: Mapped[Score | None] = mapped_column(default=11, server_default="11")
    min_margin_mm: Mapped[Score | None] = mapped_column(default=15, server_default="15")
    min_months: Mapped[int | None]  # None: no minimum
    max_months: Mapped[int | None]  # None: no maximum
    funding_rate: Mapped[Rate] = mapped_column(default=100)  # per cent of eligible costs
    nonprofit_rate: Mapped[Rate | None]  # None: the same rate for all
    indirect_rate: Mapped[Rate] = mapped_column(default=25)  # per cent of the categories marked as base
    no_profit: Mapped[bool] = mapped_column(default=False, server_default="false")  # no more than costs less income
    cost_model: Mapped[CostModel] = mapped_column(default=CostModel.ACTUAL, server_default="actual costs")
    template: Mapped[str] = mapped_column(String(40), default="", server_default="")  # the key it started from
    template_content: Mapped[Json] = mapped_column(nullable=True, deferred=True)  # what it began with; None: nothing
    eligibility: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))
    form: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))  # Part A: see parta
    form_number: Mapped[int] = mapped_column(default=1, server_default="1")
    annexes: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))
    invited_only: Mapped[bool] = mapped_column(default=False, server_default="false")
    batch_months: Mapped[int | None]  # between two batches of a topic that is always open; None: it is not
    first_stage_page_limit: Mapped[int | None]  # None: as page_limit
    first_stage_threshold: Mapped[Score | None]  # None: none in a first stage
    inform_months: Mapped[int] = mapped_column(default=5, server_default="5")
    grant_months: Mapped[int] = mapped_column(default=8, server_default="8")
    first_stage_inform_months: Mapped[int] = mapped_column(default=3, server_default="3")
    deemed_days: Mapped[int] = mapped_column(default=10, server_default="10")  # receipt of a result unopened
    redress_members: Mapped[int] = mapped_column(default=2, server_default="2")  # of a committee, at least
    redress_answer_days: Mapped[int] = mapped_column(default=60, server_default="60")
    redress_days: Mapped[int] = mapped_column(default=30, server_default="30")  # to ask for a review of the procedure
    overall_threshold: Mapped[Score | None]  # None: no overall threshold
    experts_per_proposal: Mapped[int] = mapped_column(default=3, server_default="3")
    evaluation_days: Mapped[int] = mapped_column(default=42, server_default="42")
    spread_limit: Mapped[Score | None]  # None: disagreement is not marked
    shortest_comment: Mapped[int] = mapped_column(default=1, server_default="1")  # characters of reasons
    questions: Mapped[Json] = mapped_column(default=list, server_default=text("'[]'"))  # of experts: code, text
    employment_years: Mapped[int] = mapped_column(default=3, server_default="3")  # conflicts by a former employer
    collaboration_years: Mapped[int] = mapped_column(default=5, server_default="5")  # co-authors, co-applicants
    declaration_months: Mapped[int] = mapped_column(default=12, server_default="12")  # of interests: how long valid
    newcomer_share: Mapped[int] = mapped_column(default=25, server_default="25")  # of experts, in per cent
    panel_nationality: Mapped[int | None] = mapped_column(default=2, server_default="2")  # members; None: no limit
    panel_organisation: Mapped[int | None] = mapped_column(default=2, server_default="2")  # the same of one employer
    panel_years: Mapped[int | None] = mapped_column(default=3, server_default="3")  # in a row; None: no limit
    hearing_characters: Mapped[int] = mapped_column(default=4000, server_default="4000")  # of one answer, at most
    #: Notes for officers on reports, see ``evaluation.quality``: characters, and three shares in per cent.
    quality_short: Mapped[int] = mapped_column(default=100, server_default="100")
    quality_high: Mapped[int] = mapped_column(default=80, server_default="80")
    quality_low: Mapped[int] = mapped_column(default=50, server_default="50")
    quality_alike: Mapped[int] = mapped_column(default=90, server_default="90")
    expert_terms: Mapped[str] = mapped_column(default="", server_default="")  # the contract; empty: the usual terms
    training: Mapped[str] = mapped_column(
        default="", server_default=""
    )  # read before the first proposal; empty: none
    blind: Mapped[Blind] = mapped_column(default=Blind.NO, server_default="no")
    naming: Mapped[Naming] = mapped_column(default=Naming.WARN, server_default="warn")  # of participants in Part B
    visibility: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))  # evaluation.visibility
    visibility_version: Mapped[int] = mapped_column(default=1, server_default="1")
    tie_break: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    on_misfit: Mapped[Misfit] = mapped_column(default=Misfit.STOP, server_default="stop")
    area_field: Mapped[str] = mapped_column(String(40), default="", server_default="")  # key in Part A; see portfolio
    portfolio: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    reserve_size: Mapped[int | None]  # None: all above the thresholds
    lottery_seed: Mapped[str] = mapped_column(String(80), default="", server_default="")
    period_months: Mapped[int] = mapped_column(default=18, server_default="18")
    report_days: Mapped[int] = mapped_column(default=60, server_default="60")
    source_url: Mapped[str] = mapped_column(String(500), default="", server_default="")
    source_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of the imported record
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', identifier || ' ' || title), 'A')"
            " || setweight(to_tsvector('english', description), 'B')",
            persisted=True,
        ),
        deferred=True,
    )
    call: Mapped[Call] = relationship(back_populates="topics")
    deadlines: Mapped[list[TopicDeadline]] = relationship(order_by="TopicDeadline.at", cascade="all, delete-orphan")
    criteria: Mapped[list[Criterion]] = relationship(order_by="Criterion.position", cascade="all, delete-orphan")
    categories: Mapped[list[CostCategory]] = relationship(
        order_by="CostCategory.position", cascade="all, delete-orphan"
    )

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("topic", self.identifier)


class TopicDeadline(Base):
    """One deadline of a topic: one for a single stage, several for stages and cut-offs."""

    __tablename__ = "topic_deadline"
    __table_args__ = (UniqueConstraint("topic_id", "at", name="uq_topic_deadline_once"),)
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"))
    at: Mapped[Instant]


class Criterion(Base):
    """An award criterion. A criterion in use cannot be removed: scores refer to it."""

    __tablename__ = "criterion"
    __table_args__ = (
        UniqueConstraint("topic_id", "code", name="uq_criterion_code"),
        CheckConstraint("maximum > 0 AND step > 0 AND weight > 0", name="numbers_are_positive"),
        CheckConstraint("threshold IS NULL OR threshold <= maximum", name="threshold_within_maximum"),
    )
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(default="", server_default="")
    aspects: Mapped[list[str]] = mapped_column(
        ARRAY(String), default=list, server_default=text("'{}'")
    )  # sub-questions
    maximum: Mapped[Score]
    step: Mapped[Score]
    weight: Mapped[Score] = mapped_column(default=1)
    threshold: Mapped[Score | None]  # None: none for this criterion
    first_stage: Mapped[bool] = mapped_column(default=False, server_default="false")  # judged in a first stage too
    first_stage_threshold: Mapped[Score | None]  # None: none there


class CostCategory(Base):
    """A column of the budget. ``indirect_base``: whether indirect costs are computed on it (domain.md 7).

    ``unit``: what is counted in it (person-month, month); ``unit_cost``: euro for one, where the call sets it;
    ``justify``: whether costs in it need a reason.
    """

    __tablename__ = "cost_category"
    __table_args__ = (UniqueConstraint("topic_id", "code", name="uq_cost_category_code"),)
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    indirect_base: Mapped[bool]
    unit: Mapped[str] = mapped_column(String(40), default="", server_default="")
    unit_cost: Mapped[Money | None]  # None: actual costs
    justify: Mapped[bool] = mapped_column(default=False, server_default="false")

    @property
    def title(self) -> str:
        """Code and name, as rules and call documents write it: ``B Subcontracting``."""
        return f"{self.code} {self.name}"


class CallVersion(Base):
    """What was published, each time: the whole content and what changed against the version before."""

    __tablename__ = "call_version"
    __table_args__ = (UniqueConstraint("call_id", "number", name="uq_call_version_number"),)
    id: Mapped[type_id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]
    published_at: Mapped[Instant]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: by a command
    reason: Mapped[str]
    content: Mapped[Json]
    changes: Mapped[Json]


class CallQuestion(Base):
    """A question about a call, with its answer once there is one. Who asked is the managers' to know, and nobody
    else's: the public page shows question and answer alone."""

    __tablename__ = "call_question"
    __table_args__ = (
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="instant_if_answered"),
        Index("ix_call_question_call", "call_id", "state"),
        Index("ix_call_question_asked_by", "asked_by_id"),
    )
    id: Mapped[type_id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))  # None: about the whole call
    state: Mapped[QuestionState] = mapped_column(default=QuestionState.ASKED)
    text: Mapped[str]  # as it is published: a manager may take out what names the asker
    answer: Mapped[str] = mapped_column(default="", server_default="")
    asked_at: Mapped[Instant]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[Instant | None]  # None: not answered
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    call: Mapped[Call] = relationship()
    topic: Mapped[Topic | None] = relationship()

    def ref(self) -> Ref:
        """How the audit trail names it."""
        return Ref("call_question", str(self.id))


class TopicInvitation(Base):
    """Who may apply to a topic that is by invitation only: an organisation, or a person by e-mail address."""

    __tablename__ = "topic_invitation"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (email = '')", name="organisation_or_email"),
        UniqueConstraint("topic_id", "organisation_id", "email", name="uq_topic_invitation_once",
                         postgresql_nulls_not_distinct=True),
    )  # fmt: skip
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # None: a person
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")  # in small letters
    invited_at: Mapped[Instant]
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    organisation: Mapped[Organisation | None] = relationship()


class FormVersion(Base):
    """A topic's form as it was from one moment on: drafts that began on an earlier one are shown what changed.

    ``uses``: by field, what depends on it (see ``parta.checking.dependencies``).
    """

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("topic_id", "number", name="uq_form_version_number"),)
    id: Mapped[type_id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"))
    number: Mapped[int]
    definition: Mapped[Json]
    uses: Mapped[Json]
    kept_at: Mapped[Instant]
