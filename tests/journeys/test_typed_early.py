"""What somebody types, ticks or chooses before the scripts of a page have arrived is saved like all the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy import select

from grants.accounts.models import Account
from grants.db import db
from grants.demo.people import ANA
from grants.proposals.models import Member, Proposal
from grants.proposals.states import MemberRole, ProposalState
from tests.journeys.conftest import Site, enter_as, saved, window_on

pytestmark = pytest.mark.browser


@contextmanager
def late(page: Page, script: str) -> Iterator[Callable[[], None]]:
    """A slow line for one script: it comes when the block says so."""
    held: list[Route] = []
    page.route(f"**/{script}.*.js", lambda route: held.append(route))

    def come() -> None:
        for each in held:
            each.continue_()
        page.unroute(f"**/{script}.*.js")

    yield come


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    with window_on(browser, site) as window:
        enter_as(window, "Ana Ferreira")
        yield window


@pytest.fixture
def number(site: Site) -> int:
    """Ana's own draft."""
    with site.app.app_context():
        mine = (
            select(Proposal.number)
            .join(Member, Member.proposal_id == Proposal.id)
            .join(Account, Account.id == Member.account_id)
            .where(
                Account.email == ANA,
                Member.role == MemberRole.MAIN_CONTACT,
                Proposal.state == ProposalState.DRAFT,
                Proposal.cut_off.is_(None),
            )
            .order_by(Proposal.number.desc())
        )
        number = db.session.scalars(mine).first()
        db.session.remove()
    assert number is not None
    return number


def asks_for(script: str) -> Callable[[Request], bool]:
    return lambda request: f"/{script}." in request.url


@pytest.mark.parametrize(("script", "amount"), [("autosave", "4321"), ("budget", "5432")])
def test_an_amount_is_saved_whichever_script_comes_late(page: Page, number: int, script: str, amount: str):
    with late(page, script) as come:
        with page.expect_request(asks_for(script)):
            page.goto(f"/proposals/{number}/budget", wait_until="commit")
        if script == "budget":
            page.locator("form[data-autosave][data-ready]").first.wait_for(state="attached")
        with saved(page):
            page.locator("tr[data-row]").first.get_by_label("A. Personnel").fill(amount)
            come()
    page.goto(f"/proposals/{number}/budget")
    expect(page.locator("tr[data-row]").first.get_by_label("A. Personnel")).to_have_value(amount)


@pytest.fixture
def sections(page: Page, number: int) -> list[str]:
    """Addresses of all sections of Part A."""
    page.goto(f"/proposals/{number}/part-a")
    page.locator(".g-tasks a").first.wait_for()
    return [str(each.get_attribute("href")) for each in page.locator(".g-tasks a").all()]


def test_a_page_that_nobody_touched_saves_nothing(page: Page, number: int, sections: list[str]):
    for address in (*sections, f"/proposals/{number}/general", f"/proposals/{number}/budget"):
        page.goto(address)
        page.locator("form[data-autosave][data-ready]").first.wait_for(state="attached")
        assert page.locator("[data-save-state]").first.get_attribute("data-state") != "unsaved", address


def test_what_is_ticked_early_is_saved(page: Page, sections: list[str]):
    address, box = next(found for each in sections if (found := first_empty(page, each)))
    with late(page, "autosave") as come:
        with page.expect_request(asks_for("autosave")):
            page.goto(address, wait_until="commit")
        with saved(page):
            page.locator(box).check()
            come()
    page.goto(address)
    expect(page.locator(box)).to_be_checked()


def first_empty(page: Page, address: str) -> tuple[str, str] | None:
    """A question to tick that has no answer yet: the address of its page, and where its first box is."""
    page.goto(address)
    boxes = page.locator("[data-question]:visible:not(:has(:checked)) input[type=radio]")
    return (address, f"#{boxes.first.get_attribute('id')}") if boxes.count() else None


def test_what_somebody_else_changed_meanwhile_does_not_take_the_place_of_what_was_typed_early(
    browser: Browser, site: Site, page: Page, number: int
):
    with window_on(browser, site) as other, late(page, "autosave") as come:
        enter_as(other, "Ana Ferreira")
        other.goto(f"/proposals/{number}/general")
        other.locator("form[data-autosave][data-ready]").wait_for()
        with page.expect_request(asks_for("autosave")):
            page.goto(f"/proposals/{number}/general", wait_until="commit")
        page.get_by_label("Title").fill("Typed early")
        with saved(other):
            other.get_by_label("Title").fill("Written elsewhere")
        come()
        expect(page.get_by_role("dialog")).to_contain_text("Typed early")
        with saved(page):
            page.get_by_role("button", name="Save my choice").click()
    expect(page.get_by_label("Title")).to_have_value("Typed early")


def test_going_back_shows_what_is_saved_now_and_saves_nothing_old(
    browser: Browser, site: Site, page: Page, number: int
):
    page.goto(f"/proposals/{number}/general")
    page.locator("form[data-autosave][data-ready]").wait_for()
    with saved(page):
        page.get_by_label("Title").fill("Saved long ago")
    page.goto(f"/proposals/{number}/part-a")
    with window_on(browser, site) as other:
        enter_as(other, "Ana Ferreira")
        other.goto(f"/proposals/{number}/general")
        other.locator("form[data-autosave][data-ready]").wait_for()
        with saved(other):
            other.get_by_label("Title").fill("Written by a colleague since")
    page.go_back()
    page.locator("form[data-autosave][data-ready]").wait_for()
    expect(page.get_by_label("Title")).to_have_value("Written by a colleague since")
    assert page.locator("[data-save-state]").first.get_attribute("data-state") != "unsaved"
