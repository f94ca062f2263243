"""What every change of a call does before and after: the version it was based on, what is kept once published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from grants.audit.services import record
from grants.calls import access, facts, rules
from grants.calls.models import Call, CallVersion, FormVersion, Topic
from grants.calls.parta.checking import dependencies
from grants.calls.parta.definition import form_of
from grants.calls.states import CALL, CallState
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Stale
from grants.kernel.findings import Finding, blocking
from grants.queue import defer

TAKEN = "This identifier is in use already. Choose another one."


def begin_change(call: Call, *, seen: int, reason: str, actor: Actor) -> None:
    """Take hold of a call that is about to change, if it is as it was when its page was made.

    A published call needs ``reason``. Raises Stale, Invalid, Refused.
    """
    access.may_manage_call(actor, programme=call.programme.code).require()
    if call.state is CallState.PUBLISHED and not reason.strip():
        message = "Say what is corrected and why: it is published with the correction."
        raise Invalid(Finding("reason-needed", message, place="reason"))
    mine = (Call.id == call.id, Call.version == seen)
    moved = db.session.execute(
        update(Call).where(*mine).values(version=Call.version + 1).execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(current={}, yours={}, version=call.version)
    db.session.refresh(call, ["version"])


def end_change(call: Call, *, reason: str, actor: Actor, now: datetime) -> None:
    """Write what was changed; a published call gets a version that says what changed. Raises Invalid."""
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as problem:
        raise Invalid(_integrity_finding(problem)) from problem
    if call.state is not CallState.PUBLISHED:
        record(call.ref(), "call.changed", actor=actor, now=now)
        return
    if found := blocking(rules.publication_findings(facts.call_facts(call), now=now)):
        raise Invalid(found)
    before = last_version(call).content
    if rules.changes(before, facts.content(call)):
        CALL.go(call, "correct", actor=actor, now=now, reason=reason)
        keep_version(call, reason=reason, before=before, actor=actor, now=now)


def _integrity_finding(problem: IntegrityError) -> Finding:
    """The database's refusal in words: a taken identifier, or a criterion that scores refer to."""
    name = getattr(getattr(problem.orig, "diag", None), "constraint_name", "") or ""
    if "score" in name:
        message = "A criterion that was scored already cannot be removed."
        return Finding("criterion-in-use", message, place="criteria")
    return Finding("identifier-taken", TAKEN, place="identifier")


def last_version(call: Call) -> CallVersion:
    """The version of a published call that stands now."""
    last = select(CallVersion).where(CallVersion.call_id == call.id).order_by(CallVersion.number.desc()).limit(1)
    version = db.session.scalar(last)
    if version is None:
        raise LookupError(f"{call.identifier} is published without a version")
    return version


def keep_version(call: Call, *, reason: str, before: Mapping[str, Any], actor: Actor, now: datetime) -> CallVersion:
    """Keep what is published now, with what changed against ``before``."""
    after = facts.content(call)
    known = select(CallVersion.number).where(CallVersion.call_id == call.id).order_by(CallVersion.number.desc())
    number = (db.session.scalar(known.limit(1)) or 0) + 1
    changed = [change.as_json() for change in rules.changes(before, after)] if before else []
    version = CallVersion(
        call_id=call.id, number=number, published_at=now, published_by_id=actor.id, reason=reason, content=after,
        changes=changed,
    )  # fmt: skip
    db.session.add(version)
    for topic in call.topics:
        _keep_form(topic, now=now)
        defer("make_part_b_template", lock=f"part B of {topic.id}", topic_id=topic.id)
    db.session.flush()
    return version


def _keep_form(topic: Topic, *, now: datetime) -> None:
    """The form as drafts find it from now on, under a number of its own where it changed."""
    last = db.session.scalar(
        select(FormVersion).where(FormVersion.topic_id == topic.id).order_by(FormVersion.number.desc()).limit(1)
    )
    if last is not None and last.definition == topic.form:
        return
    topic.form_number = last.number + 1 if last is not None else topic.form_number
    uses = dependencies(form_of(topic.form))
    db.session.add(
        FormVersion(topic_id=topic.id, number=topic.form_number, definition=topic.form, uses=uses, kept_at=now)
    )
