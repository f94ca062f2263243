"""Questions about a call: answered for all, asked by nobody that the public could name. Topics by invitation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.calls import queries, services
from grants.db import db
from grants.kernel.errors import Invalid, Refused
from grants.notifications.models import Letter
from grants.proposals import services as applying
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of
from tests.factories.people import actor_of, acts_for, organisation, person, signed_in


@pytest.fixture
def of(app):
    return topic()


@pytest.fixture
def manager(of):
    return manager_of(of)[1]


def test_an_answer_is_public_and_who_asked_is_not(client, of, manager):
    asker = person("Quirina Questioner")
    question = services.ask(of.call, "May an academy lead?", topic=of, actor=actor_of(asker), now=NOW)
    page = f"/calls/{of.call.identifier}/questions"
    assert "May an academy lead?" not in client.get(page).text
    services.answer(question, text="", answer="Yes, it may.", publish=True, actor=manager, now=NOW)
    db.session.commit()
    shown = client.get(page).text
    assert "May an academy lead?" in shown
    assert "Yes, it may." in shown
    assert "Quirina" not in shown
    (letter,) = db.session.scalars(select(Letter).where(Letter.kind == "question_answered"))
    assert (letter.address, "Yes, it may." in letter.body) == (asker.email, True)


def test_who_asked_is_not_even_loaded_for_the_public_page(of, manager):
    question = services.ask(of.call, "Why?", topic=None, actor=actor_of(person()), now=NOW)
    services.answer(question, text="", answer="So.", publish=True, actor=manager, now=NOW)
    db.session.commit()
    db.session.expunge_all()
    (found,) = db.session.scalars(queries.answered_questions(of.call_id))
    assert "asked_by_id" not in found.__dict__


def test_a_question_that_is_declined_is_shown_to_its_asker_alone(client, of, manager):
    asker = person()
    question = services.ask(of.call, "Will we win?", topic=None, actor=actor_of(asker), now=NOW)
    services.answer(question, text="", answer="We cannot say.", publish=False, actor=manager, now=NOW)
    db.session.commit()
    page = f"/calls/{of.call.identifier}/questions"
    assert "Will we win?" not in client.get(page).text
    assert "We cannot say." in signed_in(client, asker).get(page).text


def test_an_answer_may_be_corrected_and_what_names_somebody_is_taken_out(of, manager):
    question = services.ask(of.call, "We, the APT, ask: why?", topic=None, actor=actor_of(person()), now=NOW)
    services.answer(question, text="Why?", answer="So.", publish=True, actor=manager, now=NOW)
    services.answer(question, text="Why?", answer="So it is.", publish=True, actor=manager, now=NOW)
    assert (question.text, question.answer, question.state.value) == ("Why?", "So it is.", "published")


def test_questions_close_at_their_own_date_or_with_the_last_deadline(of):
    asker = actor_of(person())
    with pytest.raises(Refused):
        services.ask(of.call, "Late?", topic=None, actor=asker, now=of.deadline)
    of.call.questions_until = NOW + timedelta(days=1)
    assert services.ask(of.call, "In time?", topic=None, actor=asker, now=NOW + timedelta(hours=23))
    with pytest.raises(Refused, match="no longer taken"):
        services.ask(of.call, "Late?", topic=None, actor=asker, now=NOW + timedelta(days=1))


def test_an_empty_or_endless_question_is_refused_and_a_flood_ends(of):
    asker = actor_of(person())
    for text in (" ", "x" * 4001):
        with pytest.raises(Invalid):
            services.ask(of.call, text, topic=None, actor=asker, now=NOW)
    for number in range(20):
        services.ask(of.call, f"Question {number}?", topic=None, actor=asker, now=NOW)
    with pytest.raises(Refused, match="tomorrow"):
        services.ask(of.call, "One more?", topic=None, actor=asker, now=NOW)


def test_only_who_is_invited_starts_a_proposal(of, manager):
    of.invited_only = True
    invited, by_mail, stranger = person(), person(), person()
    body = organisation("Europäische Polizeistelle")
    acts_for(invited, body)
    services.invite(of, organisation=body, email="", actor=manager, now=NOW)
    services.invite(of, organisation=None, email=by_mail.email.upper(), actor=manager, now=NOW)
    for account in (invited, by_mail):
        assert applying.start_draft(of, organisation=None, actor=actor_of(account), now=NOW)
    with pytest.raises(Refused, match="by invitation"):
        applying.start_draft(of, organisation=None, actor=actor_of(stranger), now=NOW)
    letters = {each.address for each in db.session.scalars(select(Letter).where(Letter.kind == "topic_invitation"))}
    assert letters == {invited.email, by_mail.email.lower()}


def test_an_invitation_is_given_once_and_can_be_taken_back(of, manager):
    of.invited_only = True
    account = person()
    made = services.invite(of, organisation=None, email=account.email, actor=manager, now=NOW)
    with pytest.raises(Invalid):
        services.invite(of, organisation=None, email=account.email, actor=manager, now=NOW)
    services.uninvite(of, made, actor=manager, now=NOW)
    with pytest.raises(Refused):
        applying.start_draft(of, organisation=None, actor=actor_of(account), now=NOW)


def test_a_manager_answers_and_invites_in_the_browser(client, of):
    account, _ = manager_of(of)
    asker = person()
    question = services.ask(of.call, "Why?", topic=of, actor=actor_of(asker), now=NOW)
    db.session.commit()
    signed_in(client, account)
    listed = client.get(f"/manage/calls/{of.call.identifier}/questions").text
    assert "Why?" in listed
    page = f"/manage/calls/{of.call.identifier}/questions/{question.id}"
    assert client.post(page, data={"text": "Why?", "answer": ""}).status_code == 422
    assert client.post(page, data={"text": "Why?", "answer": "So."}).status_code == 302
    invited = f"/manage/topics/{of.identifier}/invited"
    assert client.post(invited, data={"who": "123456789"}).status_code == 422
    assert client.post(invited, data={"who": "body@example.org"}).status_code == 302
    assert "body@example.org" in client.get(invited).text
