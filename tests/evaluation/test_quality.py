"""What stands out in a report, by rules; and everybody who is late is reminded at once, once a day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from grants.calls.rules import CriterionFacts
from grants.db import db
from grants.evaluation import services
from grants.evaluation.quality import Limits, notes
from grants.evaluation.rules import Judgement
from grants.kernel.errors import NotFound, Refused
from grants.notifications.models import Letter
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, assigned, expert, handed_in, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

D = Decimal
CRITERIA = (
    CriterionFacts("e", "Excellence", D(5), D("0.5")), CriterionFacts("i", "Impact", D(5), D("0.5")),
)  # fmt: skip
LONG = "The objectives are clear and pertinent, and the approach goes well beyond what is known. " * 2
OTHER = "Whom the results reach is said for each group, with figures that can be checked after the project. " * 2


def said(*judged: Judgement, others=None, limits=None) -> list[tuple[str, str]]:
    return [
        (each.code, each.criterion)
        for each in notes(judged, CRITERIA, others=others or {}, limits=limits or Limits())
    ]


@pytest.mark.parametrize(
    ("judged", "found"),
    [
        pytest.param(Judgement("e", D(4), LONG), [], id="sound"),
        pytest.param(Judgement("e", D(4), "Good."), [("short", "Excellence")], id="short"),
        pytest.param(Judgement("e", D(5), "Fine.", LONG), [("odds", "Excellence")], id="high and weak"),
        pytest.param(Judgement("e", D(1), LONG), [("odds", "Excellence")], id="low without a weakness"),
        pytest.param(Judgement("e", D(1), LONG, "No baseline."), [], id="low with one"),
        pytest.param(Judgement("e", None, ""), [], id="not scored yet"),
    ],
)
def test_short_texts_and_texts_at_odds_with_their_score_stand_out(judged, found):
    assert said(judged) == found


def test_copies_are_found_within_a_report_and_between_reports_each_once():
    same = LONG.replace("clear", "Clear ")
    assert said(Judgement("e", D(4), LONG), Judgement("i", D(4), same)) == [("copied", "Impact")]
    assert said(Judgement("e", D(4), LONG), Judgement("i", D(4), OTHER)) == []
    assert said(Judgement("e", D(4), LONG), others={"e": [OTHER, same]}) == [("copied", "Excellence")]


def test_limits_are_the_call_s():
    assert said(Judgement("e", D(4), "Good."), limits=Limits(short=3)) == []


@once
def scene(app):
    """Three experts on one proposal; one has handed in, the due day has passed."""
    of = topic()
    account, manager = manager_of(of)
    made = assigned(submitted(of), *accepted(of, expert(), expert(), expert(), manager=manager), manager=manager)
    handed_in(made[0])
    db.session.commit()
    return of, manager, account, made


def reminders() -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == "report_late").order_by(Letter.id)))


def test_everybody_who_is_late_gets_one_letter_a_day(scene):
    of, manager, _, made = scene
    overdue = made[0].due_at + timedelta(days=1)

    assert services.remind_late(of, count=2, actor=manager, now=overdue) == 2
    assert services.remind_late(of, count=2, actor=manager, now=overdue + timedelta(hours=1)) == 0
    assert services.remind_late(of, count=2, actor=manager, now=overdue + timedelta(days=1)) == 2

    assert [each.account_id for each in reminders()] == [each.expert.account_id for each in made[1:]] * 2
    assert all(made[0].expert.account.name not in each.body for each in reminders())


def test_nobody_is_reminded_of_what_was_not_seen_or_by_somebody_else(scene):
    of, manager, _, made = scene
    overdue = made[0].due_at + timedelta(days=1)
    with pytest.raises(Refused) as refused:
        services.remind_late(of, count=3, actor=manager, now=overdue)
    assert refused.value.code == "count"
    _, stranger = manager_of(topic())
    with pytest.raises(NotFound):
        services.remind_late(of, count=2, actor=stranger, now=overdue)
    assert reminders() == []


def test_the_pages_show_what_stands_out_and_the_late_ones_first(scene, client, clock, app):
    of, _, account, made = scene
    clock.instant = made[0].due_at + timedelta(days=1)
    browser = signed_in(client, account, now=clock.instant - timedelta(minutes=1))
    app.config["WTF_CSRF_ENABLED"] = False
    board = f"/manage/topics/{of.identifier}/evaluation"
    assert "Remind 2 experts who are late" in browser.get(board).text
    assert browser.post(f"{board}/remind", data={"count": "2"}).status_code == 302
    assert len(reminders()) == 2
    page = browser.get(f"/manage/proposals/{made[0].proposal.number}/evaluation").text
    assert "characters of reasons" in page


def test_the_topic_sets_from_where_officers_look(scene, client, clock):
    of, _, account, made = scene
    clock.instant = made[0].due_at
    browser = signed_in(client, account, now=made[0].due_at)
    address = f"/manage/proposals/{made[0].proposal.number}/evaluation"
    assert "characters of reasons" in browser.get(address).text
    of.quality_short = 0
    db.session.commit()
    assert "characters of reasons" not in browser.get(address).text
