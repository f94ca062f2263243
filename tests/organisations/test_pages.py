"""The registry's pages: sections, papers, masked accounts, duplicates, and old PICs that lead on."""

from __future__ import annotations

from io import BytesIO

import pytest
import typst
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import Refused
from grants.organisations import queries, services
from grants.organisations.models import DuplicatePair
from grants.organisations.rules import masked_iban
from grants.organisations.states import ValidationState
from grants.worker import tasks_of
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of
from tests.factories.organisations import IBAN, VAT, bank_account, organisation_paper
from tests.factories.people import actor_of, acts_for, organisation, person, signed_in

PDF = typst.compile(b"Extract from the register")


@pytest.fixture
def own(app, client):
    """An organisation and the person who acts for it, signed in."""
    app.extensions["store"].prepare()
    account, made = person("Rita"), organisation("Institute of Peace", "BE")
    acts_for(account, made)
    signed_in(client, account)
    return made, account


def test_a_new_entry_gets_a_pic_and_is_edited_in_sections(app, client):
    signed_in(client, person())
    sent = {"legal_name": "Академия", "original_name": "Академия", "country": "BG", "kind": "HES"}
    page = client.post("/organisations/new", data=sent, follow_redirects=True).text
    made = queries.find("akademiya")[0]
    assert f"PIC {made.pic}" in page
    address = f"/organisations/{made.pic}/edit/"
    wrong = client.post(address + "register", data={"vat": "BG1", "lei": "5493001KJTIIGC8Y1R12"})
    assert wrong.status_code == 422
    assert "no valid VAT number" in wrong.text
    assert queries.by_pic(made.pic).lei == ""
    assert client.post(address + "register", data={"law_enforcement": "y", "ror": "05a28rw58"}).status_code == 302
    assert client.post(address + "address", data={"city": "Sofia", "nuts": "bg411"}).status_code == 302
    page = client.get(f"/organisations/{made.pic}").text
    for shown in ("https://ror.org/05a28rw58", "Law enforcement authority", "BG411", "Sofia"):
        assert shown in page
    assert client.get(address + "nothing").status_code == 404


def test_the_same_name_needs_a_confirmation(client, own):
    sent = {"legal_name": "institute of peace", "country": "BE", "kind": "PUB"}
    answer = client.post("/organisations/new", data=sent)
    assert answer.status_code == 422
    assert "in the registry already" in answer.text
    assert client.post("/organisations/new", data=sent | {"despite_same_name": "y"}).status_code == 302


def test_account_numbers_are_masked_whole_for_few_and_in_no_list(app, client, own):
    made, account = own
    bank_account(made, account)
    db.session.commit()
    page = client.get(f"/organisations/{made.pic}").text
    assert IBAN not in page
    assert masked_iban(IBAN) in page
    assert IBAN in client.get(f"/organisations/{made.pic}/bank").text
    administrator, stranger = person("", Role.ADMINISTRATOR), person()
    db.session.commit()
    signed_in(client, administrator)
    assert masked_iban(IBAN) in client.get(f"/organisations/{made.pic}").text
    assert client.get(f"/organisations/{made.pic}/bank").status_code == 404
    signed_in(client, stranger)
    assert IBAN[-4:] not in client.get(f"/organisations/{made.pic}").text
    for address in ("/organisations?q=peace", "/organisations"):
        assert IBAN not in client.get(address).text


def test_a_manager_who_reads_an_account_number_leaves_an_event(client, own):
    made, account = own
    bank_account(made, account)
    manager, _ = manager_of(topic())
    db.session.commit()
    client.get(f"/organisations/{made.pic}/bank")
    signed_in(client, manager)
    assert IBAN in client.get(f"/organisations/{made.pic}/bank").text
    shown = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "organisation.bank_shown")).all()
    assert [each.actor_id for each in shown] == [manager.id]


def test_papers_go_from_upload_to_the_officer_s_decision(client, own):
    made, _ = own
    address = f"/organisations/{made.pic}/papers"
    assert "at least one paper" in client.post(address + "/hand-in", follow_redirects=True).text
    page = client.post(address, data={"file": (BytesIO(PDF), "Register.pdf")}, follow_redirects=True).text
    assert "Register.pdf is one of the papers" in page
    (paper,) = queries.papers_of(made)
    assert client.post(address + "/hand-in").status_code == 302
    assert client.post(f"{address}/{paper.public_id}/remove").status_code == 403
    manager, _ = manager_of(topic())
    stranger = person()
    db.session.commit()
    signed_in(client, manager)
    assert "1 organisation waits for validation" in client.get("/").text
    assert made.legal_name in client.get("/manage/organisations").text
    assert client.get(f"/files/{paper.public_id}").status_code == 302
    assert client.post(address + "/decide", data={"decision": "refuse", "reason": ""}).status_code == 422
    client.post(address + "/decide", data={"decision": "validate"})
    assert queries.by_pic(made.pic).state is ValidationState.VALIDATED
    signed_in(client, stranger)
    assert client.get(f"/files/{paper.public_id}").status_code == 404
    assert client.get(address).status_code == 404


