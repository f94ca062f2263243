"""Reminders of the yearly declaration of interests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.db import db
from grants.experts import services
from grants.experts.rules import months_after
from grants.notifications.models import Letter
from grants.reminders.services import write_due
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, expert, expert_actor, manager_of

ENDS = months_after(NOW, 12)
MINUTE = timedelta(minutes=1)


def declared(*, now=NOW):
    found = expert()
    services.declare_interests(found, [], declared=True, actor=expert_actor(found.account), now=now)
    return found


def letters():
    found = db.session.scalars(select(Letter).where(Letter.kind == "reminder_declaration").order_by(Letter.id))
    return [each.subject for each in found]


@pytest.mark.slow
def test_an_expert_is_reminded_a_month_and_a_week_before_and_when_it_has_ended_once_each(app):
    declared()
    for days in (31, 30, 29, 8, 7, 1, 0, -1, -6):
        for moment in (ENDS - timedelta(days=days), ENDS - timedelta(days=days) + MINUTE):
            write_due(now=moment)
    assert len(letters()) == 3
    assert letters()[-1] == "Your declaration of interests has ended"


@pytest.mark.parametrize(("days", "count"), [(31, 0), (30, 1), (0, 1), (-6, 1), (-8, 0)])
def test_a_scheduler_that_was_away_sends_the_last_one_and_nothing_stale(app, days, count):
    declared()
    write_due(now=ENDS - timedelta(days=days))
    assert len(letters()) == count


def test_who_declares_again_or_never_did_or_left_is_not_reminded(app):
    renewed, left = declared(), declared()
    expert()
    services.declare_interests(
        renewed, [], declared=True, actor=expert_actor(renewed.account), now=ENDS - timedelta(days=40)
    )
    left.account.disabled_at = NOW
    db.session.flush()
    write_due(now=ENDS - timedelta(days=7))
    assert letters() == []


def test_a_topic_that_wants_a_fresher_declaration_reminds_earlier(app):
    of = topic()
    of.declaration_months = 6
    accepted(of, expert(), manager=manager_of(of)[1])
    db.session.flush()
    write_due(now=months_after(NOW, 6) - timedelta(days=7))
    assert len(letters()) == 1
