"""Two browsers in one draft: who is there, who saved first, an ended session, a line that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from grants.accounts.models import Account, SignInSession
from grants.db import db, transaction
from grants.demo.people import ANA, PASSWORD
from grants.proposals.models import Member, Proposal
from grants.proposals.states import MemberRole
from tests.journeys.conftest import Site, enter_as, look, saved, window_on

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def number(site: Site) -> int:
    """Ana's draft, in which Jonas may write everything for these tests."""
    with site.app.app_context(), transaction():
        ana = select(Account.id).where(Account.email == ANA)
        mine = select(Member.proposal_id).where(
            Member.account_id == ana.scalar_subquery(), Member.role == MemberRole.MAIN_CONTACT
        )
        partner = db.session.scalars(
            select(Member).where(Member.proposal_id.in_(mine), Member.role == MemberRole.PARTNER_CONTACT)
        ).one()
        partner.role = MemberRole.CONTACT
        return db.session.get_one(Proposal, partner.proposal_id).number


@pytest.fixture
def two(browser: Browser, site: Site) -> Iterator[tuple[Page, Page]]:
    """Ana's window and Jonas's."""
    with window_on(browser, site) as one, window_on(browser, site) as other:
        enter_as(one, "Ana Ferreira")
        enter_as(other, "Jonas Lindqvist")
        yield one, other


def test_two_people_in_one_section_see_each_other(two, number, var: Path):
    ana, jonas = two
    ana.goto(f"/proposals/{number}/general")
    with jonas.expect_response(re.compile("/here/general")):
        jonas.goto(f"/proposals/{number}/general")

    expect(jonas.get_by_role("status").filter(has_text="Ana Ferreira is here too.")).to_be_visible()
    ana.reload()
    expect(ana.get_by_role("status").filter(has_text="Jonas Lindqvist is here too.")).to_be_visible()
    look(ana, var, "here-too")


def test_a_stale_save_offers_both_texts_and_keeps_the_chosen_one(two, number):
    ana, jonas = two
    for page in two:
        page.goto(f"/proposals/{number}/general")
    with saved(jonas):
        jonas.get_by_label("Title").fill("What Jonas wrote")

    ana.get_by_label("Title").fill("What Ana wrote")
    dialog = ana.get_by_role("dialog")
    expect(dialog).to_contain_text("Jonas Lindqvist changed this")
    expect(dialog).to_contain_text("What Jonas wrote")
    expect(dialog).to_contain_text("What Ana wrote")
    dialog.get_by_label("Keep mine").check()
    with saved(ana):
        dialog.get_by_role("button", name="Save my choice").click()

    jonas.reload()
    expect(jonas.get_by_label("Title")).to_have_value("What Ana wrote")


def test_different_sections_never_collide(two, number):
    ana, jonas = two
    ana.goto(f"/proposals/{number}/general")
    jonas.goto(f"/proposals/{number}/budget")
    row = jonas.locator("tr[data-row]").nth(1)
    for amount in ("1000", "2000"):
        with saved(ana):
            ana.get_by_label("Title").fill(f"Title beside {amount}")
        with saved(jonas):
            row.get_by_label("A. Personnel").fill(amount)

    assert ana.get_by_role("dialog").count() + jonas.get_by_role("dialog").count() == 0
    jonas.goto(f"/proposals/{number}/general")
    expect(jonas.get_by_label("Title")).to_have_value("Title beside 2000")


def test_the_history_names_both_and_restores(two, number, var: Path):
    ana, jonas = two
    jonas.goto(f"/proposals/{number}/general")
    with saved(jonas):
        jonas.get_by_label("Title").fill("A slip of the mouse")
    ana.goto(f"/proposals/{number}/history")
    newest = ana.locator("div.g-panel").first
    expect(newest).to_contain_text("Jonas Lindqvist")
    expect(newest).to_contain_text("A slip of the mouse")
    look(ana, var, "history")

    newest.get_by_role("button", name="Restore to before this change").click()
    ana.get_by_role("dialog").get_by_role("button").first.click()

    expect(ana.get_by_text("as it was before the change")).to_be_visible()
    expect(ana.locator("div.g-panel").first).to_contain_text("Restored")
    ana.goto(f"/proposals/{number}/general")
    expect(ana.get_by_label("Title")).not_to_have_value("A slip of the mouse")
    ana.goto(f"/proposals/{number}/people")
    expect(ana.get_by_role("table")).to_contain_text("Jonas Lindqvist")
    look(ana, var, "people")


def test_an_ended_session_keeps_the_text_and_goes_on_in_place(two, number, site: Site):
    ana, _ = two
    ana.goto(f"/proposals/{number}/general")
    with site.app.app_context(), transaction():
        mine = select(Account.id).where(Account.email == ANA).scalar_subquery()
        db.session.execute(
            update(SignInSession)
            .where(SignInSession.account_id == mine, SignInSession.ended_at.is_(None))
            .values(ended_at=SignInSession.seen_at)
        )
    ana.get_by_label("Title").fill("Written after the session ended")

    dialog = ana.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing is lost")
    dialog.get_by_label("E-mail address").fill(ANA)
    dialog.get_by_label("Password").fill(PASSWORD)
    with saved(ana):
        dialog.get_by_role("button", name="Sign in and save").click()

    ana.reload()
    expect(ana.get_by_label("Title")).to_have_value("Written after the session ended")


def test_without_a_line_the_text_stays_here_and_is_saved_when_the_line_is_back(browser: Browser, site: Site, number):
    context = browser.new_context(base_url=site.address)  # its console tells of the missing line
    page = context.new_page()
    enter_as(page, "Ana Ferreira")
    page.goto(f"/proposals/{number}/general")
    context.set_offline(True)
    page.get_by_label("Title").fill("Written on a train")
    expect(page.locator("[data-save-state]").first).to_have_attribute("data-state", "retry")
    expect(page.locator("[data-save-state]").first).to_contain_text("kept on this device")
    assert "Written on a train" in page.evaluate("JSON.stringify(localStorage)")

    with saved(page):
        context.set_offline(False)

    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Written on a train")
    context.close()


def test_a_partner_who_reads_their_own_part_finds_their_way(browser: Browser, site: Site, var: Path):
    with window_on(browser, site) as page:
        enter_as(page, "Ana Ferreira")
        with site.app.app_context():
            theirs = select(Member.proposal_id).where(Member.role == MemberRole.PARTNER_CONTACT)
            number = db.session.scalars(
                select(Proposal.number).where(Proposal.id.in_(theirs), Proposal.partners_read_all.is_(False))
            ).one()
        page.goto(f"/proposals/{number}")
        expect(page.get_by_text("The coordinator shows partners their own part.")).to_be_visible()
        expect(page.get_by_role("link", name="Consortium")).to_have_count(0)
        look(page, var, "own-part")
        page.get_by_role("link", name="Budget:").click()
        with saved(page):
            page.locator("tr[data-row]").first.get_by_label("A. Personnel").fill("4321")
        look(page, var, "own-budget")
