"""Making, publishing and correcting calls. A published call changes only by a correction with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from enum import StrEnum
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from grants.accounts import queries as accounts
from grants.audit.services import record
from grants.calls import access, facts, rules
from grants.calls.models import Call, CallVersion, CostCategory, Criterion, Programme, Topic, TopicDeadline
from grants.calls.services.changing import TAKEN, begin_change, end_change, keep_version, last_version
from grants.calls.states import CALL, Blind, CallState, CostModel, DeadlineModel, Misfit, Naming
from grants.calls.templates.prefill import prefill
from grants.db import db, refresh_locked
from grants.documents.models import Document
from grants.documents.queries import documents_of
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding, blocking

#: Settings that are one of a few words.
_CHOSEN: Mapping[str, type[StrEnum]] = {"on_misfit": Misfit, "blind": Blind, "naming": Naming}
_SET_APART = frozenset({"opens_at", "deadline", "deadline_model", "cost_model", "cut_offs", "questions", *_CHOSEN})
CALL_FIELDS = frozenset({"identifier", "title", "summary", "contact", "zone", "budget", "questions_until"})


def create_programme(*, code: str, title: str, description: str, actor: Actor, now: datetime) -> Programme:
    """Make a programme. Raises Invalid when its code is taken."""
    access.may_create_programme(actor).require()
    programme = Programme(code=code, title=title, description=description)
    _add(programme, place="code")
    record(programme.ref(), "programme.created", actor=actor, now=now)
    return programme


def create_call(programme: Programme, *, values: Mapping[str, Any], actor: Actor, now: datetime) -> Call:
    """Make a draft call. Raises Invalid when its identifier is taken."""
    access.may_manage_call(actor, programme=programme.code).require()
    call = Call(programme=programme, created_at=now, **{name: values[name] for name in CALL_FIELDS})
    _add(call, place="identifier")
    record(call.ref(), "call.created", actor=actor, now=now)
    return call


def change_call(
    call: Call, *, values: Mapping[str, Any], seen: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Change a draft, or correct a published call (then ``reason`` is needed). Raises Stale, Invalid."""
    begin_change(call, seen=seen, reason=reason, actor=actor)
    for name in CALL_FIELDS - ({"identifier"} if call.state is CallState.PUBLISHED else set()):
        setattr(call, name, values[name])
    end_change(call, reason=reason, actor=actor, now=now)


def add_topic(call: Call, *, template: str, actor: Actor, now: datetime) -> Topic:
    """Add a topic that starts from a template of a type of action; its dates are to be set."""
    access.may_manage_call(actor, programme=call.programme.code).require()
    if call.state is not CallState.DRAFT:
        raise Invalid(Finding("published", "A topic is added before publication. Make a new call for it."))
    number = len(call.topics) + 1
    zone = ZoneInfo(call.zone)
    local = now.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    opens = rules.deadline_in(local, zone=zone)
    day = rules.add_months(local.date(), 3)
    deadline = rules.deadline_in(datetime.combine(day, time(17)), zone=zone)
    topic = Topic(
        call=call, identifier=f"{call.identifier}-{number:02d}", title=f"Topic {number}", opens_at=opens,
        deadline=deadline, first_deadline=deadline, deadlines=[TopicDeadline(at=deadline)],
        lottery_seed=token_hex(16),
    )  # fmt: skip
    prefill(topic, template)
    topic.template_content = facts.template_part(topic)
    _add(topic, place="identifier")
    record(topic.ref(), "topic.created", actor=actor, now=now, facts={"template": template})
    return topic


