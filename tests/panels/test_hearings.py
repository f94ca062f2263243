"""Hearings: questions in writing with a limit and a deadline, interviews that never overlap, what applicants see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grants.calls.states import Blind, Naming
from grants.db import db
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.panels.models import Hearing
from grants.panels.queries import hearings as queries
from grants.panels.services import hearings as services
from grants.panels.services.hearings import Wanted
from grants.panels.states import HearingKind, HearingState
from tests.factories.calls import topic
from tests.factories.evaluation import accepted, evaluated, expert, manager_of
from tests.factories.panels import SITS, asked, opened_item, panel_of, sits
from tests.factories.people import actor_of, signed_in
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}
LIMIT = 100


@once
def scene(app, clock):
    """A panel of two members that sits on two proposals."""
    clock.instant = SITS
    of = topic()
    of.hearing_characters = LIMIT
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    judged = [evaluated(of, pool, SCORES, manager=manager) for _ in range(2)]
    fresh = accepted(of, expert("Ida Secretmember"), expert(), manager=manager)
    panel = panel_of(of, fresh, judged, manager=manager, name="Secretpanel")
    sits(panel, manager=manager)
    db.session.commit()
    return account, manager, fresh, judged, panel


def contact(proposal):
    account = proposal.members[0].account
    return account, actor_of(account)


def own(proposal, *, now=SITS, locked=True):
    return queries.own(contact(proposal)[1], proposal.number, now=now, locked=locked)


def answer(proposal, text, *, seen, now=SITS, do=services.hand_in_answers):
    opened = own(proposal, now=now)
    given = {each.id: text for each in opened.hearing.questions}
    do(opened, given, seen=seen, actor=contact(proposal)[1], now=now)


def letters(kind):
    return db.session.scalars(select(Letter).where(Letter.kind == kind)).all()


def test_questions_go_out_at_their_time_and_are_answered_once_in_time(scene):
    _, manager, _, (first, _), panel = scene
    at = SITS + timedelta(hours=2)
    wanted = Wanted(HearingKind.WRITING, ["Who leads?"], send_at=at, answer_by=at + timedelta(days=2))
    services.send_hearing(opened_item(panel, first, manager), wanted, seen=0, actor=manager, now=SITS)
    (letter,) = letters("hearing")
    assert (letter.due_at, letter.account_id) == (at, first.members[0].account_id)
    with pytest.raises(NotFound):
        own(first)
    assert own(first, now=at).hearing.state is HearingState.SENT
    with pytest.raises(Refused) as problem:
        answer(first, "Ann.", seen=1, now=wanted.answer_by)
    assert problem.value.code == "late"
    answer(first, "Ann.", seen=1, now=wanted.answer_by - timedelta(microseconds=1))
    assert own(first, now=at).hearing.state is HearingState.ANSWERED
    with pytest.raises(Refused):
        answer(first, "Ben.", seen=3, now=at)
    assert len(letters("hearing_answered")) == 1


def test_answers_are_text_within_the_limit_and_are_saved_over_their_version(scene):
    _, manager, _, (first, _), panel = scene
    asked(panel, first, manager=manager)
    with pytest.raises(Invalid) as problem:
        answer(first, "x" * (LIMIT + 1), seen=1)
    assert problem.value.code == "long-answer"
    answer(first, "x" * LIMIT, seen=1, do=services.save_answers)
    with pytest.raises(Stale):
        answer(first, "Other", seen=1)
    with pytest.raises(Invalid) as problem:
        answer(first, "  ", seen=2)
    assert problem.value.code == "no-answer"


def test_interviews_of_a_panel_never_overlap_for_people_or_for_postgresql(scene):
    _, manager, _, (first, second), panel = scene
    begins = SITS + timedelta(days=1)
    asked(panel, first, manager=manager, starts_at=begins)
    with pytest.raises(Invalid) as problem:
        asked(panel, second, manager=manager, starts_at=begins + timedelta(minutes=29))
    assert problem.value.code == "overlap"
    late = Hearing(
        panel_id=panel.id, proposal_id=judged_elsewhere(panel, manager).id, kind=HearingKind.INTERVIEW,
        state=HearingState.SENT, send_at=SITS, changed_at=SITS, starts_at=begins + timedelta(minutes=29),
        ends_at=begins + timedelta(minutes=59),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="ex_hearing_overlap"), db.session.begin_nested():
        db.session.add(late)
        db.session.flush()


def judged_elsewhere(panel, manager):
    pool = accepted(panel.topic, expert(), expert(), expert(), manager=manager)
    return evaluated(panel.topic, pool, SCORES, manager=manager)


def test_one_interview_may_follow_the_other_at_once_and_one_may_be_at_the_same_time_in_another_panel(scene):
    _account, manager, _fresh, (first, second), panel = scene
    begins = SITS + timedelta(days=1)
    asked(panel, first, manager=manager, starts_at=begins)
    asked(panel, second, manager=manager, starts_at=begins + timedelta(minutes=30))
    outside = topic(of=first.topic.call.programme)
    pool = accepted(outside, expert(), expert(), expert(), manager=manager)
    third = evaluated(outside, pool, SCORES, manager=manager)
    asked(panel_of(outside, (), [third], manager=manager), third, manager=manager, starts_at=begins)


def test_the_interview_is_confirmed_as_it_stands_and_a_change_is_told(scene):
    _, manager, _, (first, _), panel = scene
    made = asked(panel, first, manager=manager, questions=(), starts_at=SITS + timedelta(days=1))
    seen = made.version
    services.change_hearing(
        opened_item(panel, first, manager), starts_at=SITS + timedelta(days=2), minutes=20, place="Room 3",
        answer_by=None, seen=seen, actor=manager, now=SITS,
    )  # fmt: skip
    (told,) = letters("hearing_changed")
    assert "Room 3" in told.body
    with pytest.raises(Stale):
        services.confirm_slot(own(first), seen=seen, actor=contact(first)[1], now=SITS)
    services.confirm_slot(own(first), seen=made.version, actor=contact(first)[1], now=SITS)
    assert made.state is HearingState.CONFIRMED
    with pytest.raises(Refused):
        services.change_hearing(
            opened_item(panel, first, manager), starts_at=SITS + timedelta(days=3), minutes=20, place="Room 3",
            answer_by=None, seen=made.version, actor=manager, now=SITS,
        )  # fmt: skip


def test_a_hearing_that_nobody_knows_of_is_cancelled_without_a_letter(scene):
    _, manager, _, (first, second), panel = scene
    at = SITS + timedelta(hours=2)
    wanted = Wanted(HearingKind.WRITING, ["Who?"], send_at=at, answer_by=at + timedelta(days=2))
    services.send_hearing(opened_item(panel, first, manager), wanted, seen=0, actor=manager, now=SITS)
    asked(panel, second, manager=manager)
    for each in (first, second):
        item = opened_item(panel, each, manager)
        services.cancel_hearing(item, reason="Not needed.", actor=manager, now=SITS)
    assert [each.object_key for each in letters("hearing")] == [str(second.number)]
    assert [each.object_key for each in letters("hearing_cancelled")] == [str(second.number)]


def test_the_applicants_see_questions_and_slot_and_nothing_else_of_the_panel(scene, client):
    _, manager, _, (first, second), panel = scene
    asked(panel, first, manager=manager, questions=("Who leads?", "And why?"))
    db.session.commit()
    browser = signed_in(client, contact(first)[0], now=SITS)
    page = browser.get(f"/proposals/{first.number}/hearing").text
    assert "Who leads?" in page
    assert "Secret" not in page
    assert browser.get(f"/panels/{panel.id}").status_code == 404
    assert browser.get(f"/panels/{panel.id}/proposals/{first.number}").status_code == 404
    assert browser.get(f"/proposals/{second.number}/hearing").status_code == 404
    assert "Questions of the panel" in browser.get(f"/proposals/{first.number}").text
    assert "A panel asks you" in browser.get("/").text


def test_the_main_contact_answers_on_the_page_and_members_and_officers_read_it(scene, client):
    account, manager, fresh, (first, _), panel = scene
    made = asked(panel, first, manager=manager)
    question = made.questions[0].id
    db.session.commit()
    browser = signed_in(client, contact(first)[0], now=SITS)
    address = f"/proposals/{first.number}/hearing"
    long = browser.post(address, data={"do": "submit", "version": "1", f"answer-{question}": "x" * 101})
    assert long.status_code == 422
    assert f'id="answer-{question}-error"' in long.text
    typed = {"version": "1", f"answer-{question}": "Half an answer."}
    saved = browser.post(address, data=typed, headers={"X-Autosave": "1"})
    assert saved.json["version"] == 2
    assert browser.post(address, data=typed | {"do": "save"}).status_code == 409
    for who in (fresh[0].account, account):
        page = signed_in(client, who, now=SITS).get(f"/panels/{panel.id}/proposals/{first.number}").text
        assert "Half an answer." not in page
    browser = signed_in(client, contact(first)[0], now=SITS)
    browser.post(address, data={"do": "submit", "version": "2", f"answer-{question}": "A whole answer."})
    for who in (fresh[0].account, account):
        page = signed_in(client, who, now=SITS).get(f"/panels/{panel.id}/proposals/{first.number}").text
        assert "A whole answer." in page


def test_the_officers_form_saves_sends_and_says_what_is_missing(scene, client):
    account, _manager, _, (first, _), panel = scene
    browser = signed_in(client, account, now=SITS)
    address = f"/panels/{panel.id}/proposals/{first.number}/hearing"
    assert browser.post(address, data={"kind": "writing", "do": "save", "version": "0"}).status_code == 302
    answer = browser.post(address, data={"kind": "writing", "do": "send", "version": "1"})
    assert answer.status_code == 422
    assert 'id="questions-error"' in answer.text
    assert 'id="answer_by-error"' in answer.text
    later = (SITS + timedelta(days=4)).strftime("%Y-%m-%dT%H:%M")
    typed = {"kind": "writing", "do": "send", "version": "1", "questions": "One?\r\n\r\nTwo?", "answer_by": later}
    assert browser.post(address, data=typed).status_code == 302
    assert [each.text for each in own(first).hearing.questions] == ["One?", "Two?"]


def interview(scene, *, at, slot):
    _, manager, _, (first, _), panel = scene
    wanted = Wanted(HearingKind.INTERVIEW, send_at=at, starts_at=slot, minutes=30, place="Room 1")
    return services.send_hearing(opened_item(panel, first, manager), wanted, seen=0, actor=manager, now=SITS)


def moved(scene, hearing, *, slot, now):
    _, manager, _, (first, _), panel = scene
    services.change_hearing(
        opened_item(panel, first, manager), starts_at=slot, minutes=30, place="Room 9", answer_by=None,
        seen=hearing.version, actor=manager, now=now,
    )  # fmt: skip


def waiting():
    kinds = select(Letter).where(Letter.kind.like("hearing%")).order_by(Letter.id)
    return db.session.scalars(kinds.execution_options(populate_existing=True)).all()


def test_a_change_before_the_time_of_sending_is_in_the_one_letter_that_waits(scene):
    at, slot = SITS + timedelta(days=2), SITS + timedelta(days=5)
    made = interview(scene, at=at, slot=slot)
    moved(scene, made, slot=slot + timedelta(days=3), now=SITS)
    (letter,) = waiting()
    assert (letter.kind, letter.due_at) == ("hearing", at)
    assert "Room 9" in letter.body
    assert "Room 1" not in letter.body
    moved(scene, made, slot=slot + timedelta(days=4), now=at)
    assert [each.kind for each in waiting()] == ["hearing", "hearing_changed"]


def test_cancelling_before_the_time_of_sending_takes_every_letter_back(scene):
    _, manager, _, (first, _), panel = scene
    at, slot = SITS + timedelta(days=2), SITS + timedelta(days=5)
    made = interview(scene, at=at, slot=slot)
    moved(scene, made, slot=slot + timedelta(days=3), now=SITS)
    services.cancel_hearing(opened_item(panel, first, manager), reason="Not needed.", actor=manager, now=SITS)
    assert waiting() == []


@pytest.mark.parametrize("naming", list(Naming))
def test_applicants_of_a_blind_evaluation_are_told_and_answers_that_name_them_are_found(scene, client, naming):
    _, manager, _, (first, _), panel = scene
    first.topic.blind, first.topic.naming = Blind.ALL, naming
    asked(panel, first, manager=manager)
    db.session.commit()
    browser, address = signed_in(client, contact(first)[0], now=SITS), f"/proposals/{first.number}/hearing"
    page = browser.get(address).text
    assert "The evaluation is blind" in page
    assert "Your answers name participants" not in page
    (question,) = queries.present(first.id).questions
    place = f"answer-{question.id}"
    typed = {place: f"We at {first.participants[0].organisation.legal_name} do.", "version": "1"}
    assert browser.post(address, data=typed | {"do": "save"}).status_code == 302
    assert ("Your answers name participants" in browser.get(address).text) is (naming is not Naming.OFF)
    answer = browser.post(address, data=typed | {"do": "submit", "version": "2"})
    assert answer.status_code == (422 if naming is Naming.BLOCK else 302)
    assert (f'id="{place}-error"' in answer.text) is (naming is Naming.BLOCK)
    if naming is Naming.BLOCK:
        assert (
            browser.post(address, data={place: "Package 2 does.", "do": "submit", "version": "2"}).status_code == 302
        )


def test_nothing_is_said_of_names_where_the_evaluation_is_not_blind(scene, client):
    _, manager, _, (first, _), panel = scene
    asked(panel, first, manager=manager)
    answer(first, f"We at {first.participants[0].organisation.legal_name} do.", seen=1, do=services.save_answers)
    db.session.commit()
    page = signed_in(client, contact(first)[0], now=SITS).get(f"/proposals/{first.number}/hearing").text
    assert "blind" not in page
    assert "Your answers name participants" not in page
