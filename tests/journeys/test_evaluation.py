"""From invitation to letters and a review: three evaluators, a conflict, a disagreement, a tie, a redress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from grants.accounts import services as accounts
from grants.accounts.models import Account, RoleGrant
from grants.calls.models import Topic
from grants.db import db
from grants.evaluation import queries, services
from grants.evaluation.models import Assignment
from grants.experts import services as experts
from grants.experts.models import Expert, Invitation
from grants.kernel.actor import Actor, Role
from grants.proposals.models import Proposal
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, evaluated, expert, expert_actor, handed_in
from tests.factories.people import actor_of, person
from tests.factories.proposals import submitted
from tests.journeys.conftest import Site, look
from tests.journeys.test_whole_life import press

pytestmark = pytest.mark.browser
NAMES = ("Ann Author", "Bob Bridge", "Cid Critic", "Dee Divided")
MANAGERS = ("Mia Manager", "Max Second", "Una Uninvolved", "Ugo Uninvolved")
#: When it happens: a few days after the deadline of the topic.
MOMENT = LATER + timedelta(hours=2)


@dataclass
class Scene:
    """Everybody by name, and what is evaluated: numbers and the topic's identifier."""

    page: Page
    site: Site
    topic: str
    first: int
    second: int
    people: dict[str, int]

    def enter(self, name: str) -> None:
        """The browser becomes that person's."""
        with self.site.app.app_context():
            account = db.session.get_one(Account, self.people[name])
            token = accounts.open_session(account, now=self.site.clock.now(), address="127.0.0.1", browser="test")
            db.session.commit()
        app = self.site.app
        signed = app.session_interface.get_signing_serializer(app).dumps({"_user_id": token})  # type: ignore[attr-defined]
        cookie = {"name": app.config["SESSION_COOKIE_NAME"], "value": signed, "url": self.site.address}
        self.page.context.clear_cookies()
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]

    def manager(self, name: str) -> Actor:
        """The actor of a manager."""
        account = db.session.get_one(Account, self.people[name])
        code = db.session.scalars(select(RoleGrant.programme_code).where(RoleGrant.account_id == account.id)).one()
        return actor_of(account, Role.MANAGER, programme=code)


@pytest.fixture
def scene(page: Page, site: Site) -> Iterator[Scene]:
    """Two submitted proposals of a topic that pays for one; four experts in the registry, four managers."""
    site.clock.shift = MOMENT - datetime.now(UTC)
    with site.app.app_context():
        of = topic(budget=Decimal(400_000))
        of.spread_limit = Decimal(2)
        code = of.call.programme.code
        found = {name: person(name, Role.MANAGER, programme=code).id for name in MANAGERS}
        found |= {name: expert(name).account_id for name in NAMES}
        contact = person("Cora Contact")
        first, found[contact.name] = submitted(of, main_contact=contact), contact.id
        made = Scene(page, site, of.identifier, first.number, 0, found)
        db.session.commit()
    yield made
    site.clock.shift = timedelta(0)


def test_from_invitation_to_letters_and_a_review(scene: Scene, var: Path):
    invite(scene, var)
    assign(scene)
    declare_a_conflict(scene)
    hand_in(scene)
    disagree(scene, var)
    second(scene)
    rank(scene, var)
    ask_for_a_review(scene, var)
    decide_on_it(scene, var)


def invite(scene: Scene, var: Path) -> None:
    """The manager invites all four; one accepts in the browser."""
    page = scene.page
    scene.enter("Mia Manager")
    page.goto(f"/manage/topics/{scene.topic}/experts?q=")
    for name in NAMES:
        page.get_by_label(f"Select {name}").check()
    look(page, var, "evaluation-pool")
    page.get_by_role("button", name="Invite the selected").click()
    expect(page.get_by_text("Invited:")).to_be_visible()
    scene.enter(NAMES[0])
    page.goto("/evaluation")
    page.get_by_role("link", name=f"Read and answer the invitation for {scene.topic}").click()
    look(page, var, "evaluation-invitation")
    page.get_by_label("I keep what I read confidential").check()
    page.get_by_role("button", name="Accept the invitation").click()
    expect(page.get_by_text("You will get a letter for each proposal.")).to_be_visible()
    with scene.site.app.app_context():
        for name in NAMES[1:]:
            account = db.session.get_one(Account, scene.people[name])
            mine = select(Invitation).join(Expert).where(Expert.account_id == account.id)
            invitation = db.session.scalars(mine).one()
            experts.answer_invitation(invitation, accept=True, actor=expert_actor(account), now=MOMENT)
        db.session.commit()


