"""Reminders of drafts: windows by rule and property, and what is written on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grants.db import db
from grants.notifications.models import Letter
from grants.proposals import queries, services
from grants.reminders.rules import DRAFT_OFFSETS, Offset, due_before
from grants.reminders.services import write_due
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, person
from tests.factories.proposals import draft

BRUSSELS = ZoneInfo("Europe/Brussels")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 1, 16, tzinfo=UTC)


def due(now: datetime, since: datetime = LONG_AGO) -> str | None:
    found = due_before(DRAFT_OFFSETS, deadline=DEADLINE, now=now, since=since, zone=BRUSSELS)
    return found and found.offset.words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(days=14, seconds=1), None),
        (timedelta(days=14), "14 days"),
        (timedelta(days=7, seconds=1), "14 days"),
        (timedelta(days=7), "7 days"),
        (timedelta(days=2), "3 days"),
        (timedelta(hours=4), "1 day"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(seconds=1), "3 hours"),
        (timedelta(0), None),
    ],
)
def test_the_last_reminder_whose_instant_has_come_is_due_until_the_next(before, words):
    assert due(DEADLINE - before) == words


def test_a_draft_that_was_made_after_the_instant_is_not_reminded_of_it():
    assert due(DEADLINE - timedelta(days=5), since=DEADLINE - timedelta(days=6)) is None


def test_a_day_keeps_its_hour_over_the_change_of_summer_time():
    deadline = datetime(2026, 10, 26, 16, tzinfo=UTC)  # 17:00 in winter; the clocks changed on the 25th
    assert Offset(3).before(deadline, BRUSSELS) == datetime(2026, 10, 23, 15, tzinfo=UTC)


@given(st.integers(0, 30 * 24 * 60), st.integers(1, 12 * 60))
def test_a_scheduler_that_missed_hours_sends_at_most_the_newest(minutes, missed):
    first = due_before(
        DRAFT_OFFSETS, deadline=DEADLINE, now=DEADLINE - timedelta(minutes=minutes), since=LONG_AGO, zone=BRUSSELS
    )
    later = due_before(
        DRAFT_OFFSETS,
        deadline=DEADLINE,
        now=DEADLINE - timedelta(minutes=minutes - missed),
        since=LONG_AGO,
        zone=BRUSSELS,
    )
    assert first is None or later is None or first.at <= later.at


def subjects() -> list[str]:
    rows = select(Letter.subject).where(Letter.kind == "reminder_draft").order_by(Letter.id)
    return [subject.partition(": ")[2] for subject in db.session.scalars(rows)]


@pytest.mark.usefixtures("app")
class TestWriting:
    """On a real PostgreSQL."""

    def test_two_schedulers_and_many_ticks_write_each_reminder_once(self):
        draft(topic(deadline=NOW + timedelta(days=20)))

        for hours in range(0, 21 * 24, 5):
            write_due(now=NOW + timedelta(hours=hours))
            write_due(now=NOW + timedelta(hours=hours))

        lefts = ("14 days", "7 days", "3 days", "1 day")  # ticks of five hours step over the last one
        assert subjects() == [f"{left} left, not submitted" for left in lefts]

    def test_what_is_submitted_and_unchanged_is_left_alone_and_a_change_is_told(self):
        contact = person()
        proposal = draft(topic(deadline=NOW + timedelta(days=20)), main_contact=contact)
        opened = queries.open_proposal(actor_of(contact), proposal.number, now=NOW)
        services.submit_proposal(opened, actor=actor_of(contact), now=NOW, key=uuid4())
        db.session.commit()
        db.session.expire_all()

        assert write_due(now=NOW + timedelta(days=7)) == {"drafts": 0, "written": 0}

        services.save_general(
            opened, {"title": "New"}, seen=proposal.version, actor=actor_of(contact), now=NOW + timedelta(days=8)
        )
        write_due(now=NOW + timedelta(days=8))
        assert subjects() == ["14 days left, changes not submitted"]

    def test_an_extension_of_the_deadline_moves_its_reminders(self):
        proposal = draft(topic(deadline=NOW + timedelta(days=13)))
        write_due(now=NOW)
        proposal.topic.deadline = NOW + timedelta(days=40)
        db.session.flush()
        assert write_due(now=NOW) == {"drafts": 0, "written": 0}
