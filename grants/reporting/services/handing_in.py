"""Deliverables and periodic reports: uploaded, submitted, accepted or returned with reasons."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.kernel.states import Machine
from grants.projects import access, mails
from grants.projects.models import Project
from grants.projects.queries import Opened
from grants.reporting import queries
from grants.reporting.models import Deliverable, ReportingPeriod
from grants.reporting.queries import Due
from grants.reporting.rules import text_version
from grants.reporting.states import DELIVERABLE, PERIODIC_REPORT, DueState


def attach(document: Document, *, now: datetime) -> None:
    """An accepted file becomes that of its deliverable or report. Raises Refused where it is handed in already."""
    del now
    number, _, part = document.owner_key.partition("/")
    project = db.session.scalars(select(Project).where(Project.number == int(number))).one()
    thing: Due | None
    if document.owner_kind == "deliverable":
        thing = db.session.scalar(
            select(Deliverable).where(Deliverable.project_id == project.id, Deliverable.number == part)
        )
    else:
        thing = db.session.scalar(
            select(ReportingPeriod).where(
                ReportingPeriod.project_id == project.id, ReportingPeriod.number == int(part)
            )
        )
    if thing is None:
        raise Refused("gone", "This is not part of the project any more.")
    refresh_locked(thing)
    if thing.state is not DueState.PENDING:
        raise Refused("handed-in", "This was handed in before the file was checked: the file does not count.")
    thing.document_id = document.id
    db.session.flush()


def save_summary(
    opened: Opened, period: ReportingPeriod, text: str, *, actor: Actor, now: datetime, seen: int | None = None
) -> int:
    """Keep the summary of a periodic report as typed; the version of the new text.

    Raises Refused, and Stale where the saved text is another than the one of version ``seen`` (None: any).
    """
    del now
    access.may_report(actor, opened.access).require()
    refresh_locked(period)
    if period.state is not DueState.PENDING:
        raise Refused("handed-in", "This report is handed in.", status=409)
    text, version = text.replace("\r\n", "\n"), text_version(period.summary)
    if seen is not None and seen != version and text != period.summary:
        raise Stale(current={"summary": period.summary}, yours={"summary": text}, version=version)
    period.summary = text
    db.session.flush()
    return text_version(text)


def hand_in(opened: Opened, thing: Due, *, actor: Actor, now: datetime) -> None:
    """Submit a deliverable or a report to the officers. Raises Refused, and Invalid without file or summary."""
    access.may_report(actor, opened.access).require()
    refresh_locked(thing)
    found = []
    if thing.document_id is None:
        found.append(Finding("no-file", f"{name(thing)}: upload the file first.", place="file"))
    if isinstance(thing, ReportingPeriod) and not thing.summary.strip():
        found.append(Finding("no-summary", "Write a summary for the public first.", place="summary"))
    if found:
        raise Invalid(found)
    thing.submitted_at, thing.answer, thing.answered_at = now, "", None
    _machine(thing).go(thing, "submit", actor=actor, now=now, document=str(thing.document_id))
    db.session.flush()
    mails.to_officers("due_submitted", opened.project, now=now, thing=name(thing), late=_late(opened, thing, now))


def accept(opened: Opened, thing: Due, *, actor: Actor, now: datetime) -> None:
    """The officer accepts what was handed in. Raises Refused."""
    access.may_judge(actor, opened.access).require()
    refresh_locked(thing)
    thing.answered_at, thing.answer = now, ""
    _machine(thing).go(thing, "accept", actor=actor, now=now)
    db.session.flush()
    mails.to_coordinator("due_accepted", opened.project, now=now, thing=name(thing))


def send_back(opened: Opened, thing: Due, *, reason: str, actor: Actor, now: datetime) -> None:
    """The officer returns what was handed in, with reasons. Raises Refused, Invalid without a reason."""
    access.may_judge(actor, opened.access).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say what should change: the coordinator reads it.", place="reason"))
    refresh_locked(thing)
    thing.submitted_at, thing.answered_at, thing.answer = None, now, reason.strip()
    _machine(thing).go(thing, "return", actor=actor, now=now, reason=reason.strip())
    db.session.flush()
    mails.to_coordinator("due_returned", opened.project, now=now, thing=name(thing), reason=reason.strip())


def reach(opened: Opened, milestone_id: int, *, day: date | None, actor: Actor, now: datetime) -> None:
    """Note the day on which a milestone was reached, or take it back with None. Raises Refused, Invalid."""
    access.may_report(actor, opened.access).require()
    milestone = next((each for each in queries.milestones(opened.project.id) if each.id == milestone_id), None)
    if milestone is None:
        raise NotFound
    if day is not None and day > now.astimezone(ZoneInfo(opened.project.proposal.topic.call.zone)).date():
        raise Invalid(Finding("future", "A milestone is reached on a day that has come.", place="reached_on"))
    milestone.reached_on = day
    db.session.flush()
    facts = {"milestone": milestone.number, "day": str(day or "")}
    record(opened.project.ref(), "milestone.reached", actor=actor, now=now, facts=facts)


def _machine(thing: Due) -> Machine[DueState]:
    return DELIVERABLE if isinstance(thing, Deliverable) else PERIODIC_REPORT


def name(thing: Due) -> str:
    """How letters and pages call it."""
    if isinstance(thing, Deliverable):
        return f"Deliverable {thing.number}, {thing.title}"
    return f"Periodic report {thing.number}"


def _late(opened: Opened, thing: Due, now: datetime) -> bool:
    zone = ZoneInfo(opened.project.proposal.topic.call.zone)
    return thing.due_on is not None and thing.due_on < now.astimezone(zone).date()
