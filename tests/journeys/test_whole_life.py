"""One call through its whole life in a real browser: published, applied for, evaluated, ranked, decided, funded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site, answer_part_a, enter_as, look, saved
from tests.journeys.test_applicant import part_b

pytestmark = pytest.mark.browser
__all__ = ["part_b"]  # the fixture
CALL = "ISF-JOURNEY"
EXPERTS = ("Ελένη Παπαδάκη", "Tomasz Wiśniewski", "Rūta Kazlauskaitė")
SCORES = {"Relevance": "36", "Quality": "32", "Impact": "16"}
PASSWORD = "five plain words for a test"


@pytest.fixture
def moved(site: Site) -> Iterator[Site]:
    """The site, whose clock is set back afterwards."""
    yield site
    site.clock.shift = timedelta(0)


def test_a_call_goes_from_publication_to_a_funded_project(page: Page, moved: Site, part_b: Path, var: Path):
    topic = publish(page, var)
    number = apply(page, moved, topic, part_b, var)
    moved.clock.shift = timedelta(days=100)
    invite(page, topic, var)
    own = assign(page, number, var)
    for name in EXPERTS:
        evaluate(page, name, own[name], var)
    agree(page, number, own, var)
    rank_and_decide(page, moved, topic, number, var)
    read_the_result(page, number, var)
    run_the_project(page, number, part_b, var)


def publish(page: Page, var: Path) -> str:
    """The programme manager makes a call with one topic from a template, and publishes it."""
    enter_as(page, "Marie Lambert")
    page.goto("/manage/calls/new")
    page.get_by_label("Identifier").fill(CALL)
    page.get_by_label("Title").fill("A call that lives through a test")
    page.get_by_label("Summary").fill("For a journey from publication to the last report.")
    page.get_by_label("Contact").fill("calls@demo.example")
    page.get_by_label("Budget").fill("2 000 000")
    page.get_by_role("button", name="Save").click()
    page.locator("#template").select_option("ISF-PJG")
    page.get_by_role("button", name="Add a topic").click()
    page.get_by_label("Title", exact=True).fill("Everything once")
    page.get_by_label("What the topic is for").fill("What one proposal meets on its way.")
    page.get_by_label("Budget").fill("1 000 000")
    page.get_by_role("button", name="Save").click()
    look(page, var, "life-manage")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The call is public.")).to_be_visible()
    return f"{CALL}-01"


def apply(page: Page, site: Site, topic: str, part_b: Path, var: Path) -> str:
    """A new person registers, confirms the address, makes a consortium and hands in a proposal; its number."""
    page.context.clear_cookies()
    page.goto("/register")
    page.get_by_label("Name").fill("Zoë Ðorđević")
    page.get_by_label("E-mail").fill("zoe@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()
    site.deliver()
    letter = next(text for to, text in reversed(site.letters) if to == "zoe@example.org")
    page.goto(re.search(r"/confirm/\S+", letter.replace("=\r\n", "").replace("=\n", "")).group(0))
    button = page.get_by_role("button", name="Confirm")
    if button.is_visible():
        button.click()
    sign_in_as_coordinator(page)
    page.goto(f"/topics/{topic}/apply")
    page.get_by_role("button", name="Start").click()
    number = re.search(r"/proposals/(\d{9})/", page.url).group(1)
    page.get_by_label("Acronym").fill("LIFELINE")
    page.get_by_label("Title").fill("One line of help in two countries")
    page.get_by_label("Abstract").fill("Helpers of two countries answer together.")
    with saved(page):
        page.get_by_label("Duration in months").fill("24")
    for name in ("Lindau", "Trygga"):
        page.goto(f"/proposals/{number}/consortium?q={name}")
        page.get_by_role("button", name="Add", exact=True).first.click()
    page.goto(f"/proposals/{number}")
    answer_part_a(page)
    page.goto(f"/proposals/{number}/budget")
    for row in page.locator("tr[data-row]").all():
        with saved(page):
            row.get_by_label("A. Personnel").fill("200 000")
            row.get_by_label("A. Personnel").blur()
    page.goto(f"/proposals/{number}/files")
    page.set_input_files("#part_b-file", part_b)
    expect(page.locator("#part_b [data-upload-list]")).to_contain_text("12 pages", timeout=20_000)
    page.goto(f"/proposals/{number}/submit")
    page.get_by_label("All partners agree").check()
    page.get_by_role("button", name="Submit the proposal").click()
    expect(page.get_by_role("heading", name="Version 1 is submitted")).to_be_visible()
    return number


def invite(page: Page, topic: str, var: Path) -> None:
    """Three experts describe themselves, are invited, and accept."""
    for name in EXPERTS:
        enter_as(page, name)
        page.goto("/evaluation/profile")
        page.get_by_label("Name of your employer").fill(f"Institute of {name}")
        page.get_by_label("Expertise").fill("hotlines, training")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    look(page, var, "life-experts-desk-empty")
    enter_as(page, "Marie Lambert")
    page.goto(f"/manage/topics/{topic}/experts")
    look(page, var, "life-pool")
    for name in EXPERTS:
        page.get_by_label(f"Select {name}").check()
    page.get_by_role("button", name="Invite the selected").click()
    expect(page.get_by_text("Invited:")).to_be_visible()
    for name in EXPERTS:
        enter_as(page, name)
        page.goto("/evaluation")
        page.get_by_role("link", name=f"Read and answer the invitation for {topic}").click()
        page.get_by_label("I keep what I read confidential").check()
        page.get_by_role("button", name="Accept the invitation").click()
        expect(page.get_by_text("You will get a letter for each proposal.")).to_be_visible()


def assign(page: Page, number: str, var: Path) -> dict[str, str]:
    """The manager assigns the three by hand; the addresses of their desks."""
    enter_as(page, "Marie Lambert")
    page.goto(f"/manage/proposals/{number}/evaluation")
    for index, name in enumerate(EXPERTS):
        page.locator("#expert").select_option(label=f"{name} (0 of 8)")
        if index == 0:
            page.get_by_label("Rapporteur").check()
        page.get_by_role("button", name="Assign").click()
        expect(page.get_by_text(f"{name} is asked to evaluate this proposal.")).to_be_visible()
    look(page, var, "life-assigned")
    desks = {}
    for name in EXPERTS:
        enter_as(page, name)
        page.goto("/evaluation")
        desks[name] = page.get_by_role("link", name=number).get_attribute("href")
    return desks


def evaluate(page: Page, name: str, desk: str, var: Path) -> None:
    """Declaration, the PDF beside the form, scores that save by themselves, one button that hands in."""
    enter_as(page, name)
    page.goto(desk)
    look(page, var, "life-declaration")
    page.get_by_label("I have no conflict of interest").check()
    page.get_by_role("button", name="Declare and read the proposal").click()
    expect(page.locator("[data-pdf-count]")).to_have_text("12", timeout=20_000)
    fill_scores(page)
    for question in page.get_by_role("group").filter(has=page.get_by_label("Yes", exact=True)).all():
        with saved(page):
            question.get_by_label("Yes", exact=True).check()
    expect(page.locator("#total")).to_have_text("84 / 100")
    look(page, var, "life-report")
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Your report is handed in.")).to_be_visible()


def fill_scores(page: Page) -> None:
    """A score and reasons for each criterion; the last is awaited."""
    for criterion, score in SCORES.items():
        page.get_by_label(f"{criterion} score").select_option(score)
        with saved(page):
            page.get_by_label(f"{criterion} reasons").fill(f"{criterion}: sound, with few shortcomings.")


def agree(page: Page, number: str, desks: dict[str, str], var: Path) -> None:
    """The rapporteur writes the consensus, the others answer, the manager approves."""
    enter_as(page, "Marie Lambert")
    page.goto(f"/manage/proposals/{number}/evaluation")
    press(page, "Open the consensus", "Open the consensus")
    expect(page.get_by_text("The consensus is opened.")).to_be_visible()
    rapporteur, *others = EXPERTS
    enter_as(page, rapporteur)
    page.goto(f"{desks[rapporteur]}/consensus")
    expect(page.get_by_text("Expert A (you)").first).to_be_visible()
    fill_scores(page)
    look(page, var, "life-consensus")
    page.get_by_role("button", name="Propose to the others").click()
    expect(page.get_by_text("The others are asked whether they agree.")).to_be_visible()
    for name in others:
        enter_as(page, name)
        page.goto(f"{desks[name]}/consensus")
        page.get_by_label("I agree", exact=True).check()
        page.get_by_role("button", name="Give my answer").click()
        expect(page.get_by_text("Your answer is kept.")).to_be_visible()
    enter_as(page, "Marie Lambert")
    page.goto(f"/manage/proposals/{number}/evaluation")
    look(page, var, "life-answered")
    press(page, "Approve the consensus", "Approve the consensus")
    expect(page.get_by_text("The consensus is approved.")).to_be_visible()


def press(page: Page, button: str, confirm: str) -> None:
    """A button that asks first."""
    page.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=confirm).click()


def rank_and_decide(page: Page, site: Site, topic: str, number: str, var: Path) -> None:
    """The list with its funding line, a decision, all letters at once."""
    page.goto(f"/manage/topics/{topic}/ranking")
    page.get_by_role("button", name="Compute the list").click()
    expect(page.get_by_text("The list is computed")).to_be_visible()
    look(page, var, "life-ranking")
    press(page, "Propose the decision to a second manager", "Propose the decision to a second manager")
    expect(page.get_by_text("You prepared this decision")).to_be_visible()
    enter_as(page, "Beata Nowak")
    page.goto(f"/manage/topics/{topic}/ranking")
    look(page, var, "life-to-confirm")
    press(page, "Confirm the decision", "Confirm the decision")
    expect(page.get_by_text("The list is decided.")).to_be_visible()
    page.get_by_role("button", name="Look at the letters and send them").click()
    look(page, var, "life-letters")
    page.get_by_label("I have looked at the letters").check()
    press(page, "Send 1 letter now", "Send 1 letter now")
    expect(page.get_by_text("1 letter sent")).to_be_visible()
    site.deliver()
    assert any(to == "zoe@example.org" and "proposed for a grant" in text for to, text in site.letters)


def read_the_result(page: Page, number: str, var: Path) -> None:
    """The coordinator reads the evaluation summary report, and no name in it."""
    sign_in_as_coordinator(page)
    page.goto(f"/proposals/{number}")
    page.get_by_role("link", name="The result of your proposal").click()
    expect(page.get_by_text("Main list")).to_be_visible()
    text = page.locator("body").inner_text()
    assert not any(name in text for name in EXPERTS)
    look(page, var, "life-result")


def run_the_project(page: Page, number: str, part_b: Path, var: Path) -> None:
    """Both sides agree on the plan; a deliverable and a report are handed in, returned once, accepted."""
    enter_as(page, "Marie Lambert")
    page.goto(f"/manage/topics/{CALL}-01/ranking")
    press(page, "Prepare the grants", "Prepare the grants")
    expect(page.get_by_text(f"In preparation: {number}")).to_be_visible()
    sign_in_as_coordinator(page)
    page.goto(f"/projects/{number}/preparation")
    fill_plan(page)
    look(page, var, "life-plan")
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_text("The plan is complete.")).to_be_visible()
    press(page, "Confirm for the coordinator", "Confirm for the coordinator")
    expect(page.get_by_text("Your side has confirmed.")).to_be_visible()
    enter_as(page, "Marie Lambert")
    page.goto(f"/projects/{number}/preparation")
    press(page, "Confirm for the funder", "Confirm for the funder")
    expect(page.get_by_text("Both sides have confirmed: the project runs.")).to_be_visible()
    look(page, var, "life-project")

    sign_in_as_coordinator(page)
    hand_in(page, f"/projects/{number}/deliverables", "Hand in D1.1", part_b)
    look(page, var, "life-deliverables")
    enter_as(page, "Marie Lambert")
    page.goto(f"/projects/{number}/deliverables")
    page.get_by_text("Return with reasons").click()
    page.get_by_label("What should change").fill("The second chapter is missing.")
    page.get_by_role("button", name="Return", exact=True).click()
    expect(page.get_by_text("Returned. The main contact reads your reasons.")).to_be_visible()
    sign_in_as_coordinator(page)
    page.goto(f"/projects/{number}/deliverables")
    expect(page.get_by_text("The second chapter is missing.")).to_be_visible()
    hand_in(page, f"/projects/{number}/deliverables", "Hand in D1.1", part_b)

    page.goto(f"/projects/{number}/reports")
    with saved(page, page.locator("section.g-panel").first):
        page.get_by_label("Summary for the public, report 1").fill("Helpers of two countries answer together now.")
    upload(page, part_b)
    page.get_by_role("button", name="Hand in report 1").click()
    expect(page.get_by_text("Handed in. The funder’s officers get a letter.")).to_be_visible()
    look(page, var, "life-reports")
    enter_as(page, "Marie Lambert")
    for part in ("deliverables", "reports"):
        page.goto(f"/projects/{number}/{part}")
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Accepted. The main contact gets a letter.")).to_be_visible()
    page.goto(f"/portfolio?call={CALL}")
    expect(page.get_by_role("link", name=f"{number} LIFELINE")).to_be_visible()
    look(page, var, "life-portfolio")


def fill_plan(page: Page) -> None:
    """Two work packages, a deliverable, a milestone."""
    page.get_by_label("Start of the project").fill("2027-10-01")
    for row, title in enumerate(("Management", "One line"), start=1):
        page.get_by_label(f"Work package, row {row}", exact=True).first.fill(title)
        page.get_by_label(f"From month, row {row}").fill("1")
        page.get_by_label(f"To month, row {row}").fill("24")
    page.get_by_label("Deliverable, row 1").fill("A handbook for the line")
    page.locator("#deliverables-0-work_package").fill("1")
    page.locator("#deliverables-0-due_month").fill("6")
    page.get_by_label("Milestone, row 1").fill("The first call is answered")
    page.locator("#milestones-0-due_month").fill("9")


def hand_in(page: Page, address: str, button: str, file: Path) -> None:
    """Upload a file and hand it in."""
    page.goto(address)
    upload(page, file)
    press(page, button, button)
    expect(page.get_by_text("Handed in. The funder’s officers get a letter.")).to_be_visible()


def upload(page: Page, file: Path) -> None:
    """One file, until it is checked."""
    field = page.locator("[data-upload] input[type=file]").first
    field.set_input_files(file)
    expect(page.locator("[data-upload-list]").first).to_contain_text("12 pages", timeout=20_000)


def sign_in_as_coordinator(page: Page) -> None:
    """Zoë, who registered by herself."""
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill("zoe@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Welcome, Zoë").wait_for()
