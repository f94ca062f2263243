"""The budget's page on a real PostgreSQL: what is saved, said and shown, and how much it asks of the database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from grants.calls.parta.definition import form_of
from grants.db import db
from grants.proposals import budgeting, facts, queries
from grants.proposals.models import BudgetLine, LumpShare, Participant, Proposal
from grants.proposals.states import ParticipantRole
from grants.proposals.writing_models import DraftChange
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, organisation, person, signed_in
from tests.factories.proposals import draft
from tests.reporting.counting import statements

pytestmark = pytest.mark.usefixtures("app")
JSON = {"Accept": "application/json", "X-Autosave": "1"}


@pytest.fixture
def contact(app):
    return person("Ana Ferreira")


@pytest.fixture
def browser(client, contact):
    return signed_in(client, contact)


def again(proposal: Proposal, contact) -> Proposal:
    db.session.expire_all()
    return queries.open_proposal(actor_of(contact), proposal.number, now=NOW).proposal


def test_text_that_is_no_amount_is_kept_and_named_with_its_partner(browser, contact):
    proposal = draft(topic(), main_contact=contact)
    row = proposal.participants[1]
    address = f"/proposals/{proposal.number}/budget"

    values = {"version": "1", "A": "12k", "A.quantity": "some", "income": "much", "B.justification": "Why."}
    answer = browser.post(f"{address}/{row.id}", data=values, headers=JSON)

    wrong = {each["place"] for each in answer.json["findings"] if each["code"] == "not-an-amount"}
    assert answer.json["version"] == 2
    assert wrong == {f"budget.{row.id}.{name}" for name in ("A", "A.quantity", "income")}
    page = browser.get(address).text
    assert all(f'value="{text}"' in page for text in ("12k", "some", "much"))
    assert f'href="#budget.{row.id}.A"' in page
    assert f"{row.organisation.legal_name}, A. Personnel: use digits only" in page
    assert f'id="budget.{row.id}.A-error"' in page


def test_fields_that_were_not_sent_stay_as_they_were(browser, contact):
    proposal = draft(topic(), main_contact=contact)
    row = proposal.participants[0]
    address = f"/proposals/{proposal.number}/budget/{row.id}"

    browser.post(address, data={"version": "1", "B": "300", "B.justification": "Interpreters."})
    browser.post(address, data={"version": "2", "B": "400"})

    texts = budgeting.budget_texts(again(proposal, contact).participants[0], proposal.topic)
    assert (texts["A"], texts["A.quantity"], texts["B"], texts["B.justification"]) == (
        "100000", "20", "400", "Interpreters.",
    )  # fmt: skip


@pytest.mark.parametrize("wrong", ["ninety", "101"])
def test_a_funding_rate_that_is_not_paid_is_kept_as_typed_and_named(browser, contact, wrong):
    proposal = draft(topic(), main_contact=contact)
    row = proposal.participants[0]
    address = f"/proposals/{proposal.number}/budget/{row.id}"

    answer = browser.post(address, data={"version": "1", "rate": wrong, "A": "500"}, headers=JSON)

    assert [each["place"] for each in answer.get_json()["findings"]] == [f"budget.{row.id}.rate"]
    kept = again(proposal, contact).participants[0]
    texts = budgeting.budget_texts(kept, proposal.topic)
    assert (texts["rate"], texts["A"], kept.funding_rate) == (wrong, "500", Decimal(100))
    assert [each.code for each in facts.examined(proposal).findings if each.place.endswith(".rate")] == [
        "not-an-amount"
    ]


def test_the_totals_come_from_the_server(browser, contact):
    proposal = draft(topic(template="ISF-PJG"), main_contact=contact, partners=2)
    address = f"/proposals/{proposal.number}/budget"

    page = browser.get(f"{address}/totals").text

    assert "€\u202f214\u202f000" in page  # 2 x 100 000 + 7 %
    assert "All 2 participants" in page


@pytest.mark.slow
def test_two_hundred_participants_come_on_pages_and_a_finding_leads_to_its_row(browser, contact):
    proposal = draft(topic(), main_contact=contact, partners=2)
    for place in range(3, 201):
        db.session.add(
            Participant(
                proposal_id=proposal.id, organisation_id=organisation().id, position=place,
                role=ParticipantRole.BENEFICIARY, funding_rate=Decimal(100),
                lines=[BudgetLine(category="A", amount=None, typed="x") if place == 180 else
                       BudgetLine(category="A", amount=Decimal(1000), quantity=Decimal(1))],
            )
        )  # fmt: skip
    db.session.flush()
    wrong = again(proposal, contact).participants[179]
    address = f"/proposals/{proposal.number}/budget"

    page = browser.get(address).text
    link = f"{address}?row={wrong.id}#budget.{wrong.id}.A"
    assert page.count("<tr data-row") == 25
    assert link in page
    assert f'id="budget.{wrong.id}.A"' in browser.get(link).text
    assert statements(browser, address) <= 7


@pytest.mark.parametrize(("template", "most"), [("HE-RIA", 6), ("HE-LUMP-SUM", 8), ("HE-FELLOWSHIP", 6)])
def test_the_page_asks_the_same_of_the_database_for_any_number_of_rows(browser, contact, template, most):
    few, many = (draft(topic(template=template), main_contact=contact, partners=count) for count in (2, 12))
    counts = [statements(browser, f"/proposals/{each.number}/budget") for each in (few, many)]

    assert counts[0] == counts[1] <= most


def test_a_lump_sum_is_shared_out_to_the_work_packages_of_part_a(browser, contact):
    proposal = draft(topic(template="HE-LUMP-SUM"), main_contact=contact, partners=2)
    row = proposal.participants[1]
    address = f"/proposals/{proposal.number}/budget"

    browser.post(f"{address}/{row.id}", data={"version": "1", "share.1": "70 000", "share.2": "lots"}, headers=JSON)

    sums = facts.sums(again(proposal, contact))
    assert sums.lump_sum.by_participant[row.id] == Decimal(70_000)
    page = browser.get(address).text
    assert "WP1" in page
    assert "Lump sum by work package" in page
    assert db.session.query(LumpShare).filter_by(typed="lots").count() == 1


def shares_of(proposal: Proposal, contact) -> list[dict[int, Decimal]]:
    return [{each.package: each.amount for each in row.shares} for row in again(proposal, contact).participants]


def test_shares_follow_their_work_package_and_what_was_removed_stays_in_the_history(browser, contact):
    proposal = draft(topic(template="HE-LUMP-SUM"), main_contact=contact, partners=2)
    rows = [row.id for row in proposal.participants]
    section = f"/proposals/{proposal.number}/sections/work_packages/save"
    titles = ["Manage", "Build", "Tell"]
    list_of = {f"packages-{place}-title": title for place, title in enumerate(titles)}
    assert browser.post(section, data={"version": "1", **list_of}, headers=JSON).status_code == 200
    for row in rows:
        shares = {f"share.{number}": f"{number}000" for number in (1, 2, 3)}
        browser.post(f"/proposals/{proposal.number}/budget/{row}", data={"version": "1", **shares}, headers=JSON)
    assert shares_of(proposal, contact) == [{1: 1000, 2: 2000, 3: 3000}] * 2

    shorter = {"packages-0-title": "Manage", "packages-1-title": "Tell"}
    assert browser.post(section, data={"version": "2", **shorter}, headers=JSON).status_code == 200

    assert shares_of(proposal, contact) == [{1: 1000, 2: 3000}] * 2
    stale = {"version": "2", "share.2": "7"}
    assert browser.post(f"/proposals/{proposal.number}/budget/{rows[0]}", data=stale, headers=JSON).status_code == 409
    kept = db.session.scalars(select(DraftChange).where(DraftChange.kind == "budget").order_by(DraftChange.id)).all()
    moves = [(each.before.get("share.2"), each.after["share.2"]) for each in kept]
    assert moves == [(None, "2000"), (None, "2000"), ("2000", "3000"), ("2000", "3000")]


def test_the_budget_keeps_the_list_of_work_packages_where_part_a_has_none(browser, contact):
    of = topic(template="HE-LUMP-SUM")
    of.form = {"sections": [each for each in of.form["sections"] if each["key"] != "work_packages"]}
    assert form_of(of.form).section("work_packages") is None
    proposal = draft(of, main_contact=contact, partners=1)
    address = f"/proposals/{proposal.number}/budget"

    browser.post(f"{address}/packages", data={"version": "0", "packages": "Manage\n\nBuild"})

    assert facts.packages(again(proposal, contact)) == ("Manage", "Build")
    assert "WP2 Build" in browser.get(address).text
    assert "No longer asked" not in browser.get(f"/proposals/{proposal.number}/part-a").text


def test_unit_costs_are_counted_and_computed_and_what_is_typed_as_an_amount_is_not_taken(browser, contact):
    proposal = draft(topic(template="HE-FELLOWSHIP"), main_contact=contact, partners=1)
    row = proposal.participants[0]
    address = f"/proposals/{proposal.number}/budget"

    browser.post(f"{address}/{row.id}", data={"version": "1", "LIVING": "1", "LIVING.quantity": "24"}, headers=JSON)

    assert facts.sums(again(proposal, contact)).columns["LIVING"] == 24 * Decimal(5990)
    assert "data-unit-cost" in browser.get(address).text


def test_a_submitted_version_freezes_what_stands_behind_the_costs(browser, contact):
    proposal = draft(topic(), main_contact=contact)
    row = proposal.participants[0]
    values = {"version": "1", "B": "300", "B.justification": "Interpreters.", "own_contribution": "5", "income": "6"}
    browser.post(f"/proposals/{proposal.number}/budget/{row.id}", data=values)

    draft_now = again(proposal, contact)
    frozen = facts.snapshot(draft_now, facts.sums(draft_now))["participants"][0]

    assert frozen["quantities"] == {"A": "20.00"}
    assert frozen["justifications"] == {"B": "Interpreters."}
    assert (frozen["own_contribution"], frozen["income"]) == ("5.00", "6.00")


def test_costs_without_the_reason_that_the_topic_asks_for_stand_in_the_way(browser, contact):
    proposal = draft(topic(), main_contact=contact)
    row = proposal.participants[0]
    browser.post(f"/proposals/{proposal.number}/budget/{row.id}", data={"version": "1", "B": "300"})

    found = [each for each in facts.findings(again(proposal, contact)) if each.blocks]

    assert [(each.code, each.place) for each in found] == [("no-justification", f"budget.{row.id}.B.justification")]


def test_saving_without_a_script_comes_back_to_the_row_and_says_what_was_changed_elsewhere(browser, contact):
    proposal = draft(topic(), main_contact=contact)
    row = proposal.participants[0]
    address = f"/proposals/{proposal.number}/budget/{row.id}"

    first = browser.post(address, data={"version": "1", "A": "5"})
    stale = browser.post(address, data={"version": "1", "A": "7"}, follow_redirects=True)

    assert first.location.endswith(f"row={row.id}#row-{row.id}")
    assert "changed elsewhere" in stale.text
    assert browser.post(address, data={"version": "1", "A": "7"}, headers=JSON).json["current"] == {"A": "5"}
