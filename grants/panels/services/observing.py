"""Observers: named for a topic, sign a statement, read process data, write a report. Source: domain.md 8.1."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from grants.accounts.queries import account_by_email, managers_of
from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.panels import access, mails, rules
from grants.panels.models import Observer, ObserverReport
from grants.panels.queries import observing as queries
from grants.panels.states import OBSERVER, OBSERVER_REPORT, ObserverReportState, ObserverState

#: Characters of a report.
LONGEST = 50_000


def name_observer(topic: Topic, email: str, *, actor: Actor, now: datetime) -> Observer:
    """Let somebody with an account observe the topic.

    Raises NotFound for strangers, and Invalid where there is no such account, or the person has another part in it.
    """
    access.may_manage(actor, programme=topic.call.programme.code).require()
    account = account_by_email(email)
    if account is None or account.disabled_at is not None or account.confirmed_at is None:
        raise Invalid(Finding("no-account", "Nobody with this address has an account. They register first.", "email"))
    manages = account.id in {each.id for each in managers_of(topic.call.programme.code)}
    if manages or queries.takes_part(topic, account.id):
        words = "This person applies, evaluates or manages here: an observer has no other part in the topic."
        raise Invalid(Finding("takes-part", words, "email", source=rules.SOURCE))
    mine = (Observer.topic_id == topic.id, Observer.account_id == account.id)
    found = db.session.scalar(select(Observer).where(*mine).with_for_update())
    if found is None:
        found = Observer(
            topic=topic, account=account, named_at=now, named_by_id=actor.id or 0, state=ObserverState.NAMED
        )
        db.session.add(found)
        db.session.flush()
        told = {"topic": topic.identifier, "account": account.id}
        record(found.ref(), "observer.named", actor=actor, now=now, facts=told)
    elif found.state is ObserverState.REMOVED:
        found.signed_at, found.statement, found.named_at = None, "", now
        OBSERVER.go(found, "name_again", actor=actor, now=now, topic=topic.identifier)
        db.session.flush()
    else:
        raise Invalid(Finding("named-already", "This person observes the topic already.", "email"))
    mails.observer_named(found, topic, account, now=now)
    return found


def remove_observer(topic: Topic, observer_id: int, *, actor: Actor, now: datetime) -> None:
    """Nothing is shown to them any more; a report that is in stays. Raises NotFound, Refused."""
    access.may_manage(actor, programme=topic.call.programme.code).require()
    found = db.session.scalar(
        select(Observer).where(Observer.topic_id == topic.id, Observer.id == observer_id).with_for_update()
    )
    if found is None:
        raise NotFound
    OBSERVER.go(found, "remove", actor=actor, now=now, topic=topic.identifier)
    db.session.flush()


def sign(observer: Observer, *, agreed: bool, actor: Actor, now: datetime) -> None:
    """Sign the statement of confidentiality as it reads now. Raises NotFound, Refused, Invalid without the tick."""
    access.may_open_observation(actor, queries.access_of(observer)).require()
    if not agreed:
        raise Invalid(Finding("not-agreed", "Confirm that you keep the statement.", "agreed"))
    observer.signed_at, observer.statement = now, rules.CONFIDENTIALITY
    told = {"topic": observer.topic.identifier, "statement": rules.version_of(rules.CONFIDENTIALITY)}
    OBSERVER.go(observer, "sign", actor=actor, now=now, **told)
    db.session.flush()


def save_report(observer: Observer, text: str, *, seen: int, actor: Actor, now: datetime) -> ObserverReport:
    """Keep the report as typed. ``seen``: the version it was typed over, 0 for none.

    Raises Refused before the signature and once it is in, Stale, Invalid for too long a text. Observer locked.
    """
    access.may_observe(actor, queries.access_of(observer)).require()
    if len(text) > LONGEST:
        raise Invalid(Finding("long", f"Write at most {LONGEST} characters.", "text"))
    found = observer.report
    if found is None:
        found = ObserverReport(
            observer_id=observer.id, version=0, changed_at=now, state=ObserverReportState.DRAFT, text=""
        )
        db.session.add(found)
        observer.report = found
    else:
        refresh_locked(found)
    if found.state is ObserverReportState.SUBMITTED:
        raise Refused("submitted", "Your report is handed in.", status=409)
    if found.version != seen:
        raise Stale(current={"text": found.text}, yours={"text": text}, version=found.version)
    found.text, found.version, found.changed_at = text, found.version + 1, now
    db.session.flush()
    return found


def submit_report(observer: Observer, text: str, *, seen: int, actor: Actor, now: datetime) -> None:
    """Hand the report in: the managers read it, and it is locked. Raises as ``save_report``, and Invalid if empty."""
    found = save_report(observer, text, seen=seen, actor=actor, now=now)
    if not text.strip():
        raise Invalid(Finding("no-text", "Write your report.", "text"))
    found.submitted_at = now
    OBSERVER_REPORT.go(found, "submit", actor=actor, now=now, version=found.version)
    db.session.flush()
    mails.observer_reported(observer, managers_of(observer.topic.call.programme.code), now=now)