def assign(scene: Scene) -> None:
    """By hand, the first as rapporteur."""
    page = scene.page
    scene.enter("Mia Manager")
    page.goto(f"/manage/proposals/{scene.first}/evaluation")
    for index, name in enumerate(NAMES):
        page.locator("#expert").select_option(label=f"{name} (0 of 8)")
        if index == 0:
            page.get_by_label("Rapporteur").check()
        page.get_by_role("button", name="Assign").click()
        expect(page.get_by_text(f"{name} is asked to evaluate this proposal.")).to_be_visible()


def desk_of(scene: Scene, name: str) -> str:
    """The address of an expert's desk for the first proposal."""
    with scene.site.app.app_context():
        mine = select(Assignment.id).join(Assignment.expert).join(Assignment.proposal)
        mine = mine.where(Expert.account_id == scene.people[name], Proposal.number == scene.first)
        return f"/evaluation/{db.session.scalars(mine).one()}"


def declare_a_conflict(scene: Scene) -> None:
    """The fourth expert has one; from then on the proposal is not there for them."""
    page, desk = scene.page, desk_of(scene, NAMES[3])
    scene.enter(NAMES[3])
    page.goto(desk)
    page.locator("#reason").fill("My sister leads a work package.")
    press(page, "Declare a conflict of interest", "Declare a conflict of interest")
    page.wait_for_url(re.compile(r"/evaluation$"))
    assert page.goto(desk).status == 404
    page.goto("/evaluation")
    expect(page.get_by_text(str(scene.first))).to_have_count(0)


def hand_in(scene: Scene) -> None:
    """The three others judge; the third far below the rest."""
    with scene.site.app.app_context():
        for name, score in zip(NAMES[:3], ("4.5", "4.5", "2"), strict=True):
            account = db.session.get_one(Account, scene.people[name])
            mine = select(Assignment).join(Assignment.expert).where(Expert.account_id == account.id)
            assignment, who = db.session.scalars(mine).one(), expert_actor(account)
            opened = queries.open_assignment(who, assignment.id, now=MOMENT)
            services.accept_assignment(opened, actor=who, now=MOMENT)
            handed_in(assignment, score, now=MOMENT)
        db.session.commit()


def disagree(scene: Scene, var: Path) -> None:
    """The reports lie far apart; the third expert does not agree, and the view is kept with the report."""
    page = scene.page
    scene.enter("Mia Manager")
    page.goto(f"/manage/proposals/{scene.first}/evaluation")
    press(page, "Open the consensus", "Open the consensus")
    expect(page.get_by_text("The consensus is opened.")).to_be_visible()
    scene.enter(NAMES[0])
    page.goto(f"{desk_of(scene, NAMES[0])}/consensus")
    expect(page.get_by_text("Far apart").first).to_be_visible()
    with scene.site.app.app_context():
        proposal = db.session.scalars(select(Proposal).where(Proposal.number == scene.first)).one()
        made = {each.expert.account.name: each for each in queries.assignments_of(proposal.id)}
        who = expert_actor(made[NAMES[0]].expert.account)
        agreed = {f"scores.{each.code}.score": "4" for each in proposal.topic.criteria}
        opened = queries.open_assignment(who, made[NAMES[0]].id, now=MOMENT)
        services.save_consensus(opened, agreed, seen=1, actor=who, now=MOMENT)
        db.session.commit()
    page.reload()
    look(page, var, "evaluation-far-apart")
    page.get_by_role("button", name="Propose to the others").click()
    expect(page.get_by_text("The others are asked whether they agree.")).to_be_visible()
    for name, answer in ((NAMES[1], "agrees"), (NAMES[2], "disagrees")):
        scene.enter(name)
        page.goto(f"{desk_of(scene, name)}/consensus")
        page.locator(f"input[name=answer][value={answer}]").check()
        if answer == "disagrees":
            page.locator("#text").fill("The method cannot reach what it promises.")
        page.get_by_role("button", name="Give my answer").click()
        expect(page.get_by_text("Your answer is kept.")).to_be_visible()
    scene.enter("Mia Manager")
    page.goto(f"/manage/proposals/{scene.first}/evaluation")
    press(page, "Approve the consensus", "Approve the consensus")
    expect(page.get_by_text("The consensus is approved.")).to_be_visible()
    page.goto(f"/manage/topics/{scene.topic}/evaluation/figures")
    look(page, var, "evaluation-figures")


