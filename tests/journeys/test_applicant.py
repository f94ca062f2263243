"""From the public list to a receipt that anybody can verify, in a real browser on real parts."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import typst
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.journeys.conftest import Site, answer_part_a, enter_as, look, picture, saved, violations

pytestmark = pytest.mark.browser
TOPIC = "Hotlines that remove material within hours"


@pytest.fixture(scope="session")
def part_b(tmp_path_factory) -> Path:
    """A PDF of twelve pages."""
    file = tmp_path_factory.mktemp("pdf") / "Part B – Hotlines.pdf"
    file.write_bytes(typst.compile(b"#for n in range(12) [Page #n #pagebreak(weak: true)]", format="pdf"))
    return file


def test_a_coordinator_writes_submits_changes_and_submits_again(page: Page, site: Site, part_b: Path, var: Path):
    page.goto("/calls")
    look(page, var, "calls")
    page.get_by_role("link", name=TOPIC).click()
    expect(page.get_by_role("heading", name="How proposals are judged")).to_be_visible()
    look(page, var, "topic")

    enter_as(page, "Jonas Lindqvist")
    page.get_by_role("link", name=TOPIC).click()
    page.get_by_role("button", name="Start a proposal").click()
    page.get_by_label("Coordinating organisation").select_option(label="Trygga Nätet")
    page.get_by_role("button", name="Start").click()

    page.get_by_label("Acronym").fill("HOTNET")
    page.get_by_label("Title").fill("Hotlines that answer in an hour")
    page.get_by_label("Abstract").fill("Three hotlines share one queue.")
    with saved(page):
        page.get_by_label("Duration in months").fill("24")
    page.reload()
    expect(page.get_by_label("Acronym")).to_have_value("HOTNET")
    look(page, var, "general")
    number = re.search(r"/proposals/(\d{9})/", page.url).group(1)

    page.get_by_role("link", name="Consortium").click()
    page.get_by_label("Name or PIC").fill("Lindau")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Universität Lindau is in the consortium.")).to_be_visible()
    look(page, var, "consortium")

    answer_part_a(page)
    look(page, var, "part-a")
    page.goto(f"/proposals/{number}/sections/declarations")
    look(page, var, "part-a-section")

    page.get_by_role("link", name="Budget").click()
    expect(page.locator("tr[data-row]")).to_have_count(2)
    for row in page.locator("tr[data-row]").all():
        with saved(page):
            row.get_by_label("A. Personnel").fill("120 000")
            row.get_by_label("A. Personnel").blur()
    page.reload()
    expect(page.locator("#totals")).to_contain_text("€\u202f256\u202f800")  # 2 x 120 000 + 7 %
    look(page, var, "budget")

    page.get_by_role("link", name="Files").click()
    page.set_input_files("#part_b-file", part_b)
    expect(page.locator("#part_b [data-upload-list]")).to_contain_text("12 pages", timeout=20_000)
    page.reload()
    expect(page.locator("#part_b")).to_contain_text("SHA-256")
    look(page, var, "files")

    page.get_by_role("link", name="Submit", exact=True).click()
    page.wait_for_url("**/submit")
    look(page, var, "submit")
    page.get_by_label("All partners agree").check()
    page.get_by_role("button", name="Submit the proposal").click()
    expect(page.get_by_role("heading", name="Version 1 is submitted")).to_be_visible()
    look(page, var, "receipt")

    site.deliver()
    letters = [text for recipient, text in site.letters if recipient == "jonas@demo.example"]
    assert any(number in text for text in letters)

    page.get_by_role("link", name="General").click()
    with saved(page):
        page.get_by_label("Title").fill("Hotlines that answer in half an hour")
    expect(page.locator("[data-save-state]")).to_contain_text("not submitted: version 1 counts until")
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="You have changes that are not submitted")).to_be_visible()
    look(page, var, "overview")
    page.get_by_role("link", name="Submit", exact=True).click()
    page.get_by_label("All partners agree").check()
    page.get_by_role("button", name="Submit the proposal").click()
    expect(page.get_by_role("heading", name="Version 2 is submitted")).to_be_visible()

    with page.expect_download() as pdf:
        page.get_by_role("button", name="Receipt as PDF").click()
    assert Path(pdf.value.path()).read_bytes().startswith(b"%PDF-")
    page.get_by_role("link", name="check it here").click()
    expect(page.get_by_role("heading", name="This receipt is genuine")).to_be_visible()
    page.goto("/verify")
    page.set_input_files("#file", part_b)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", name="This file was submitted")).to_be_visible()
    look(page, var, "verify")

    try:
        site.clock.shift = timedelta(days=10)
        enter_as(page, "Jonas Lindqvist")
        page.goto(f"/proposals/{number}/submit")
        expect(page.get_by_role("button", name="Submit the proposal")).to_be_disabled()
        page.goto(f"/proposals/{number}/general")
        expect(page.get_by_text("The deadline has passed")).to_be_visible()
        enter_as(page, "Ana Ferreira")
        assert page.goto(f"/proposals/{number}").status == 404
    finally:
        site.clock.shift = timedelta(0)


def test_two_tabs_cannot_overwrite_each_other(page: Page, site: Site):
    enter_as(page, "Ana Ferreira")
    page.get_by_role("link", name="Finding victims in seized material").click()
    page.get_by_role("button", name="Start a proposal").click()
    page.get_by_role("button", name="Start").click()
    other = page.context.new_page()
    other.goto(page.url)

    with saved(other):
        other.get_by_label("Title").fill("Written in the other tab")
    page.get_by_label("Title").fill("Written in this tab")

    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Written in the other tab", timeout=10_000)
    expect(dialog).to_contain_text("Written in this tab")
    assert violations(page) == []


def test_a_button_pressed_while_a_save_is_on_its_way_waits_for_it_and_a_refused_save_says_why(page: Page, site: Site):
    enter_as(page, "Jonas Lindqvist")
    page.get_by_role("link", name="Finding victims in seized material").click()
    page.get_by_role("button", name="Start a proposal").click()
    page.get_by_role("button", name="Start").click()
    held: list[tuple[Route, APIResponse]] = []  # saved, but the page has not heard of it
    page.route("**/general/save", lambda route: held.append((route, route.fetch())))
    with page.expect_request("**/general/save"):
        page.get_by_label("Title").fill("Typed just before the button")

    with page.expect_response(lambda answer: answer.request.is_navigation_request() and answer.ok):
        page.get_by_role("button", name="Save").click(no_wait_after=True)
        while not held:
            page.evaluate("'let the save arrive'")
        route, answer = held[0]
        route.fulfill(response=answer)

    expect(page.get_by_role("heading", name="Changed elsewhere")).to_have_count(0)
    page.unroute("**/general/save")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Typed just before the button")

    # what cannot be saved is told with its field, and kept
    duration = page.get_by_label("Duration in months")
    duration.fill("two years")
    said = page.locator("[data-save-state]").first
    expect(said).to_contain_text("Use a whole number, for example 24. Your text is kept on this device.")
    expect(duration).to_have_attribute("aria-invalid", "true")


def test_a_lost_session_keeps_the_text(page: Page, site: Site):
    enter_as(page, "Ana Ferreira")
    page.get_by_role("link", name="Networks for prevention that reach people before they offend").click()
    page.get_by_role("button", name="Start a proposal").click()
    page.get_by_role("button", name="Start").click()
    page.context.clear_cookies()

    page.get_by_label("Abstract").fill("Typed after the session was lost.")

    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("ana@demo.example")
    dialog.get_by_label("Password").fill("look around freely")
    with saved(page), page.expect_response("**/general/save"):
        dialog.get_by_role("button", name="Sign in").click()
    page.reload()
    expect(page.get_by_label("Abstract")).to_have_value("Typed after the session was lost.")


@pytest.mark.parametrize(
    ("who", "addresses"),
    [
        (None, ["/", "/sign-in", "/register", "/forgot-password", "/nowhere"]),
        (None, ["/about", "/accessibility", "/licences"]),
        ("Marie Lambert", ["/", "/manage/calls", "/manage/calls/new", "/profile", "/profile/password"]),
        ("Иван Петров", ["/admin/people", "/admin/letters", "/admin/jobs", "/audit"]),
        ("Иван Петров", ["/organisations", "/organisations/new", "/manage/programmes/new"]),
    ],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible_and_never_scroll_sideways(page: Page, var: Path, who, addresses, theme):
    page.emulate_media(color_scheme=theme)
    if who:
        enter_as(page, who)
    for address in addresses:
        page.goto(address)
        if theme == "light":
            look(page, var, f"light{address.replace('/', '-')}")
        else:  # the same elements in other colours
            picture(page, var, f"dark{address.replace('/', '-')}")
            assert violations(page, only=("color-contrast",)) == [], address