def change_topic(
    topic: Topic,
    *,
    values: Mapping[str, Any],
    criteria: list[dict[str, Any]],
    categories: list[dict[str, Any]],
    seen: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change a topic of a draft, or correct a published one. Raises Stale, and Invalid with findings by field.

    ``values["opens_at"]`` and ``values["deadline"]`` are local times of the call's zone.
    """
    call = topic.call
    closed = topic.deadline <= now
    access.may_change_topic(actor, programme=call.programme.code, state=call.state, closed=closed).require()
    begin_change(call, seen=seen, reason=reason, actor=actor)
    opens_at, deadline = _instants(values, ZoneInfo(call.zone))
    for name, value in values.items():
        if name not in _SET_APART:
            setattr(topic, name, value)
    for name in _CHOSEN.keys() & values.keys():
        setattr(topic, name, _CHOSEN[name](values[name]))
    if "questions" in values:
        topic.questions = rules.question_rows(values["questions"], topic.questions)
    topic.deadline_model, topic.cost_model = DeadlineModel(values["deadline_model"]), CostModel(values["cost_model"])
    topic.opens_at, topic.deadline = opens_at, deadline
    _set_deadlines(topic, _earlier(topic, values["cut_offs"], ZoneInfo(call.zone)))
    _replace_rows(topic.criteria, criteria, Criterion)
    _replace_rows(topic.categories, categories, CostCategory)
    if found := blocking(rules.topic_findings(facts.topic_facts(topic), now=now)):
        raise Invalid(found)
    end_change(call, reason=reason, actor=actor, now=now)


def _instants(values: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime]:
    found: list[Finding] = []
    instants: list[datetime] = []
    for name in ("opens_at", "deadline"):
        try:
            instants.append(rules.deadline_in(values[name], zone=zone))
        except ValueError as problem:
            found.append(Finding("no-such-time", str(problem).capitalize(), place=name))
    if not found and instants[0] >= instants[1]:
        found.append(Finding("opening-after-deadline", "The deadline must be after the opening.", place="deadline"))
    if found:
        raise Invalid(found)
    return instants[0], instants[1]


def _earlier(topic: Topic, lines: list[str], zone: ZoneInfo) -> list[datetime]:
    """The deadlines before the last: those that were typed, or the batches of a topic that is always open."""
    if topic.deadline_model is DeadlineModel.ALWAYS_OPEN:
        return rules.batches(topic.opens_at, topic.deadline, zone=zone, months=topic.batch_months or 3)
    found, instants = [], []
    for line in lines:
        try:
            instants.append(rules.deadline_in(datetime.fromisoformat(line), zone=zone))
        except ValueError:
            message = f"“{line}” is no date and time of the call's zone: write it as 2027-03-15 17:00."
            found.append(Finding("no-such-time", message, place="cut_offs"))
    outside = [each for each in instants if not topic.opens_at < each < topic.deadline]
    if outside:
        message = "Each earlier deadline lies between the opening and the last deadline."
        found.append(Finding("cut-off-outside", message, place="cut_offs"))
    if found:
        raise Invalid(found)
    return instants


def _set_deadlines(topic: Topic, earlier: list[datetime]) -> None:
    """``earlier`` and the last; rows that stay are kept."""
    known = {each.at: each for each in topic.deadlines}
    wanted = sorted({*earlier, topic.deadline})
    topic.deadlines, topic.first_deadline = [known.get(at) or TopicDeadline(at=at) for at in wanted], wanted[0]


def _replace_rows(rows: Any, wanted: list[dict[str, Any]], kind: type[Criterion] | type[CostCategory]) -> None:
    """Change rows by their code, so that what refers to them stays; remove and add the rest."""
    known = {row.code: row for row in rows}
    fresh = []
    for position, values in enumerate(wanted, 1):
        row = known.pop(values["code"], None) or kind()
        for name, value in {**values, "position": position}.items():
            setattr(row, name, value)
        fresh.append(row)
    rows[:] = fresh


def publish(call: Call, *, actor: Actor, now: datetime) -> CallVersion:
    """Make a call public as version 1. Raises Invalid with everything that is missing."""
    access.may_manage_call(actor, programme=call.programme.code).require()
    if found := blocking(rules.publication_findings(facts.call_facts(call), now=now)):
        raise Invalid(found)
    call.published_at = now
    CALL.go(call, "publish", actor=actor, now=now)
    return keep_version(call, reason="First publication", before={}, actor=actor, now=now)


def cancel(call: Call, *, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel a published call; its page stays and says so."""
    access.may_manage_call(actor, programme=call.programme.code).require()
    CALL.go(call, "cancel", actor=actor, now=now, reason=reason)


def attach_document(document: Document, *, now: datetime) -> None:
    """An accepted file is one of the call's documents, in the place of one of the same name; on a published call this
    is a correction with its version.

    Raises Refused where the call was cancelled, or the person lost the right to change it, while the file was on
    its way.
    """
    call = db.session.get_one(Call, int(document.owner_key))
    actor = accounts.actor_now(document.created_by_id or 0)
    if not actor.manages(call.programme.code):
        message = "Your right to change this call ended before the file was checked: it is not on its pages."
        raise Refused("not-manager", message)
    earlier = [
        each for each in documents_of(call.papers(), kind=facts.PAPER)
        if each.id != document.id and each.name == document.name
    ]  # fmt: skip
    for each in earlier:
        each.removed_at = now
    said = "replaced" if earlier else "added"
    _change_documents(call, reason=f"Document {said}: {document.name}", actor=actor, now=now)


def remove_document(call: Call, document: Document, *, actor: Actor, now: datetime) -> None:
    """Take a document from the call's pages; versions name what they were published with. Raises Refused."""
    access.may_change_documents(actor, programme=call.programme.code, state=call.state).require()
    document.removed_at = now
    _change_documents(call, reason=f"Document removed: {document.name}", actor=actor, now=now)


def _change_documents(call: Call, *, reason: str, actor: Actor, now: datetime) -> None:
    refresh_locked(call)
    access.may_change_documents(actor, programme=call.programme.code, state=call.state).require()
    db.session.flush()
    if call.state is CallState.PUBLISHED:
        CALL.go(call, "correct", actor=actor, now=now, reason=reason)
        keep_version(call, reason=reason, before=last_version(call).content, actor=actor, now=now)
    else:
        record(call.ref(), "call.changed", actor=actor, now=now, reason=reason)


def _add(thing: Programme | Call | Topic, *, place: str) -> None:
    db.session.add(thing)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        raise Invalid(Finding("identifier-taken", TAKEN, place=place)) from None


def whole_call(call_id: int) -> Call | None:
    """A call with everything that publication looks at."""
    inside = (selectinload(Topic.criteria), selectinload(Topic.categories), selectinload(Topic.deadlines))
    return db.session.scalar(
        select(Call).where(Call.id == call_id).options(selectinload(Call.topics).options(*inside))
    )
