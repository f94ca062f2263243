"""Publishing, hiding and answering entries of the partner search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from grants.accounts import queries as accounts
from grants.audit.services import record
from grants.calls.models import Programme, Topic
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.kernel.links import Ref
from grants.organisations.models import Organisation
from grants.organisations.rules import fold
from grants.partners import access, mails, queries
from grants.partners.models import PartnerConversation, PartnerEntry, PartnerLetter, PartnerLimits, PartnerReport
from grants.partners.rules import Limits, entry_findings, over_limit
from grants.partners.states import ENTRY, EntryKind, EntryState


def publish(
    topic: Topic,
    *,
    kind: EntryKind,
    organisation: Organisation | None,
    country: str,
    title: str,
    text: str,
    keywords: Sequence[str],
    actor: Actor,
    now: datetime,
) -> PartnerEntry:
    """Publish an offer or a request until the topic's deadline. An organisation's country counts, not the given one.

    Raises Refused on a closed topic or for an organisation of others, Invalid for texts and over the day's limit.
    """
    access.may_publish(
        actor, organisation_id=organisation.id if organisation else None, closed=queries.is_closed(topic, now=now)
    ).require()
    limits, done = queries.limits_of(topic.call.programme_id), queries.done_today(actor, now=now)
    findings = entry_findings(title, text, keywords) + over_limit(done.entries, limits.entries, "entries")
    if organisation is None and not country:
        findings.append(Finding("no-country", "Choose the country that you work in.", place="country"))
    if findings:
        raise Invalid(findings)
    entry = PartnerEntry(
        topic=topic, kind=kind, state=ENTRY.initial, author_id=actor.id, title=title.strip(), text=text.strip(),
        organisation=organisation, country=organisation.country if organisation else country,
        keywords=list(keywords), published_at=now, folded=fold(" ".join((title, text, *keywords))),
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    facts = {"topic": topic.identifier, "organisation": organisation.pic if organisation else None}
    record(entry.ref(), "partner_entry.published", actor=actor, now=now, facts=facts)
    return entry


def withdraw(entry: PartnerEntry, *, actor: Actor, now: datetime) -> None:
    """Take one's entry back. One that a manager hid stays hidden, with its reason."""
    access.may_change(actor, author=entry.author_id, organisation_id=entry.organisation_id).require()
    refresh_locked(entry)
    if entry.state is EntryState.HIDDEN:
        raise Refused("hidden", "A programme manager has hidden this entry. Write to the contact of the call.")
    ENTRY.go(entry, "withdraw", actor=actor, now=now)


def publish_again(entry: PartnerEntry, *, actor: Actor, now: datetime) -> None:
    """Publish what was withdrawn, while the topic is not closed."""
    access.may_change(actor, author=entry.author_id, organisation_id=entry.organisation_id).require()
    access.may_publish(actor, organisation_id=None, closed=queries.is_closed(entry.topic, now=now)).require()
    refresh_locked(entry)
    ENTRY.go(entry, "publish", actor=actor, now=now)


