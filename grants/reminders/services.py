"""Finding what is due and writing it to the outbox; writing down the runs of the scheduler's jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from grants.accounts.queries import managers_of
from grants.db import db
from grants.experts.rules import months_after
from grants.notifications import letters
from grants.reminders import queries
from grants.reminders.models import JobRun
from grants.reminders.rules import (
    CLOCK_OFFSETS,
    DECLARATION_OFFSETS,
    DRAFT_OFFSETS,
    EVALUATION_OFFSETS,
    LATE_WINDOW,
    PROJECT_OFFSETS,
    due_around,
    due_before,
    end_of,
    key,
)
from grants.reporting.services import handing_in

#: A little more than the longest offset, so that a change of summer time cannot hide the first one.
#: A correction is told within this time, also by a scheduler that was away.
_CORRECTIONS = timedelta(days=2)
_HORIZON = timedelta(days=max(offset.days for offset in DRAFT_OFFSETS) + 1)
#: The same for what may be reminded of after its day.
_EARLIEST = timedelta(days=max(offset.days for offset in (*EVALUATION_OFFSETS, *PROJECT_OFFSETS)) + 1)
_LATEST = LATE_WINDOW + timedelta(days=1 - min(offset.days for offset in (*EVALUATION_OFFSETS, *PROJECT_OFFSETS)))


def write_due(*, now: datetime) -> dict[str, int]:
    """Put every reminder that is due and not yet written into the outbox; counts. Repeating writes nothing new."""
    drafts, of_drafts = _drafts(now)
    reports, of_reports = _evaluations(now)
    things, of_things = _projects(now)
    changes, of_changes = _corrections(now)
    clocks, of_clocks = _clocks(now)
    interests, of_interests = _declarations(now)
    return {
        "drafts": drafts, "evaluations": reports, "projects": things, "corrections": changes, "clocks": clocks,
        "declarations": interests,
        "written": of_drafts + of_reports + of_things + of_changes + of_clocks + of_interests,
    }  # fmt: skip


def _corrections(now: datetime) -> tuple[int, int]:
    """Corrections of calls, told to everybody with a draft: looked at, written. What is older than the window was
    told when it was new, or is no news any more."""
    found = queries.corrections(since=now - _CORRECTIONS, now=now)
    written = 0
    for each in found:
        written += letters.write(
            "call_corrected", key=f"correction:{each.version.id}:{each.number}:{each.account.id}",
            address=each.account.email, about=each.call.ref(), now=now, account_id=each.account.id,
            name=each.account.name, call=each.call, version=each.version, number=each.number, acronym=each.acronym,
        )  # fmt: skip
    return len(found), written


def _drafts(now: datetime) -> tuple[int, int]:
    """Drafts that are not submitted: looked at, written."""
    written = looked_at = 0
    for found in queries.unsubmitted(now=now, within=_HORIZON):
        looked_at += 1
        proposal, topic = found.proposal, found.proposal.topic
        zone = ZoneInfo(topic.call.zone)
        due = due_before(DRAFT_OFFSETS, deadline=found.deadline, now=now, since=proposal.created_at, zone=zone)
        if due is None:
            continue
        written += letters.write(
            "reminder_draft", key=key("draft", str(proposal.number), due.at, found.contact.id),
            address=found.contact.email, about=proposal.ref(), now=now, account_id=found.contact.id,
            name=found.contact.name, proposal=proposal, left=due.offset.words, draft=queries.is_draft(proposal),
            deadline=found.deadline, zone=zone.key,
        )  # fmt: skip
    return looked_at, written


def _evaluations(now: datetime) -> tuple[int, int]:
    """Individual evaluation reports that are not handed in: looked at, written."""
    found = queries.unreported(since=now - _LATEST, until=now + _EARLIEST)
    written = 0
    for assignment in found:
        account, topic = assignment.expert.account, assignment.proposal.topic
        zone = ZoneInfo(topic.call.zone)
        due = due_around(
            EVALUATION_OFFSETS, deadline=assignment.due_at, now=now, since=assignment.created_at, zone=zone
        )
        if due is None:
            continue
        written += letters.write(
            "reminder_evaluation", key=key("evaluation", str(assignment.id), due.at, account.id),
            address=account.email, about=assignment.ref(), now=now, account_id=account.id, name=account.name,
            assignment=assignment, topic=topic, zone=zone.key, late=now >= assignment.due_at,
        )  # fmt: skip
    return len(found), written


def _projects(now: datetime) -> tuple[int, int]:
    """Deliverables and periodic reports that are not handed in: looked at, written."""
    today = now.date()
    found = queries.not_handed_in(first=today - _LATEST, last=today + _EARLIEST)
    written = 0
    for each in found:
        topic = each.project.proposal.topic
        zone = ZoneInfo(topic.call.zone)
        deadline = end_of(each.thing.due_on or today, zone)
        begun = _since(each)
        due = due_around(PROJECT_OFFSETS, deadline=deadline, now=now, since=begun, zone=zone)
        if due is None:
            continue
        late = now >= deadline
        people = [each.contact, *(managers_of(topic.call.programme.code) if late else ())]
        for person in people:
            written += letters.write(
                "reminder_project", key=key("project", str(each.thing.ref()), due.at, person.id),
                address=person.email, about=each.project.ref(), now=now, account_id=person.id, name=person.name,
                project=each.project, thing=handing_in.name(each.thing), due_on=each.thing.due_on, late=late,
            )  # fmt: skip
    return len(found), written


def _clocks(now: datetime) -> tuple[int, int]:
    """Clocks of topics that run out, told to the managers: looked at, written."""
    found = queries.running_clocks(now=now, within=timedelta(days=max(each.days for each in CLOCK_OFFSETS) + 2))
    written = 0
    for each in found:
        topic = each.topic
        due = due_before(
            CLOCK_OFFSETS, deadline=each.clock.ends_at, now=now, since=topic.deadline, zone=each.clock.zone
        )
        if due is None:
            continue
        for person in managers_of(topic.call.programme.code):
            written += letters.write(
                "reminder_clock", key=key(f"clock-{each.kind}", topic.identifier, due.at, person.id),
                address=person.email, about=topic.ref(), now=now, account_id=person.id, name=person.name,
                topic=topic, what=each.what, due_on=each.clock.due_on, open=each.to_sign,
            )  # fmt: skip
    return len(found), written


def _declarations(now: datetime) -> tuple[int, int]:
    """Declarations of interests that end, told to their experts: looked at, written."""
    longest = timedelta(days=max(each.days for each in DECLARATION_OFFSETS) + 1)
    found = queries.ending_declarations(since=now - LATE_WINDOW - timedelta(days=1), until=now + longest)
    written = 0
    for each in found:
        account, declared = each.expert.account, each.expert.declared_at or now
        ends = months_after(declared, each.months)
        due = due_around(DECLARATION_OFFSETS, deadline=ends, now=now, since=declared, zone=ZoneInfo("UTC"))
        if due is None:
            continue
        written += letters.write(
            "reminder_declaration", key=key("declaration", str(each.expert.id), due.at, account.id),
            address=account.email, about=each.expert.ref(), now=now, account_id=account.id, name=account.name,
            ends=ends.date(), late=now >= ends,
        )  # fmt: skip
    return len(found), written


def _since(each: queries.DueThing) -> datetime:
    """When it began to be the coordinator's turn: the agreement, or the officer's answer to what was handed in."""
    agreed = each.project.coordinator_confirmed_at, each.project.funder_confirmed_at, each.thing.answered_at
    return max(instant for instant in agreed if instant is not None)


def record_run(
    name: str, *, started_at: datetime, ended_at: datetime, every: int, counts: dict[str, Any], error: str, host: str
) -> None:
    """Keep the last run of a job. ``every``: seconds until the next one."""
    values = {
        "started_at": started_at, "ended_at": ended_at, "next_at": started_at + timedelta(seconds=every),
        "counts": counts, "error": error, "host": host,
    }  # fmt: skip
    statement = insert(JobRun).values(name=name, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
