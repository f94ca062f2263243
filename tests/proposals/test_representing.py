"""Organisations see that proposals name them, stop them, and agree again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from grants.proposals import history, queries, representing, services
from grants.proposals.holdings import Participations
from grants.proposals.models import Proposal
from grants.proposals.states import ParticipantRole
from grants.proposals.writing_models import DraftChange, ParticipationRefusal
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, acts_for, organisation, person, signed_in
from tests.factories.proposals import draft

pytestmark = pytest.mark.usefixtures("app")
DEADLINE = NOW + timedelta(days=30)


@pytest.fixture
def contact(app):
    return person("Ana Ferreira")


@pytest.fixture
def proposal(contact) -> Proposal:
    return draft(topic(deadline=DEADLINE), main_contact=contact)


@pytest.fixture
def named(proposal):
    return proposal.participants[1].organisation


@pytest.fixture
def representative(named):
    account = person("Rita Representative")
    acts_for(account, named)
    return account


def actor_for(account, *organisations):
    return replace(actor_of(account), organisations=frozenset(each.id for each in organisations))


def opened(proposal, account, now=NOW):
    return queries.open_proposal(actor_of(account), proposal.number, now=now)


def letters(kind):
    return db.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)).all()


def stop(proposal, named, representative, reason="Nobody asked us", now=NOW):
    representing.stop(named, proposal.number, reason=reason, actor=actor_for(representative, named), now=now)
    db.session.expire_all()


def test_an_organisation_is_told_when_somebody_who_does_not_act_for_it_adds_it(proposal, contact):
    added, own = organisation("Told"), organisation("Own")
    representative = person()
    acts_for(representative, added)
    acts_for(contact, own)

    for each in (added, own):
        services.add_participant(
            opened(proposal, contact), each, role=ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
        )

    assert [each.address for each in letters("named_in_proposal")] == [representative.email]
    assert "Told" in letters("named_in_proposal")[0].subject


def test_nobody_is_told_of_a_trial(proposal, contact):
    proposal.trial = True
    added = organisation()
    acts_for(person(), added)

    services.add_participant(
        opened(proposal, contact), added, role=ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
    )

    assert letters("named_in_proposal") == []


def test_the_list_says_that_a_proposal_exists_and_nothing_of_its_content(proposal, named, representative):
    rows = db.session.execute(representing.in_name_of(named, actor=actor_for(representative, named))).all()

    (row,) = rows
    assert set(row._fields) == {"number", "acronym", "state", "identifier", "coordinator", "role", "deadline", "zone"}
    assert row.coordinator == proposal.participants[0].organisation.legal_name
    with pytest.raises(NotFound):
        representing.in_name_of(named, actor=actor_of(representative))


def test_not_in_our_name_takes_the_organisation_out_and_keeps_what_it_leaves(
    proposal, named, representative, contact
):
    stop(proposal, named, representative)

    assert named.id not in {row.organisation_id for row in proposal.participants}
    (letter,) = letters("organisation_stopped")
    assert (letter.address, "Nobody asked us" in letter.body) == (contact.email, True)
    kept = db.session.scalars(select(DraftChange).where(DraftChange.organisation_id == named.id)).all()
    assert {each.kind for each in kept} >= {"budget", "section"}
    assert next(each for each in kept if each.kind == "budget").before["A"] == "100000"
    db.session.commit()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "proposal.not_in_our_name")).one()
    assert event.content is not None
    assert "Nobody asked us" in str(event.content)


def test_the_coordinator_can_be_stopped_too_and_the_next_organisation_takes_its_place(proposal, contact):
    chief = proposal.participants[0].organisation
    representative = person()
    acts_for(representative, chief)

    stop(proposal, chief, representative)
    row = services.add_participant(
        opened(proposal, contact), organisation(), role=ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
    )

    assert row.role is ParticipantRole.COORDINATOR


def test_stopping_needs_a_reason_the_right_and_time(proposal, named, representative):
    with pytest.raises(Invalid):
        stop(proposal, named, representative, reason=" ")
    with pytest.raises(Refused) as late:
        stop(proposal, named, representative, now=DEADLINE)
    with pytest.raises(NotFound):
        representing.stop(named, proposal.number, reason="x", actor=actor_of(representative), now=NOW)
    with pytest.raises(NotFound):
        stop(draft(topic()), named, representative)

    assert late.value.code == "deadline-passed"


def test_who_was_stopped_comes_back_only_with_the_organisations_consent(proposal, named, representative, contact):
    def add():
        return services.add_participant(
            opened(proposal, contact), named, role=ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
        )

    stop(proposal, named, representative)
    with pytest.raises(Invalid) as needed:
        add()
    representing.ask_consent(opened(proposal, contact), named.pic, actor=actor_of(contact), now=NOW)
    representing.agree(named, proposal.number, actor=actor_for(representative, named), now=NOW)
    db.session.flush()

    assert needed.value.code == "consent-needed"
    assert [each.address for each in letters("consent_asked")] == [representative.email]
    assert [each.address for each in letters("consent_given")] == [contact.email]
    assert add().organisation_id == named.id


def test_whoever_acts_for_the_organisation_agrees_by_adding_it(proposal, named, representative, contact):
    stop(proposal, named, representative)
    acts_for(contact, named)

    services.add_participant(
        opened(proposal, contact), named, role=ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
    )
    db.session.flush()

    assert db.session.scalars(select(ParticipationRefusal)).all() == []


def test_a_refusal_and_the_history_follow_an_organisation_that_is_merged(proposal, named, representative):
    stop(proposal, named, representative)
    kept = organisation()

    Participations().move(kept.id, named.id)

    assert db.session.scalars(select(ParticipationRefusal.organisation_id)).all() == [kept.id]
    rows = db.session.scalars(select(DraftChange.organisation_id).where(DraftChange.kind == "budget"))
    assert set(rows) == {kept.id}


def test_pages_from_the_list_to_the_reason_to_the_consent(proposal, named, representative, contact, client):
    pic, number, acronym = named.pic, proposal.number, proposal.acronym
    signed_in(client, representative)

    assert "Proposals in its name" in client.get(f"/organisations/{pic}").text
    assert acronym in client.get(f"/organisations/{pic}/proposals").text
    assert client.post(f"/organisations/{pic}/proposals/{number}/stop", data={"reason": ""}).status_code == 422
    client.post(f"/organisations/{pic}/proposals/{number}/stop", data={"reason": "Not ours"})
    after = client.get(f"/organisations/{pic}/proposals").text
    assert "Not ours" in after
    assert "Agree to be named" in after

    signed_in(client, contact)
    page = client.get(f"/proposals/{number}/consortium").text
    assert "Not ours" in page
    assert "Ask for its consent" in page
    again = client.post(f"/proposals/{number}/consortium", data={"pic": pic, "role": "beneficiary"})
    assert again.status_code == 422
    assert "not in our name" in again.text
    assert history.consortium_of(proposal.id)
