"""The registry of experts: who finds whom, and an officer's word on a profile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.evaluation import past
from grants.experts import queries, services
from grants.experts.rules import lines
from grants.experts.states import ProfileState
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import submitted


def described(found, **changed):
    """The expert saves the profile with these changes."""
    known = {"employer": None, "employer_name": found.employer_name, "country": "BE", "expertise": ["hotlines"]}
    services.register_expert(found.account, **known | changed, actor=expert_actor(found.account), now=LATER)


def background(found, *, sector="", jobs=""):
    read, wrong = lines.jobs(jobs)
    assert wrong == []
    services.change_background(
        found, nationality="", sector=sector, orcid="", jobs=read, publications=[],
        actor=expert_actor(found.account), now=LATER,
    )  # fmt: skip


def names(**wanted):
    rows = db.session.scalars(queries.registry(queries.Wanted(**wanted)))
    return sorted(each.account.name for each in rows)


@pytest.fixture
def manager(app):
    return manager_of(topic())[1]


def test_a_returned_profile_tells_its_expert_why_and_any_change_hands_it_in_again(manager):
    found = expert()
    services.return_profile(found, reason="Say where you worked", actor=manager, now=LATER)
    assert (found.state, found.returned_because) == (ProfileState.RETURNED, "Say where you worked")
    (letter,) = db.session.scalars(select(Letter).where(Letter.kind == "profile_returned"))
    assert letter.address == found.account.email
    assert "Say where" not in letter.body

    described(found, expertise=["forensics"])
    assert found.state is ProfileState.ENTERED
    services.validate_profile(found, actor=manager, now=LATER)
    assert (found.state, found.returned_because) == (ProfileState.VALIDATED, "")
    db.session.commit()
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.object_kind == "expert")).all()
    assert {"expert.return", "expert.change", "expert.validate"} <= set(actions)


def test_a_validated_profile_stays_so_with_other_words_and_opens_with_another_employer(manager):
    found = expert()
    services.validate_profile(found, actor=manager, now=LATER)
    described(found, expertise=["forensics"])
    background(found, sector="academia")
    assert found.state is ProfileState.VALIDATED
    described(found, employer_name="Another Laboratory")
    assert found.state is ProfileState.ENTERED


def test_nobody_validates_their_own_profile_or_without_being_an_officer(app):
    both = person("", Role.MANAGER, programme=topic().call.programme.code)
    actor = actor_of(both, Role.MANAGER, Role.EVALUATOR)
    own = services.register_expert(both, employer=None, employer_name="Lab", actor=actor, now=NOW)
    for who, error in ((actor, Refused), (expert_actor(expert().account), NotFound)):
        with pytest.raises(error):
            services.validate_profile(own, actor=who, now=NOW)
    assert own.state is ProfileState.ENTERED


def test_a_profile_is_not_returned_without_a_reason(manager):
    found = expert()
    with pytest.raises(Invalid):
        services.return_profile(found, reason=" ", actor=manager, now=NOW)
    assert found.state is ProfileState.ENTERED


def test_the_registry_is_searched_by_every_word_in_names_employers_and_expertise(manager):
    found, other = expert("Zoe Simic"), expert("Ana Petrov")
    background(found, jobs="2010-01 | 2012-01 | Ghent University | Law |")
    assert names(text="ghent") == ["Zoe Simic"]
    assert names(text="hotlines ghent") == ["Zoe Simic"]
    assert names(text="petrov ghent") == []
    assert names(text="100%") == []
    other.account.disabled_at = NOW
    db.session.flush()
    assert names(text="hotlines") == ["Zoe Simic"]


def test_each_filter_of_the_registry_leaves_only_those_it_names(app):
    of = topic()
    manager = manager_of(of)[1]
    took_part, new = expert("Took Part"), expert("New Comer")
    accepted(of, took_part, manager=manager)
    described(new, country="FR", languages=["fr"])
    background(new, sector="industry")
    services.validate_profile(new, actor=manager, now=LATER)
    for wanted in (
        {"country": "FR"}, {"language": "fr"}, {"sector": "industry"}, {"state": "validated"}, {"newcomer": True},
        {"undeclared_since": NOW - timedelta(days=365)},
    ):  # fmt: skip
        assert names(**wanted) == ["New Comer"], wanted
    assert names(undeclared_since=NOW + timedelta(days=1)) == ["New Comer", "Took Part"]
    assert names() == ["New Comer", "Took Part"]


def test_past_evaluations_are_counted_in_the_officers_programmes_alone(app):
    of = topic()
    manager = manager_of(of)[1]
    found, other = accepted(of, expert(), expert(), manager=manager)
    made = assigned(submitted(of), found, other, manager=manager)
    handed_in(made[0])
    (row,) = past.past_evaluations(manager, found.id)
    assert (row.identifier, row.assigned, row.handed_in, row.late, row.conflicts) == (of.identifier, 1, 1, 0, 0)
    assert past.past_evaluations(manager_of(topic())[1], found.id) == []


def test_an_officer_works_on_the_pages_and_the_expert_reads_the_reason(app, client, clock):
    app.config["WTF_CSRF_ENABLED"] = False
    of = topic()
    account, _ = manager_of(of)
    found = expert("Zoe Simic")
    background(found, jobs="2010-01 | 2012-01 | Ghent University | Law |")
    db.session.commit()
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    page = client.get("/manage/experts?q=ghent&state=entered&newcomer=1&outdated=1").text
    assert "Zoe Simic" in page
    assert "No expert fits this." in client.get("/manage/experts?country=FR").text
    address = f"/manage/experts/{found.id}"
    assert "Ghent University" in client.get(address).text
    assert client.post(f"{address}/return", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/return", data={"reason": "Name your department"}).status_code == 302
    assert client.post(f"{address}/validate").status_code == 409
    signed_in(client, found.account, now=LATER)
    assert "Name your department" in client.get("/evaluation/profile").text
    assert client.get(address).status_code == 404
