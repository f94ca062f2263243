"""Reminders of drafts: windows by rule and property, and what is written on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grants.calls import services as calls
from grants.calls.models import TopicDeadline
from grants.calls.states import DeadlineModel
from grants.db import db
from grants.evaluation import queries as assignments
from grants.evaluation import services as evaluation
from grants.notifications.models import Letter
from grants.projects import queries as projects
from grants.proposals import queries, services
from grants.reminders.rules import DRAFT_OFFSETS, PROJECT_OFFSETS, Offset, due_around, due_before
from grants.reminders.services import write_due
from grants.reporting import queries as reporting
from grants.reporting import services as handing_in
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of
from tests.factories.people import actor_of, person
from tests.factories.projects import contact_of, file_for, running
from tests.factories.proposals import draft, submitted

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

    @pytest.mark.slow
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

        assert write_due(now=NOW + timedelta(days=7))["written"] == 0

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
        assert write_due(now=NOW)["written"] == 0


def around(now: datetime, since: datetime = LONG_AGO) -> int | None:
    found = due_around(PROJECT_OFFSETS, deadline=DEADLINE, now=now, since=since, zone=BRUSSELS)
    return None if found is None else found.offset.days


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(days=-30, seconds=-1), None),
        (timedelta(days=-30), 30),
        (timedelta(days=-7), 7),
        (timedelta(hours=-16), 0),
        (timedelta(seconds=-1), 0),
        (timedelta(0), None),
        (timedelta(days=7), -7),
        (timedelta(days=14) - timedelta(seconds=1), -7),
        (timedelta(days=14), None),
    ],
)
def test_what_is_overdue_is_told_once_and_nothing_stale_is_sent(after, days):
    assert around(DEADLINE + after) == days


@given(st.integers(-40 * 24, 40 * 24), st.integers(0, 40 * 24))
def test_no_reminder_belongs_to_an_instant_before_its_cause_or_to_the_future(hours, begun):
    now, since = DEADLINE + timedelta(hours=hours), DEADLINE - timedelta(hours=begun)
    found = due_around(PROJECT_OFFSETS, deadline=DEADLINE, now=now, since=since, zone=BRUSSELS)
    assert found is None or since <= found.at <= now


def kinds(kind: str) -> list[tuple[str, str]]:
    rows = select(Letter.address, Letter.subject).where(Letter.kind == kind).order_by(Letter.id)
    return [(row[0], row[1]) for row in db.session.execute(rows)]


@pytest.mark.usefixtures("app")
class TestEvaluatorsAndProjects:
    """On a real PostgreSQL."""

    @pytest.mark.slow
    def test_an_evaluator_is_reminded_until_the_report_is_handed_in(self):
        of = topic()
        _, manager = manager_of(of)
        one, other = accepted(of, expert(), expert(), manager=manager)
        first, second = assigned(submitted(of), one, other, manager=manager)
        handed_in(second)
        for hours in range(-10 * 24, 20 * 24, 5):
            write_due(now=first.due_at + timedelta(hours=hours))
            write_due(now=first.due_at + timedelta(hours=hours))
        found = kinds("reminder_evaluation")
        assert {address for address, _ in found} == {one.account.email}
        assert [subject.partition(":")[0] for _, subject in found] == ["Due soon"] * 3 + ["Overdue"]

    def test_an_expert_in_conflict_is_not_reminded(self):
        of = topic()
        _, manager = manager_of(of)
        (made,) = assigned(submitted(of), *accepted(of, expert(), manager=manager), manager=manager)
        who = expert_actor(made.expert.account)
        evaluation.declare_conflict(
            assignments.open_assignment(who, made.id, now=LATER), reason="A friend", actor=who, now=LATER
        )
        write_due(now=made.due_at - timedelta(days=1))
        assert kinds("reminder_evaluation") == []

    @pytest.mark.slow
    def test_deliverables_and_reports_are_reminded_and_managers_hear_of_what_is_overdue(self):
        of = topic()
        account, manager = manager_of(of)
        project = running(of, manager=manager)
        contact, _ = contact_of(project)
        due = datetime.combine(reporting.deliverables(project.id)[0].due_on, datetime.min.time(), UTC)
        for hours in range(-40 * 24, 30 * 24, 7):
            write_due(now=due + timedelta(hours=hours))
        assert kinds("reminder_project") == [
            (contact.email, f"{project.number} SAFEKIDS: Deliverable D1.1, Handbook is due 30 June 2027")
        ] * 3 + [
            (address, f"{project.number} SAFEKIDS: Deliverable D1.1, Handbook is overdue")
            for address in (contact.email, account.email)
        ]

    @pytest.mark.slow
    def test_what_was_returned_after_its_day_is_not_reminded_of_the_days_before(self):
        of = topic()
        _, manager = manager_of(of)
        project = running(of, manager=manager)
        _, who = contact_of(project)
        first = reporting.deliverables(project.id)[0]
        due = datetime.combine(first.due_on, datetime.min.time(), UTC)
        file_for(first, who)
        handing_in.hand_in(projects.open_project(who, project.number), first, actor=who, now=due)
        for days in range(12):
            write_due(now=due + timedelta(days=days))
        officer = projects.open_project(manager, project.number)
        handing_in.send_back(officer, first, reason="Short", actor=manager, now=due + timedelta(days=11, hours=1))
        for days in range(12, 30):
            write_due(now=due + timedelta(days=days))
        assert kinds("reminder_project") == []

    def test_a_moved_due_date_moves_its_reminders(self):
        of = topic()
        _, manager = manager_of(of)
        project = running(of, manager=manager)
        first = reporting.deliverables(project.id)[0]
        now = datetime.combine(first.due_on - timedelta(days=6), datetime.min.time(), UTC)
        first.due_on += timedelta(days=100)
        db.session.flush()
        write_due(now=now)
        assert kinds("reminder_project") == []


def test_a_correction_is_told_once_to_everybody_with_a_draft_and_to_nobody_else(app):
    of = topic(published=False)
    _, manager = manager_of(of)
    calls.publish(of.call, actor=manager, now=NOW - timedelta(days=3))
    contact, stranger = person(), person()
    draft(of, main_contact=contact)
    draft(topic(), main_contact=stranger)
    values = {name: getattr(of.call, name) for name in calls.CALL_FIELDS} | {"title": "A clearer title"}
    later = NOW + timedelta(minutes=5)
    calls.change_call(
        of.call, values=values, seen=of.call.version, reason="The title misled.", actor=manager, now=later
    )
    new = draft(of, main_contact=person())
    new.created_at = later + timedelta(minutes=1)  # knows the corrected call
    db.session.flush()

    for moment in (later, later + timedelta(minutes=1), later + timedelta(days=1)):
        write_due(now=moment)

    (letter,) = db.session.scalars(select(Letter).where(Letter.kind == "call_corrected"))
    assert letter.address == contact.email
    assert "The title misled." in letter.body
    assert "A clearer title" in letter.body


def test_a_draft_is_reminded_of_the_next_cut_off(app):
    of = topic(deadline=NOW + timedelta(days=200))
    of.deadline_model = DeadlineModel.CUT_OFFS
    of.first_deadline = NOW + timedelta(days=6)
    of.deadlines.insert(0, TopicDeadline(at=of.first_deadline))
    waiting = draft(of, main_contact=person())
    waiting.created_at = NOW - timedelta(days=40)
    db.session.flush()
    write_due(now=NOW)
    (letter,) = db.session.scalars(select(Letter).where(Letter.kind == "reminder_draft"))
    assert "7 days left" in letter.subject
