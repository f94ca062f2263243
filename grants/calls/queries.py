"""Reading programmes, calls and topics. Public lists show what their pages show: nothing of drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload

from grants.calls import facts
from grants.calls.access import may_see_call
from grants.calls.models import Call, CallQuestion, CallVersion, Programme, Topic, TopicInvitation
from grants.calls.states import CallState, QuestionState
from grants.db import db
from grants.documents import queries as documents
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.kernel.verdicts import Verdict

#: The kind of the template of Part B, made for each topic.
PART_B_TEMPLATE = "part_b_template"


@dataclass(frozen=True, slots=True)
class TopicFilter:
    """What a person filters the public list by; empty means all. ``status``: open, forthcoming, closed or current."""

    text: str = ""
    programme: str = ""
    status: str = ""
    type_of_action: str = ""


def phase_sql(now: datetime) -> ColumnElement[str]:
    """The phase of a topic as SQL; a test holds it equal to ``rules.phase``."""
    return case((Topic.opens_at > now, "forthcoming"), (Topic.deadline > now, "open"), else_="closed")


def public_topics(wanted: TopicFilter, *, now: datetime) -> Select[Topic]:
    """Topics of published calls that fit, each with call and programme. Not ordered."""
    rows = (
        select(Topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Call.state == CallState.PUBLISHED)
        .options(contains_eager(Topic.call).contains_eager(Call.programme))
    )
    if wanted.programme:
        rows = rows.where(Programme.code == wanted.programme)
    if wanted.type_of_action:
        rows = rows.where(Topic.type_of_action == wanted.type_of_action)
    if wanted.text:
        rows = rows.where(_matches(wanted.text))
    by_status: dict[str, ColumnElement[bool]] = {
        "open": and_(Topic.opens_at <= now, Topic.deadline > now),
        "forthcoming": Topic.opens_at > now,
        "closed": Topic.deadline <= now,
        "current": Topic.deadline > now,
    }
    if wanted.status in by_status:
        rows = rows.where(by_status[wanted.status])
    return rows


def _matches(text: str) -> ColumnElement[bool]:
    """Words of the text in any form, or a part of the identifier."""
    query = func.websearch_to_tsquery("english", text)
    return or_(Topic.search.op("@@")(query), Topic.identifier.icontains(text, autoescape=True))


def programmes() -> Sequence[Programme]:
    """All programmes by code."""
    return db.session.scalars(select(Programme).order_by(Programme.code)).all()


def programme(code: str) -> Programme | None:
    """One programme."""
    return db.session.scalar(select(Programme).where(Programme.code == code))


def types_of_action() -> Sequence[str]:
    """Types of action that published topics offer, for the filter."""
    published = select(Topic.type_of_action).join(Topic.call).where(Call.state == CallState.PUBLISHED)
    return db.session.scalars(published.distinct().order_by(Topic.type_of_action)).all()


def call_page(actor: Actor, identifier: str) -> Call:
    """A call with programme and topics. Raises NotFound where the actor may not see it."""
    statement = (
        select(Call)
        .where(Call.identifier == identifier)
        .options(joinedload(Call.programme), selectinload(Call.topics))
    )
    call = db.session.scalar(statement)
    if call is None:
        raise NotFound
    may_see_call(actor, state=call.state, programme=call.programme.code).require()
    return call


def topic_page(actor: Actor, identifier: str) -> Topic:
    """A topic with all that its page shows. Raises NotFound where the actor may not see it."""
    topic = db.session.scalar(whole_topic().where(Topic.identifier == identifier))
    if topic is None:
        raise NotFound
    may_see_call(actor, state=topic.call.state, programme=topic.call.programme.code).require()
    return topic


def topic_for_work(actor: Actor, identifier: str) -> Topic:
    """A topic with call, programme and criteria only: two statements. Raises NotFound as ``topic_page``."""
    statement = select(Topic).options(joinedload(Topic.call).joinedload(Call.programme), selectinload(Topic.criteria))
    topic = db.session.scalar(statement.where(Topic.identifier == identifier))
    if topic is None:
        raise NotFound
    may_see_call(actor, state=topic.call.state, programme=topic.call.programme.code).require()
    return topic


def topic_alone(actor: Actor, identifier: str) -> Topic:
    """A topic with call and programme and nothing more: one statement. Raises NotFound as ``topic_page``."""
    statement = select(Topic).join(Topic.call).join(Call.programme).where(Topic.identifier == identifier)
    topic = db.session.scalar(statement.options(contains_eager(Topic.call).contains_eager(Call.programme)))
    if topic is None:
        raise NotFound
    may_see_call(actor, state=topic.call.state, programme=topic.call.programme.code).require()
    return topic


def topic_by_id(topic_id: int) -> Topic:
    """A topic that a lower page has the right to already."""
    return db.session.scalars(whole_topic().where(Topic.id == topic_id)).one()


def whole_topic() -> Select[Topic]:
    """Topics with call, programme, deadlines, criteria and cost categories."""
    return select(Topic).options(
        joinedload(Topic.call).joinedload(Call.programme),
        selectinload(Topic.deadlines),
        selectinload(Topic.criteria),
        selectinload(Topic.categories),
    )


def documents_of(call: Call) -> Sequence[Document]:
    """The call's documents as its pages list them."""
    return documents.documents_of(call.papers(), kind=facts.PAPER)


