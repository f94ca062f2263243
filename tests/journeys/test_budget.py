"""A block of a spreadsheet pasted into the budget: right cells and totals, a wrong cell found by its link, undo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from grants.accounts.models import Account
from grants.db import db
from grants.organisations.models import Organisation
from grants.proposals.models import Participant, Proposal
from grants.proposals.states import ParticipantRole
from tests.factories.calls import topic
from tests.factories.proposals import draft
from tests.journeys.conftest import Site, enter_as, look, saves

pytestmark = pytest.mark.browser
TOPIC = "Hotlines that remove material within hours"
BLOCK = [
    ["100 000", "1000", "2.000,50", "300", "50"],
    ["90000", "0", "1 500", "0", "0"],
    ["80,000.00", "500", "1000", "12k", "10"],
    ["70000", "", "900", "200", "0"],
    ["60000", "0", "800", "0", "5"],
]


def paste(page: Page, block: list[list[str]]) -> None:
    """What a browser does when somebody presses Ctrl+V over a block copied from a spreadsheet."""
    expect(page.locator("table[data-budget][data-ready]")).to_have_count(1)  # the script is fetched after the page
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        "\n".join("\t".join(line) for line in block) + "\n",
    )


@pytest.fixture
def number(page: Page, site: Site) -> Iterator[int]:
    """A new draft, begun in the browser, with five participants."""
    enter_as(page, "Jonas Lindqvist")
    page.goto("/calls")
    page.get_by_role("link", name=TOPIC).click()
    page.get_by_role("button", name=re.compile("^Start ")).click()
    page.get_by_label("Coordinating organisation").select_option(label="Trygga Nätet")
    page.get_by_role("button", name="Start").click()
    made = int(re.search(r"/proposals/(\d{9})/", page.url).group(1))
    with site.app.app_context():
        proposal = db.session.scalars(select(Proposal).where(Proposal.number == made)).one()
        taken = [row.organisation_id for row in proposal.participants]
        others = select(Organisation).where(Organisation.id.not_in(taken)).order_by(Organisation.id).limit(4)
        for place, each in enumerate(db.session.scalars(others), 2):
            db.session.add(
                Participant(
                    proposal_id=proposal.id, organisation_id=each.id, position=place,
                    role=ParticipantRole.BENEFICIARY, funding_rate=Decimal(90),
                )
            )  # fmt: skip
        db.session.commit()
        db.session.remove()
    yield made
    with site.app.app_context():  # other journeys begin on this topic as if nobody had been here
        db.session.delete(db.session.scalars(select(Proposal).where(Proposal.number == made)).one())
        db.session.commit()
        db.session.remove()


def test_a_block_of_five_by_five_goes_to_its_cells_and_can_be_taken_back(page, site, number, var):
    page.goto(f"/proposals/{number}/budget")
    rows = page.locator("tr[data-row]")
    rows.nth(0).get_by_label("A. Personnel").focus()
    paste(page, BLOCK)

    totals = page.locator("#totals")
    expect(totals).to_contain_text("€\u202f436\u202f844.09")  # 408 265.50 and 7 % of each row
    expect(rows.nth(0).locator('[data-out="total"]')).to_have_text("110\u202f585.04")
    expect(page.locator("[data-save-state]")).to_have_attribute("data-state", "saved")
    cells = [[cell.input_value() for cell in row.locator("input[data-col]").all()[:5]] for row in rows.all()]
    assert cells[0] == ["100 000", "1 000", "2 000.50", "300", "50"]
    assert (cells[2][3], cells[3][1], cells[4]) == ("12k", "0", ["60 000", "0", "800", "0", "5"])
    look(page, var, "budget-pasted")

    wrong = totals.get_by_role("link", name=re.compile("C2. Equipment: use digits only"))
    wrong.click()
    cell = rows.nth(2).locator('[data-col="C2"]')
    expect(cell).to_be_focused()
    expect(cell).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+a")
    page.keyboard.type("1200")
    expect(wrong).to_have_count(0)
    expect(totals).to_contain_text("€\u202f438\u202f128.09")

    page.reload()
    expect(totals).to_contain_text("€\u202f438\u202f128.09")
    look(page, var, "budget-grid")


def test_a_paste_is_taken_back_in_all_rows(page, number):
    page.goto(f"/proposals/{number}/budget")
    rows = page.locator("tr[data-row]")
    rows.nth(1).get_by_label("A. Personnel").focus()
    paste(page, BLOCK)  # the last line has no row to go to
    expect(page.locator("#totals tfoot").first).to_contain_text("€\u202f371\u202f782.74")
    expect(page.locator("[data-save-state]")).to_have_attribute("data-state", "saved")

    page.get_by_role("button", name="Undo the paste").click()

    expect(page.locator("#totals tfoot").first.locator("td").nth(2)).to_have_text("€\u202f0")
    assert {cell.input_value() for cell in page.locator('input[data-col="A"]').all()} <= {"", "0"}
    expect(page.get_by_role("button", name="Undo the paste")).to_be_hidden()


def test_what_stands_behind_the_costs_is_saved_and_its_finding_leads_into_the_fold(page, number, var):
    page.goto(f"/proposals/{number}/budget")
    row = page.locator("tbody[data-partner]").nth(0)
    with page.expect_response(saves):
        row.locator('[data-col="B"]').fill("5000")
        row.locator('[data-col="B"]').blur()
    page.get_by_role("link", name=re.compile("B: say why the costs of subcontracting are needed")).click()
    reason = row.get_by_label("Why subcontracting is needed")
    expect(reason).to_be_focused()
    with page.expect_response(saves):
        page.keyboard.type("Interpreters, whom no partner employs.")
        reason.blur()
    expect(page.get_by_role("link", name=re.compile("say why the costs of subcontracting"))).to_have_count(0)
    look(page, var, "budget-unfolded")


def test_without_scripts_a_row_is_saved_by_its_button(browser, page, site, number):
    plain = browser.new_context(base_url=site.address, java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    window = plain.new_page()
    window.goto(f"/proposals/{number}/budget")
    window.locator("tr[data-row]").nth(1).get_by_label("A. Personnel").fill("1000")
    window.locator("tbody[data-partner]").nth(1).get_by_role("button", name="Save").click()

    assert window.locator("tr[data-row]").nth(1).get_by_label("A. Personnel").input_value() == "1000"
    assert "1\u202f070" in window.locator("#totals").inner_text()
    plain.close()


def test_a_lump_sum_is_shared_out_by_work_package(page, site, var):
    now = datetime.now(UTC)
    with site.app.app_context():
        contact = db.session.scalars(select(Account).where(Account.email == "jonas@demo.example")).one()
        of = topic(
            template="HE-LUMP-SUM",
            published=False,
            opens_at=now - timedelta(days=1),
            deadline=now + timedelta(days=9),
        )
        of.max_grant = Decimal(100_000)
        number = draft(of, main_contact=contact, partners=3).number
        db.session.commit()
        db.session.remove()
    enter_as(page, "Jonas Lindqvist")
    page.goto(f"/proposals/{number}/budget")
    page.locator('[data-col="share.1"]').nth(0).focus()
    paste(page, [["60 000"], ["50000"], ["some"]])

    totals = page.locator("#totals")
    expect(totals.get_by_role("row", name=re.compile("^WP1"))).to_contain_text("€\u202f110\u202f000")
    expect(totals).to_contain_text("The shares are 110,000.00 euro together, 100,000.00 is the largest grant.")
    expect(totals.get_by_role("link", name=re.compile("WP1 As planned: use digits only"))).to_be_visible()
    look(page, var, "budget-lump")
