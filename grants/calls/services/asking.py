"""Questions about calls, and who is invited to a topic. An answer is for all; the asker is named to nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from grants.audit.services import record
from grants.calls import access, mails, queries
from grants.calls.models import Call, CallQuestion, Topic, TopicInvitation
from grants.calls.states import QUESTION
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding
from grants.organisations.models import Organisation

#: Questions that one person may ask about one call in a day.
A_DAY = 20
LONGEST = 4000  # characters


def ask(call: Call, text: str, *, topic: Topic | None, actor: Actor, now: datetime) -> CallQuestion:
    """Ask about a call. Raises Refused after the closing date for questions, Invalid."""
    closing = queries.questions_closing(call)
    access.may_ask(actor, state=call.state, until=closing, now=now).require()
    if not text.strip():
        raise Invalid(Finding("no-question", "Write your question.", place="text"))
    if len(text) > LONGEST:
        message = f"The question has {len(text):,} characters; {LONGEST:,} are allowed."
        raise Invalid(Finding("too-long", message, place="text"))
    mine = (CallQuestion.call_id == call.id, CallQuestion.asked_by_id == actor.id)
    today = select(func.count()).where(*mine, CallQuestion.asked_at > now - timedelta(days=1))
    if (db.session.scalar(today) or 0) >= A_DAY:
        raise Refused("too-many", "You asked many questions today. Ask the next one tomorrow.", status=409)
    question = CallQuestion(
        call_id=call.id, topic_id=topic.id if topic else None, text=text.strip(), asked_at=now, asked_by_id=actor.id
    )
    db.session.add(question)
    db.session.flush()
    record(question.ref(), "call_question.asked", actor=actor, now=now, facts={"call": call.identifier})
    return question


def answer(question: CallQuestion, *, text: str, answer: str, publish: bool, actor: Actor, now: datetime) -> None:
    """Answer for all, or decline; the asker gets a letter either way. ``text``: the question as it is published, from
    which a manager takes what would name somebody. A published answer may be corrected. Raises Invalid."""
    call = question.call
    access.may_manage_call(actor, programme=call.programme.code).require()
    if not answer.strip():
        raise Invalid(Finding("no-answer", "Write the answer, or why there is none.", place="answer"))
    refresh_locked(question)
    question.text, question.answer = text.strip() or question.text, answer.strip()
    question.answered_at, question.answered_by_id = now, actor.id
    published = question.state.value == "published"
    action = "correct" if published else "publish" if publish else "decline"
    QUESTION.go(question, action, actor=actor, now=now)
    mails.answered(question, now=now)


def invite(
    topic: Topic, *, organisation: Organisation | None, email: str, actor: Actor, now: datetime
) -> TopicInvitation:
    """Let an organisation, or a person by address, apply by invitation. Raises Invalid for a second one."""
    access.may_manage_call(actor, programme=topic.call.programme.code).require()
    made = TopicInvitation(
        topic_id=topic.id, organisation_id=organisation.id if organisation else None,
        email="" if organisation else email.strip().lower(), invited_at=now, invited_by_id=actor.id,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        raise Invalid(Finding("invited-already", "This invitation is there already.", place="who")) from None
    name = organisation.legal_name if organisation else made.email
    record(topic.ref(), "topic.invited", actor=actor, now=now, facts={"who": name})
    mails.invited(made, topic, now=now)
    return made


def uninvite(topic: Topic, invitation: TopicInvitation, *, actor: Actor, now: datetime) -> None:
    """Take an invitation back; drafts that were begun with it stay."""
    access.may_manage_call(actor, programme=topic.call.programme.code).require()
    name = invitation.organisation.legal_name if invitation.organisation else invitation.email
    record(topic.ref(), "topic.uninvited", actor=actor, now=now, facts={"who": name})
    db.session.delete(invitation)
    db.session.flush()