def second(scene: Scene) -> None:
    """Another proposal reaches the same total with lower excellence."""
    with scene.site.app.app_context():
        of = db.session.scalars(select(Topic).where(Topic.identifier == scene.topic)).one()
        ids = [scene.people[name] for name in NAMES[:3]]
        judges = db.session.scalars(select(Expert).where(Expert.account_id.in_(ids)).order_by(Expert.id)).all()
        scores = {"excellence": "3.5", "impact": "4.5", "implementation": "4"}
        made = evaluated(of, judges, scores, manager=scene.manager("Mia Manager"), now=MOMENT)
        contact = next(each.account for each in made.members)
        scene.second, scene.people["Rae Reserve"] = made.number, contact.id
        db.session.commit()


def rank(scene: Scene, var: Path) -> None:
    """Equal scores, told apart in words; decided by two; both letters at once."""
    page = scene.page
    page.goto(f"/manage/topics/{scene.topic}/ranking")
    page.get_by_role("button", name="Compute the list").click()
    page.get_by_text("Why this place").first.click()
    expect(page.get_by_text("1st before 2nd because at equal ranking scores")).to_be_visible()
    press(page, "Propose the decision to a second manager", "Propose the decision to a second manager")
    expect(page.get_by_text("You prepared this decision")).to_be_visible()
    scene.enter("Max Second")
    page.goto(f"/manage/topics/{scene.topic}/ranking")
    press(page, "Confirm the decision", "Confirm the decision")
    expect(page.get_by_text("The list is decided.")).to_be_visible()
    page.get_by_role("button", name="Look at the letters and send them").click()
    page.get_by_label("I have looked at the letters").check()
    press(page, "Send 2 letters now", "Send 2 letters now")
    expect(page.get_by_text("2 letters sent")).to_be_visible()
    scene.enter("Cora Contact")
    page.goto(f"/proposals/{scene.first}/result")
    expect(page.get_by_text("The method cannot reach what it promises.")).to_be_visible()
    text = page.locator("body").inner_text()
    assert not [name for name in NAMES if name in text]


def ask_for_a_review(scene: Scene, var: Path) -> None:
    """The contact of the proposal on the reserve list finds an error in the procedure."""
    page = scene.page
    scene.enter("Rae Reserve")
    page.goto(f"/proposals/{scene.second}/result")
    page.get_by_role("link", name="Ask for a review of the procedure").click()
    page.get_by_label("Another step of the procedure").check()
    page.get_by_label("What went wrong in the procedure?").fill("An annex that we handed in was not read.")
    expect(page.locator("[data-save-state]").first).to_have_attribute("data-state", "saved", timeout=10_000)
    look(page, var, "redress-ask")
    press(page, "Send the request", "Send the request")
    expect(page.get_by_role("heading", name="Your request")).to_be_visible()
    expect(page.get_by_text("An annex that we handed in was not read.")).to_be_visible()
    look(page, var, "redress-sent")


def rule(scene: Scene, says: str, reason: str) -> None:
    """One manager proposes, another confirms."""
    page = scene.page
    scene.enter("Mia Manager")
    page.goto(f"/manage/redress/{scene.second}")
    page.locator(f"input[name=says][value={says}]").check()
    page.get_by_label("Reason, as the applicants are told it").fill(reason)
    page.get_by_role("button", name="Propose to a second manager").click()
    expect(page.get_by_text("Waits for a second manager.")).to_be_visible()
    scene.enter("Max Second")
    page.goto(f"/manage/redress/{scene.second}")
    press(page, "Confirm", "Confirm")
    expect(page.get_by_text("Waits for a second manager.")).to_have_count(0)


def decide_on_it(scene: Scene, var: Path) -> None:
    """Admissible; a committee of two who had no part in it writes its opinion; the result is confirmed."""
    page = scene.page
    rule(scene, "admissible", "It is about a step of the procedure and came in time.")
    for name in ("Una Uninvolved", "Ugo Uninvolved"):
        if page.get_by_role("button", name=f"Name {name}").is_hidden():
            page.get_by_text("Name a member").click()
        page.get_by_role("button", name=f"Name {name}").click()
        expect(page.get_by_role("listitem").filter(has_text=name).first).to_be_visible()
    look(page, var, "redress-committee")
    scene.enter("Una Uninvolved")
    page.goto(f"/manage/redress/{scene.second}")
    page.get_by_label("Opinion of the committee").fill("The annex was with the experts: they quote it.")
    page.get_by_role("button", name="Keep the opinion").click()
    expect(page.get_by_text("The opinion is kept.")).to_be_visible()
    rule(scene, "confirmed", "The experts had the annex and quote it.")
    look(page, var, "redress-decided")
    page.goto("/manage/redress")
    look(page, var, "redress-list")
    scene.enter("Rae Reserve")
    page.goto(f"/proposals/{scene.second}/review")
    expect(page.get_by_text("The result is confirmed")).to_be_visible()
    text = page.locator("body").inner_text()
    assert not [name for name in (*MANAGERS, "they quote it") if name in text]