def hide(entry: PartnerEntry, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take an entry from the public pages, with a reason that its author reads. Raises Invalid without one."""
    access.may_manage(actor, programme=entry.topic.call.programme.code).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why the entry is hidden; its author reads it.", place="reason"))
    refresh_locked(entry)
    ENTRY.go(entry, "hide", actor=actor, now=now, reason=reason.strip())
    entry.hidden_because = reason.strip()
    mails.hidden(entry, now=now)


def show(entry: PartnerEntry, *, actor: Actor, now: datetime) -> None:
    """Public again: the manager has thought better of it."""
    access.may_manage(actor, programme=entry.topic.call.programme.code).require()
    refresh_locked(entry)
    ENTRY.go(entry, "show", actor=actor, now=now)
    entry.hidden_because = ""


def contact(
    entry: PartnerEntry, *, text: str, shares_address: bool, actor: Actor, now: datetime
) -> PartnerConversation:
    """Write to the author of an entry; further letters go on with the same conversation.

    Raises Refused for one's own entry and after the deadline, Invalid without words and over the day's limit.
    """
    closed = queries.is_closed(entry.topic, now=now)
    access.may_contact(
        actor, author=entry.author_id, organisation_id=entry.organisation_id, state=entry.state, closed=closed
    ).require()
    if actor.id is None:
        raise NotFound
    known = queries.conversation_about(entry.id, actor.id)
    if known is None:
        known = PartnerConversation(public_id=uuid4(), entry=entry, asker_id=actor.id, begun_at=now)
        db.session.add(known)
        db.session.flush()
        facts = {"conversation": known.id}
        record(entry.ref(), "partner_entry.contacted", actor=actor, now=now, facts=facts)
    answer(known, text=text, shares_address=shares_address, actor=actor, now=now)
    return known


def answer(
    conversation: PartnerConversation, *, text: str, shares_address: bool, actor: Actor, now: datetime
) -> PartnerLetter:
    """One more letter, to the other of the two. Goes on after the deadline: people may be in the middle of it.

    Raises Invalid without words and over the day's limit.
    """
    entry = conversation.entry
    access.may_converse(actor, {conversation.asker_id, entry.author_id}).require()
    limits = queries.limits_of(entry.topic.call.programme_id)
    findings = over_limit(queries.done_today(actor, now=now).letters, limits.letters, "letters")
    if not text.strip():
        findings.append(Finding("no-text", "Write what you want to say.", place="text"))
    if findings:
        raise Invalid(findings)
    letter = PartnerLetter(
        conversation=conversation, author_id=actor.id, text=text.strip(), shares_address=shares_address, sent_at=now
    )
    db.session.add(letter)
    db.session.flush()
    other = accounts.account(entry.author_id if actor.id == conversation.asker_id else conversation.asker_id)
    if other is not None and other.disabled_at is None:
        mails.wrote(conversation, letter, to=other, by=actor.name, now=now)
    return letter


def report(entry: PartnerEntry, *, reason: str, actor: Actor, now: datetime) -> None:
    """Ask the programme's managers to look at an entry; doing it again is harmless. Raises Invalid, Refused."""
    closed = queries.is_closed(entry.topic, now=now)
    access.may_contact(
        actor, author=entry.author_id, organisation_id=entry.organisation_id, state=entry.state, closed=closed
    ).require()
    if actor.id is None or queries.has_reported(entry.id, actor.id):
        return
    programme = entry.topic.call.programme
    limits = queries.limits_of(programme.id)
    findings = over_limit(queries.done_today(actor, now=now).reports, limits.reports, "reports")
    if not reason.strip():
        findings.append(Finding("no-reason", "Say what is wrong with the entry.", place="reason"))
    if findings:
        raise Invalid(findings)
    made = PartnerReport(entry_id=entry.id, account_id=actor.id, reason=reason.strip(), at=now)
    db.session.add(made)
    db.session.flush()
    record(entry.ref(), "partner_entry.reported", actor=actor, now=now, reason=made.reason)
    mails.reported(entry, accounts.managers_of(programme.code), number=made.id, reason=made.reason, now=now)


def set_limits(programme: Programme, limits: Limits, *, actor: Actor, now: datetime) -> None:
    """Set how much one person may write a day in this programme."""
    access.may_manage(actor, programme=programme.code).require()
    if min(limits.entries, limits.letters, limits.reports) < 0:
        raise Invalid(Finding("negative", "A limit is 0 or more.", place="entries"))
    row = queries.limits_row(programme.id)
    if row is None:
        row = PartnerLimits(programme_id=programme.id)
        db.session.add(row)
    row.entries, row.letters, row.reports = limits.entries, limits.letters, limits.reports
    facts = {"entries": limits.entries, "letters": limits.letters, "reports": limits.reports}
    record(Ref("programme", programme.code), "partner_limits.changed", actor=actor, now=now, facts=facts)
