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
from tests.journeys.conftest import Site, enter_as, saves, window_on

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
        with page.expect_response(saves):
            page.locator("tr[data-row]").first.get_by_label("A. Personnel").fill(amount)
            come()
    expect(page.locator("[data-save-state]").first).to_have_attribute("data-state", "saved")
    page.goto(f"/proposals/{number}/budget")
    expect(page.locator("tr[data-row]").first.get_by_label("A. Personnel")).to_have_value(amount)


def test_what_is_ticked_and_chosen_early_is_saved(page: Page, number: int):
    page.goto(f"/proposals/{number}/part-a")
    hrefs = [each.get_attribute("href") for each in page.locator(".g-tasks a, .govuk-task-list a").all()]
    chosen = 0
    for href in hrefs:
        with late(page, "autosave") as come:
            with page.expect_request(asks_for("autosave")):
                page.goto(href or "", wait_until="commit")
            page.locator("form[data-autosave]").wait_for(state="attached")
            boxes = page.locator("input[type=radio]:visible, input[type=checkbox]:visible")
            box = boxes.first
            if boxes.count() == 0 or box.is_checked():
                come()
                page.locator("form[data-autosave][data-ready]").wait_for()
                continue
            with page.expect_response(saves):
                box.check()
                come()
        page.goto(href or "")
        expect(box).to_be_checked()
        chosen += 1
    assert chosen > 0