def test_a_paper_whose_check_ends_after_the_hand_in_is_refused(app, client, own):
    made, account = own
    organisation_paper(made, account)
    late = organisation_paper(made, account, "Late.pdf")
    services.hand_in(made, actor=queries.with_organisations(actor_of(account)), now=NOW)
    db.session.flush()
    with pytest.raises(Refused, match="handed in"):
        services.attach_paper(late, now=NOW)


def test_the_declaration_of_control_keeps_owners_and_says_what_is_missing(client, own):
    made, _ = own
    address = f"/organisations/{made.pic}/control"
    missing = client.post(address, data={"controlled_outside_eu": "yes", "owners-0-name": "Fund"})
    assert missing.status_code == 422
    assert "Choose the country" in missing.text
    sent = {"controlled_outside_eu": "yes", "owners-0-name": "Fund", "owners-0-country": "US", "owners-1-name": ""}
    page = client.post(address, data=sent, follow_redirects=True).text
    assert "controlled from outside the European Union" in page
    assert "Fund" in client.get(address).text


def test_the_asked_person_answers_on_the_first_page_of_organisations(client, own):
    made, _ = own
    asked = person("Asked")
    db.session.commit()
    client.post(f"/organisations/{made.pic}/people", data={"email": asked.email})
    signed_in(client, asked)
    assert "You are asked to act for Institute of Peace" in client.get("/organisations").text
    client.post(f"/organisations/{made.pic}/answer", data={"agree": "1"})
    assert asked.id in {each.id for each in queries.representatives_of(made.id)}
    page = client.post(f"/organisations/{made.pic}/people/{asked.id}/remove", follow_redirects=True).text
    assert "no longer acts" in page


def test_an_officer_compares_chooses_and_merges_and_the_old_pic_leads_on(client, own):
    made, _ = own
    twin = organisation("Institute of the Peace", "BE")
    twin.vat = VAT
    db.session.flush()
    services.propose_duplicates(twin, now=NOW)
    (pair,) = db.session.scalars(select(DuplicatePair)).all()
    manager, _ = manager_of(topic())
    db.session.commit()
    signed_in(client, manager)
    assert "Institute of the Peace" in client.get("/manage/organisations/duplicates").text
    address = f"/manage/organisations/duplicates/{pair.id}"
    page = client.get(address).text
    assert "A person who acts for it" not in page
    turned = client.get(address, query_string={"keep": twin.pic}).text
    assert "A person who acts for it" in turned
    assert client.post(address, data={"keep": "123456789"}).status_code == 404
    client.post(address, data={"keep": twin.pic})
    answer = client.get(f"/organisations/{made.pic}")
    assert answer.location == f"/organisations/{twin.pic}"
    page = client.get(answer.location).text
    assert made.pic in page
    assert "formerly Institute of Peace" in client.get("/organisations?q=institute").text
    assert "were merged into one" in client.get(address).text


def test_an_officer_names_two_entries_and_keeps_them_apart(client, own):
    made, _ = own
    other = organisation("Quite Another", "FR")
    manager, _ = manager_of(topic())
    db.session.commit()
    signed_in(client, manager)
    address = "/manage/organisations/duplicates"
    assert client.post(address, data={"first": made.pic, "second": "100000000"}).status_code == 422
    assert client.post(address, data={"first": made.pic, "second": made.pic}).status_code == 422
    page = client.post(address, data={"first": made.pic, "second": other.pic})
    assert page.status_code == 302
    assert client.post(page.location + "/apart", data={"reason": ""}).status_code == 422
    assert client.post(page.location + "/apart", data={"reason": "Two countries"}).status_code == 302
    assert "No likely duplicates" in client.get(address).text


def test_the_list_of_duplicates_has_pages(client, app):
    first = [organisation(f"Agency number {n}", "AT") for n in range(12)]
    for each in first:
        services.propose_duplicates(each, now=NOW)
    manager, _ = manager_of(topic())
    db.session.commit()
    assert len(db.session.scalars(select(DuplicatePair)).all()) == 66
    signed_in(client, manager)
    page = client.get("/manage/organisations/duplicates").text
    assert page.count("Compare<span") == 50
    assert "Next" in page


def test_looking_through_the_registry_is_queued_and_its_task_is_known(app, client, settings):
    manager, _ = manager_of(topic())
    db.session.commit()
    signed_in(client, manager)
    assert client.post("/manage/organisations/look-through").status_code == 302
    assert "compare_organisations" in tasks_of(app, settings).tasks
