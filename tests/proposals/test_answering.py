"""Sections of Part A: saved one by one, never colliding, carried to a newer form, tried by managers."""

from __future__ import annotations

from copy import deepcopy
from uuid import uuid4

import pytest

from grants.calls import services as calls
from grants.db import db
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.proposals import answering, facts, queries, services
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import draft


@pytest.fixture
def contact(app):
    return person()


@pytest.fixture
def proposal(contact):
    return draft(topic(), main_contact=contact, complete=False)


def save(proposal, contact, key="declarations", participant_id=None, *, seen=0, **given):
    who = actor_of(contact)
    opened = queries.open_proposal(who, proposal.number, now=NOW)
    section = answering.section_of_draft(opened.proposal, key, participant_id)
    version = answering.save_section(
        opened, section, given, participant_id=participant_id, seen=seen, actor=who, now=NOW
    )
    db.session.expire(proposal, ["answers"])
    return version


def test_each_section_has_a_version_of_its_own(proposal, contact):
    assert save(proposal, contact, consent="yes") == 1
    assert save(proposal, contact, "ethics", ethics_data="no") == 1
    assert save(proposal, contact, seen=1, consent="no") == 2
    first, second = proposal.participants[:2]
    assert save(proposal, contact, "organisation", first.id, role_text="We lead.") == 1
    assert save(proposal, contact, "organisation", second.id, role_text="We follow.") == 1


def test_a_stale_save_is_refused_with_both_texts(proposal, contact):
    save(proposal, contact, consent="yes", similar_number="1")
    for seen in (0, 7):
        with pytest.raises(Stale) as stale:
            save(proposal, contact, seen=seen, consent="no", similar_number="1")
        assert (stale.value.current, stale.value.yours) == ({"consent": "yes"}, {"consent": "no"})
        assert (stale.value.version, stale.value.by) == (1, contact.name)


def test_rows_of_a_table_are_told_apart_by_their_cells(proposal, contact):
    row = proposal.participants[0].id
    save(proposal, contact, "researchers", row, people=[{"person": "A", "gender": "woman"}])
    with pytest.raises(Stale) as stale:
        save(proposal, contact, "researchers", row, people=[{"person": "B", "gender": "woman"}, {"person": "C"}])
    assert stale.value.current == {"people-0-person": "A", "people-1-person": ""}
    assert stale.value.yours == {"people-0-person": "B", "people-1-person": "C"}