def part_b_templates(topic: Topic) -> Sequence[Document]:
    """The template of Part B that belongs to the topic as it stands; none while it is being made."""
    kept = documents.documents_of(topic.call.papers(), kind=PART_B_TEMPLATE)
    return [each for each in kept if each.part == str(topic.id)]


def document_of(call: Call, document_id: UUID) -> Document:
    """One of the documents that the pages of a call and its topics list. Raises NotFound."""
    listed = [*documents_of(call), *documents.documents_of(call.papers(), kind=PART_B_TEMPLATE)]
    found = next((each for each in listed if each.public_id == document_id), None)
    if found is None:
        raise NotFound
    return found


def may_see_documents(actor: Actor, call_id: int) -> Verdict:
    """As the call itself."""
    call = db.session.get_one(Call, call_id)
    return may_see_call(actor, state=call.state, programme=call.programme.code)


def versions_of(call_id: int) -> Sequence[CallVersion]:
    """Published versions, newest first."""
    return db.session.scalars(
        select(CallVersion).where(CallVersion.call_id == call_id).order_by(CallVersion.number.desc())
    ).all()


def questions_closing(call: Call) -> datetime | None:
    """The instant from which questions are not taken: the call's own, else its last deadline; None without topics."""
    return call.questions_until or max((topic.deadline for topic in call.topics), default=None)


def answered_questions(call_id: int) -> Select[CallQuestion]:
    """What is published, each with its topic. Nothing of who asked is loaded. Not ordered."""
    return (
        select(CallQuestion)
        .where(CallQuestion.call_id == call_id, CallQuestion.state == QuestionState.PUBLISHED)
        .options(joinedload(CallQuestion.topic), defer(CallQuestion.asked_by_id, raiseload=True))
    )


def own_questions(actor: Actor, call_id: int) -> Sequence[CallQuestion]:
    """What the actor asked about a call, newest first."""
    mine = (CallQuestion.call_id == call_id, CallQuestion.asked_by_id == actor.id)
    return db.session.scalars(select(CallQuestion).where(*mine).order_by(CallQuestion.id.desc()).limit(20)).all()


def asked_questions(call_id: int) -> Select[CallQuestion]:
    """All questions of a call for its managers. Not ordered."""
    return select(CallQuestion).where(CallQuestion.call_id == call_id).options(joinedload(CallQuestion.topic))


def question_of(call: Call, question_id: int) -> CallQuestion:
    """One question of a call. Raises NotFound."""
    found = db.session.get(CallQuestion, question_id)
    if found is None or found.call_id != call.id:
        raise NotFound
    return found


def invitations(topic_id: int) -> Sequence[TopicInvitation]:
    """Who is invited to a topic."""
    rows = select(TopicInvitation).where(TopicInvitation.topic_id == topic_id)
    return db.session.scalars(
        rows.options(joinedload(TopicInvitation.organisation)).order_by(TopicInvitation.id)
    ).all()


def is_invited(topic_id: int, *, email: str, organisation_ids: Sequence[int]) -> bool:
    """Whether a person is invited to a topic: by address, or through an organisation that they act for."""
    whose = or_(TopicInvitation.email == email.strip().lower(), TopicInvitation.organisation_id.in_(organisation_ids))
    statement = select(TopicInvitation.id).where(TopicInvitation.topic_id == topic_id, whose).limit(1)
    return bool(email) and db.session.scalar(statement) is not None


def managed_calls(actor: Actor, *, text: str = "") -> Select[Call]:
    """Calls of the actor's programmes, with programme. Not ordered."""
    rows = (
        select(Call)
        .join(Call.programme)
        .where(Programme.code.in_(actor.programmes) if actor.programmes else literal(False))
        .options(contains_eager(Call.programme), selectinload(Call.topics))
    )
    if text:
        rows = rows.where(
            Call.identifier.icontains(text, autoescape=True) | Call.title.icontains(text, autoescape=True)
        )
    return rows


def counts_by_phase(now: datetime) -> dict[str, int]:
    """How many published topics are open, forthcoming, closed: for the first page."""
    phase = phase_sql(now).label("phase")
    rows = (
        select(phase, func.count())
        .select_from(Topic)
        .join(Topic.call)
        .where(Call.state == CallState.PUBLISHED)
        .group_by(phase)
    )
    return {row.phase: row[1] for row in db.session.execute(rows)}
