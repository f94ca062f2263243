"""Registration, sign-in, limits, sessions, roles: through pages and services."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.accounts import services
from grants.accounts.models import SignInSession
from grants.accounts.rules import PER_ACCOUNT, password_findings
from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import NotFound, Refused
from grants.notifications.models import Letter
from grants.web.guards import local_path
from tests.conftest import NOW
from tests.factories.people import PASSWORD, actor_of, person, signed_in


def sign_in(client, email: str, password: str = PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


@pytest.mark.slow
def test_a_person_registers_confirms_and_signs_in(client):
    client.post("/register", data={"name": "Ana", "email": "Ana@Example.org", "password": "words that are long"})
    letter = db.session.scalars(select(Letter).where(Letter.kind == "confirm_address")).one()
    assert sign_in(client, "ana@example.org", "words that are long").status_code == 422

    link = re.search(r"/confirm/\S+", letter.body).group()
    client.post(link)

    assert sign_in(client, "ana@example.org", "words that are long").status_code == 302
    assert "Welcome, Ana" in client.get("/").text


def test_registering_a_known_address_says_the_same_and_tells_its_owner(client):
    known = person()
    form = {"name": "X", "password": "words that are long"}
    answers = [client.post("/register", data={**form, "email": email}) for email in (known.email, "new@example.org")]
    same = [re.sub(r"new@example.org|" + known.email, "", answer.text) for answer in answers]
    assert same[0] == same[1]
    assert db.session.scalars(select(Letter.kind).where(Letter.account_id == known.id)).all() == [
        "already_registered"
    ]


def test_wrong_passwords_and_unknown_addresses_get_the_same_answer(client):
    known = person()
    answers = [sign_in(client, email, "wrong password").text for email in (known.email, "nobody@example.org")]
    assert answers[0].replace(known.email, "") == answers[1].replace("nobody@example.org", "")


@pytest.mark.slow
def test_after_too_many_failed_tries_even_the_right_password_waits(client, clock):
    known = person()
    for _ in range(PER_ACCOUNT.most):
        sign_in(client, known.email, "wrong password")
    assert sign_in(client, known.email).status_code == 429

    clock.instant = NOW + PER_ACCOUNT.window + timedelta(seconds=1)
    assert sign_in(client, known.email).status_code == 302


def test_a_reset_link_works_once(client):
    known = person()
    client.post("/forgot-password", data={"email": known.email})
    body = db.session.scalars(select(Letter.body).where(Letter.kind == "reset_password")).one()
    link = re.search(r"/reset-password/\S+", body).group()

    first = client.post(link, data={"password": "quite another thing"})
    second = client.post(link, data={"password": "a third password here"})

    assert (first.status_code, second.status_code) == (302, 404)
    assert sign_in(client, known.email, "quite another thing").status_code == 302


def test_a_session_that_was_ended_elsewhere_is_over(client):
    known = person()
    signed_in(client, known)
    assert client.get("/profile").status_code == 200

    for row in db.session.scalars(select(SignInSession).where(SignInSession.account_id == known.id)):
        row.ended_at = NOW
    db.session.commit()

    assert client.get("/profile").status_code == 302


def test_a_session_ends_after_two_hours_without_a_request(client, clock):
    signed_in(client, person())
    clock.instant = NOW + timedelta(minutes=121)
    assert client.get("/profile").status_code == 302


def test_nobody_ends_another_persons_session(client):
    signed_in(client, person())
    mine = person()
    services.open_session(mine, now=NOW, address=None, browser="")
    db.session.flush()
    theirs = db.session.scalars(select(SignInSession.id).where(SignInSession.account_id == mine.id)).one()
    with pytest.raises(NotFound):
        services.end_session(theirs, actor=actor_of(person()), now=NOW)


@pytest.mark.usefixtures("app")
def test_nobody_changes_their_own_roles():
    admin = person("Ivan", Role.ADMINISTRATOR)
    with pytest.raises(Refused) as refused:
        services.grant_role(admin, Role.AUDITOR, programme=None, actor=actor_of(admin, Role.ADMINISTRATOR), now=NOW)
    assert refused.value.code == "own-roles"


def test_an_administrator_grants_a_role_and_only_they_see_people(client):
    other = person("Rosa")
    assert signed_in(client, other).get("/admin/people").status_code == 404
    signed_in(client, person("Ivan", Role.ADMINISTRATOR))

    client.post(f"/admin/people/{other.id}", data={"role": "auditor", "programme": ""})

    assert signed_in(client, other).get("/audit").status_code == 200


def test_signing_in_in_place_after_a_lost_session_answers_with_a_token(client):
    known = person()
    lost = client.post("/profile/sessions/1/end", headers={"X-Autosave": "1"})
    answer = client.post("/sign-in", json={"email": known.email, "password": PASSWORD}, headers={"X-Autosave": "1"})
    assert (lost.status_code, answer.status_code, "csrf_token" in answer.json) == (401, 200, True)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "/a\r\nSet-Cookie: x", ""])
def test_no_redirect_leads_elsewhere(target):
    assert local_path(target) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [("short", "password-short"), ("a" * 20, "password-plain"), ("ana.ferreira rocks", "password-personal")],
)
def test_weak_passwords_are_refused_in_words(password, code):
    assert [f.code for f in password_findings(password, email="ana.ferreira@example.org", name="Ana")] == [code]