def test_a_section_of_another_form_or_participant_is_not_there(proposal, contact):
    other = draft(topic(), main_contact=contact)
    for key, participant_id in (
        ("nothing", None), ("declarations", proposal.participants[0].id), ("organisation", None),
        ("organisation", other.participants[0].id),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            answering.section_of_draft(proposal, key, participant_id)


def test_what_is_missing_is_found_where_it_is_asked(proposal, contact):
    save(proposal, contact, consent="yes", similar_before="yes")
    found = [each for each in facts.findings(proposal) if each.place.startswith("sections.declarations")]
    assert [each.place for each in found if each.code == "missing"] == [
        f"sections.declarations.{key}"
        for key in ("information_correct", "not_excluded", "no_double_funding", "similar_number")
    ]
    row = proposal.participants[1]
    whose = [
        each.message for each in facts.findings(proposal) if each.place == f"sections.organisation.{row.id}.role_text"
    ]
    assert whose == [f"{row.organisation.legal_name}: Role in the project: this is needed."]


def test_a_declaration_that_is_refused_stands_in_the_way(proposal, contact):
    save(proposal, contact, not_excluded="no")
    (found,) = [each for each in facts.findings(proposal) if each.code == "rule-sanctions"]
    assert (found.blocks, found.place) == (True, "sections.declarations.not_excluded")


def published_without(of, key, manager):
    form = deepcopy(of.form)
    for section in form["sections"]:
        section["fields"] = [each for each in section["fields"] if each["key"] != key]
    calls.change_form(of, form, seen=of.call.version, reason="Asked twice.", actor=manager, now=NOW)
    db.session.commit()


def test_a_newer_form_is_shown_with_what_changed_and_nothing_typed_is_lost(client, contact):
    of = topic(published=False)
    _, manager = manager_of(of)
    calls.publish(of.call, actor=manager, now=NOW)
    proposal = draft(of, main_contact=contact, complete=False)
    save(proposal, contact, consent="yes", no_double_funding="yes, we swear it")
    published_without(of, "no_double_funding", manager)
    signed_in(client, contact)
    page = client.get(f"/proposals/{proposal.number}/part-a").text
    assert "The questions have changed since you began" in page
    assert "no longer there" in page
    assert "yes, we swear it" in page  # left over, to be copied

    save(proposal, contact, seen=1, consent="no")

    assert proposal.answers[0].given == {"consent": "no", "no_double_funding": "yes, we swear it"}
    assert client.post(f"/proposals/{proposal.number}/part-a/seen").status_code == 302
    again = client.get(f"/proposals/{proposal.number}/part-a").text
    assert "have changed since you began" not in again
    assert "yes, we swear it" in again


def test_a_section_saves_by_itself_and_says_what_is_asked_now(client, proposal, contact):
    signed_in(client, contact)
    url = f"/proposals/{proposal.number}/sections/declarations"
    first = client.post(f"{url}/save", data={"similar_before": "yes", "version": "0"}).get_json()
    assert (first["version"], "similar_number" in first["asked"]) == (1, True)
    second = client.post(f"{url}/save", data={"similar_before": "no", "version": "1"}).get_json()
    assert "similar_number" not in second["asked"]
    as_json = {"X-Autosave": "1"}
    stale = client.post(f"{url}/save", data={"similar_before": "yes", "version": "1"}, headers=as_json)
    assert (stale.status_code, stale.get_json()["current"]["similar_before"]) == (409, "no")


def test_without_scripts_a_stale_form_shows_both_texts(client, proposal, contact):
    save(proposal, contact, similar_number="101")
    signed_in(client, contact)
    url = f"/proposals/{proposal.number}/sections/declarations"
    answer = client.post(url, data={"similar_number": "202", "version": "0"})
    assert answer.status_code == 409
    assert "101" in answer.text
    assert "202" in answer.text


def test_tables_keep_their_rows_and_offer_empty_ones(client, proposal, contact):
    signed_in(client, contact)
    row = proposal.participants[0].id
    url = f"/proposals/{proposal.number}/sections/researchers/{row}"
    sent = {"people-0-person": "Ana", "people-0-gender": "woman", "people-1-person": " ", "version": "0"}
    assert client.post(url, data=sent).status_code == 302
    db.session.expire_all()
    (answer,) = proposal.answers
    assert [each["person"] for each in answer.given["people"]] == ["Ana"]
    shown = client.get(url).text
    assert 'value="Ana"' in shown
    assert "people-2-person" in shown


def test_a_manager_tries_the_application_before_publication_and_nothing_counts(client):
    of = topic(published=False)
    account, manager = manager_of(of)
    db.session.commit()
    signed_in(client, account)
    made = client.post(f"/topics/{of.identifier}/try")
    number = int(made.location.rsplit("/", 1)[1])
    assert "A trial of the application" in client.get(f"/proposals/{number}").text
    opened = queries.open_proposal(manager, number, now=NOW)
    with pytest.raises(Refused, match="trial"):
        services.submit_proposal(opened, actor=manager, now=NOW, key=uuid4())
    assert queries.counts_for_topics([of.id]) == {}
    assert client.post(f"/proposals/{number}/remove-trial").status_code == 302
    assert client.get(f"/proposals/{number}").status_code == 404


def test_an_applicant_cannot_start_a_trial_nor_apply_to_a_draft_call(contact):
    of = topic(published=False)
    with pytest.raises(NotFound):
        services.start_draft(of, organisation=None, actor=actor_of(contact), now=NOW, trial=True)
    with pytest.raises(Refused):
        services.start_draft(of, organisation=None, actor=actor_of(contact), now=NOW)


def test_a_wanted_annex_is_uploaded_to_its_place_and_replaces_the_one_before(client, contact):
    of = topic(template="HE-LUMP-SUM")
    proposal = draft(of, main_contact=contact, complete=False)
    assert "rule-budget_table" in [each.code for each in facts.findings(proposal)]
    signed_in(client, contact)
    page = client.get(f"/proposals/{proposal.number}/files").text
    assert "Detailed budget table" in page
    ticket = f"/proposals/{proposal.number}/files/annex/ticket"
    good = client.post(f"{ticket}?part=budget_table", json={"name": "b.xlsx", "size": 9})
    assert good.status_code == 200
    assert client.post(f"{ticket}?part=nothing", json={"name": "b.xlsx", "size": 9}).status_code == 404


def test_what_the_rules_found_is_kept_with_the_version(contact):
    proposal = draft(topic(), main_contact=contact, partners=2)
    who = actor_of(contact)
    opened = queries.open_proposal(who, proposal.number, now=NOW)
    made = services.submit_proposal(opened, actor=who, now=NOW, key=uuid4())
    kept = {each["key"]: each for each in made.rules}
    assert (kept["consortium"]["met"], kept["sanctions"]["met"]) == (False, True)
    assert kept["consortium"]["why"].startswith("There are 2 from 2")
    assert made.content["part_a"]["declarations"]["consent"] == "yes"
    with pytest.raises(Invalid):
        answers = next(each for each in proposal.answers if each.section == "declarations")
        answers.given = answers.given | {"not_excluded": "no"}
        db.session.flush()
        services.submit_proposal(opened, actor=who, now=NOW, key=uuid4())
