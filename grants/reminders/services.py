"""Finding what is due and writing it to the outbox; writing down the runs of the scheduler's jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from grants.db import db
from grants.notifications import letters
from grants.reminders import queries
from grants.reminders.models import JobRun
from grants.reminders.rules import DRAFT_OFFSETS, due_before, key

#: A little more than the longest offset, so that a change of summer time cannot hide the first one.
_HORIZON = timedelta(days=max(offset.days for offset in DRAFT_OFFSETS) + 1)


def write_due(*, now: datetime) -> dict[str, int]:
    """Put every reminder that is due and not yet written into the outbox; counts. Repeating writes nothing new."""
    written = looked_at = 0
    for found in queries.unsubmitted(now=now, within=_HORIZON):
        looked_at += 1
        proposal, topic = found.proposal, found.proposal.topic
        zone = ZoneInfo(topic.call.zone)
        due = due_before(DRAFT_OFFSETS, deadline=topic.deadline, now=now, since=proposal.created_at, zone=zone)
        if due is None:
            continue
        written += letters.write(
            "reminder_draft", key=key("draft", str(proposal.number), due.at, found.contact.id),
            address=found.contact.email, about=proposal.ref(), now=now, account_id=found.contact.id,
            name=found.contact.name, proposal=proposal, left=due.offset.words, draft=queries.is_draft(proposal),
            deadline=topic.deadline, zone=zone.key,
        )  # fmt: skip
    return {"drafts": looked_at, "written": written}


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
