"""Secrets with a mark each, so that a page that shows one can be told which."""

from __future__ import annotations

from datetime import date
from secrets import token_hex
from typing import Any

import typst
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from grants.accounts.models import Account, SignInSession
from grants.calls.states import Blind
from grants.db import db
from grants.documents.models import Document
from grants.evaluation import offline_jobs, services
from grants.evaluation import queries as evaluation
from grants.evaluation.models import Assignment, FoundConflict, Remark, ReportForm
from grants.evaluation.visibility import DEFAULT, Aspect, Phase, PhaseRule, stored_of
from grants.experts.models import ConflictDecision, DeclaredTie, Employment, Publication
from grants.experts.states import DecisionState, ProfileState
from grants.kernel.actor import SYSTEM
from grants.organisations.models import BankAccount
from grants.panels.models import (
    Attendance,
    CrossReading,
    Hearing,
    Leaving,
    Meeting,
    ObserverReport,
    Outcome,
    PanelConflict,
)
from grants.partners.models import PartnerConversation
from grants.proposals import shortening
from grants.proposals.models import Proposal, Submission
from grants.redress.models import Request, Round, Ruling
from grants.redress.states import DESK, Says
from grants.reporting import queries as reporting
from tests.architecture.world import MOMENT, World
from tests.factories.evaluation import expert_actor
from uploads.intake import keep


class Marks:
    """A mark for each name, the same at each call; small letters, so that addresses of mail can carry them."""

    def __init__(self) -> None:
        self.by_name: dict[str, str] = {}
        self.third: set[int] = set()  # the account of the expert who stands in no relation

    def __call__(self, name: str) -> str:
        """The mark of a secret."""
        return self.by_name.setdefault(name, f"zq{token_hex(6)}")

    def inside(self, text: str) -> set[str]:
        """Names of the secrets that a text tells."""
        low = text.lower()
        return {name for name, mark in self.by_name.items() if mark in low}


def plant(world: World, marks: Marks, *, store: Any) -> None:
    """Mark what people wrote and who they are, in the database as it is now."""
    for relation, account in world.people.items():
        if account is not None:
            _person(account, relation, marks)
    numbers = {phase: world.values[phase]["number"] for phase in ("open", "evaluation", "running", "panel")}
    for phase, number in numbers.items():
        _proposal(db.session.query(Proposal).filter_by(number=number).one(), phase, marks, store=store)
    _judgements(world, marks)
    _project(numbers["running"], marks)
    _registry(world, marks)
    _cv(world, marks, store=store)
    _review(world, marks)
    _offline(world, marks)
    _panel(world, marks)
    db.session.commit()


def _person(account: Account, relation: str, marks: Marks) -> None:
    account.name = f"Person {marks(f'{relation}.name')}"
    account.email = f"{marks(f'{relation}.email')}@example.org"


def _proposal(proposal: Proposal, phase: str, marks: Marks, *, store: Any) -> None:
    proposal.title = f"Title {marks(f'{phase}.title')}"
    proposal.abstract = f"Abstract {marks(f'{phase}.abstract')}"
    for version in db.session.query(Submission).filter_by(proposal_id=proposal.id):
        version.content = {**version.content, "title": proposal.title, "abstract": proposal.abstract}
        flag_modified(version, "content")
    for attachment in proposal.attachments:
        _file(attachment.document, phase, marks, store=store)


def _file(document: Document, phase: str, marks: Marks, *, store: Any) -> None:
    text = f'#set document(title: "{marks(f"{phase}.metadata")}")\n{marks(f"{phase}.file")}'
    content = typst.compile(text.encode())
    document.object_key = keep(store.storage, content, "application/pdf")
    document.name, document.size = f"Part B {marks(f'{phase}.filename')}.pdf", len(content)


def make_blind(world: World, marks: Marks, *, store: Any) -> None:
    """Both evaluations are blind, the one in consensus and the one with an open report: mark all that tells who
    applies. After the decision, experts still find their reports; Part B has its copy for them, a form is made."""
    numbers = [world.values["evaluation"]["number"]]
    numbers += db.session.scalars(
        select(Proposal.number).join(Assignment).where(Assignment.id == world.values["offline"]["assignment_id"])
    )
    for number in numbers:
        _hide(db.session.query(Proposal).filter_by(number=number).one(), marks, store=store)
    who = expert_actor(world.people["expert"])  # type: ignore[arg-type]
    opened = evaluation.open_reports(who, world.values["offline"]["topic"], now=MOMENT)
    made = services.ask_for_form(opened, actor=who, now=MOMENT)
    offline_jobs.export(made.id, store=store, now=MOMENT)
    world.values["offline"]["form_id"] = made.id
    db.session.commit()


def _hide(proposal: Proposal, marks: Marks, *, store: Any) -> None:
    after = PhaseRule(Phase.AFTER, frozenset({Aspect.OWN}))
    proposal.topic.blind, proposal.topic.visibility = Blind.ALL, stored_of((*DEFAULT[:3], after))
    proposal.acronym = marks("blind.acronym")[:20]
    for row in proposal.participants:
        organisation = row.organisation
        organisation.legal_name = f"Institute {marks('blind.organisation')}"
        organisation.short_name, organisation.original_name = marks("blind.short"), marks("blind.original")
        organisation.website, organisation.city = f"https://{marks('blind.website')}.example", marks("blind.city")
    version = db.session.query(Submission).filter_by(proposal_id=proposal.id).one()
    name = f"Institute {marks('blind.organisation')}"
    parties = [{**each, "name": name} for each in version.content["participants"]]
    version.content = {**version.content, "acronym": proposal.acronym, "participants": parties}
    for file in version.files:
        file.name = f"{marks('blind.filename')}.pdf"
    part_b = next(each.document for each in proposal.attachments if each.kind == "part_b")
    _file(part_b, "evaluation", marks, store=store)
    part_b.name, part_b.pages = f"{marks('blind.filename')}.pdf", 1
    db.session.flush()
    shortening.make(part_b.id, 0, 1, store=store, now=MOMENT)


def _offline(world: World, marks: Marks) -> None:
    """What an expert sent in and has not confirmed."""
    form = db.session.get_one(ReportForm, world.values["offline"]["upload_id"])
    ((assignment, _),) = form.given.items()
    texts = {"scores.excellence.comment": marks("expert.offline")}
    form.given = {assignment: {"version": 1, "texts": texts}}


def _judgements(world: World, marks: Marks) -> None:
    """What each expert wrote, what the consensus says, why one left, who they are."""
    number = world.values["evaluation"]["number"]
    proposal = db.session.query(Proposal).filter_by(number=number).one()
    proposal.topic.lottery_seed = marks("seed")
    names = {world.people[name].id: name for name in ("rapporteur", "expert", "conflicted")}  # type: ignore[union-attr]
    for each in db.session.query(Assignment).filter_by(proposal_id=proposal.id):
        name = names.get(each.expert.account_id, "third")
        each.expert.employer_name = f"Employer {marks(f'{name}.employer')}"
        each.expert.expertise = [marks(f"{name}.expertise")]
        if name == "third":
            _person(each.expert.account, name, marks)
            marks.third.add(each.expert.account_id)
        if name == "expert":
            _background(each, marks, world.people["manager"].id)  # type: ignore[union-attr]
        if name == "conflicted":
            each.conflict = marks("conflict")
        if each.report is not None:
            each.report.overall = marks(f"{name}.overall")
            each.report.panel_note = marks(f"{name}.note")
            for score in each.report.scores:
                score.comment = marks(f"{name}.comment")
                score.weaknesses = marks(f"{name}.weakness")
    found = db.session.get_one(FoundConflict, world.values["evaluation"]["found_id"])
    found.sentence = marks("found")
    consensus = evaluation.consensus_of(proposal.id)
    assert consensus is not None
    consensus.overall = marks("consensus")
    consensus.panel_note = marks("note")
    db.session.add(
        Remark(
            consensus_id=consensus.id, assignment_id=None, written_by_id=world.people["manager"].id, at=MOMENT,
            text=marks("remark"),
        )
    )  # fmt: skip


def _background(assignment: Assignment, marks: Marks, officer: int) -> None:
    """What conflicts are found by, what the expert declared, and what an officer decided."""
    expert = assignment.expert
    expert.jobs.append(
        Employment(name=marks("expert.job"), department=marks("expert.unit"), began_on=date(2010, 1, 1))
    )
    expert.publications.append(Publication(title=marks("expert.publication"), year=2020, authors=[]))
    expert.state, expert.returned_because = ProfileState.RETURNED, marks("expert.returned")
    expert.ties.append(DeclaredTie(kind="professional", name=marks("expert.tie")))
    decision = ConflictDecision(
        proposal_id=assignment.proposal_id, expert_id=expert.id, state=DecisionState.ALLOWED, codes=["named"],
        reason=marks("ruling"), condition=marks("condition"), decided_by_id=officer, decided_at=MOMENT,
    )  # fmt: skip
    db.session.add(decision)


def _project(number: int, marks: Marks) -> None:
    from grants.projects.models import Project

    project = db.session.query(Project).filter_by(number=number).one()
    deliverable, report = reporting.deliverables(project.id)[0], reporting.periods(project.id)[0]
    deliverable.title = marks("deliverable")
    deliverable.answer = marks("returned")
    report.summary = marks("summary")


def _registry(world: World, marks: Marks) -> None:
    """A bank account of the contact's organisation, and a letter about its entry in the partner search."""
    values = world.values["organisation"]
    account = db.session.get_one(BankAccount, values["bank_id"])
    account.iban = f"BE{marks('account')}"
    begun = db.session.query(PartnerConversation).filter_by(public_id=values["public_id"]).one()
    begun.letters[0].text = marks("letter")


def _cv(world: World, marks: Marks, *, store: Any) -> None:
    """The CV of the expert at work."""
    document = db.session.query(Document).filter_by(public_id=world.values["cv"]["document_id"]).one()
    content = typst.compile(marks("expert.cv").encode())
    document.object_key = keep(store.storage, content, "application/pdf")
    document.name, document.size = f"CV {marks('expert.cvname')}.pdf", len(content)


def _review(world: World, marks: Marks) -> None:
    """The request for a review of the running project, its committee, what was decided and what is proposed."""
    number = world.values["review"]["number"]
    request = db.session.query(Request).join(Request.proposal).filter(Proposal.number == number).one()
    request.text, request.opinion = marks("review.text"), marks("review.opinion")
    decided = db.session.query(Ruling).filter_by(request_id=request.id).one()
    decided.reason = marks("review.reason")
    member = db.session.get_one(Account, world.values["review"]["member"])
    _person(member, "member", marks)
    waiting = Ruling(
        request_id=request.id, says=Says.CONFIRMED, reason=marks("review.proposed"), proposed_at=MOMENT,
        proposed_by_id=member.id,
    )  # fmt: skip
    db.session.add(waiting)
    again = db.session.query(Round).filter_by(request_id=request.id).one()
    again.agreement, again.scores[0].comment = marks("again.agreement"), marks("again.comment")
    again.experts[0].expert.employer_name = f"Employer {marks('again.employer')}"
    _person(again.experts[0].expert.account, "again", marks)
    for each, name in zip(again.experts, ("again.report", "expert.report"), strict=True):
        each.judgements = {"excellence": {"score": "4", "comment": marks(name), "weaknesses": ""}}
        DESK.go(each, "accept", actor=SYSTEM, now=MOMENT)
        each.handed_in_at = MOMENT
        DESK.go(each, "hand_in", actor=SYSTEM, now=MOMENT)


def _panel(world: World, marks: Marks) -> None:
    """What a panel says, writes, asks and records; who evaluated what it looks at; what an observer writes."""
    values = world.values["panel"]
    meeting = db.session.get_one(Meeting, values["meeting_id"])
    meeting.note, meeting.place = marks("panel.minutes"), marks("panel.place")
    proposal = db.session.query(Proposal).filter_by(number=values["number"]).one()
    agreed = evaluation.consensus_of(proposal.id)
    assert agreed is not None
    for score in agreed.scores:
        score.comment, score.weaknesses = marks("panel.comment"), marks("panel.weakness")
    for each in evaluation.assignments_of(proposal.id):
        _person(each.expert.account, "judge", marks)
        each.expert.account.email = f"{each.id}{marks('judge.email')}@example.org"
    waiting = db.session.query(Outcome).filter_by(proposal_id=proposal.id).one()
    waiting.remark = marks("panel.remark")
    waiting.changes = [each | {"reason": marks("panel.change")} for each in waiting.changes]
    first, second = db.session.query(CrossReading).filter_by(proposal_id=proposal.id).order_by(CrossReading.id)
    first.note, second.note = marks("panellist.draft"), marks("expert.note_in")
    tie = db.session.query(PanelConflict).filter_by(proposal_id=proposal.id).one()
    tie.reason = marks("panel.conflict")
    left = db.session.query(Leaving).filter_by(proposal_id=proposal.id).one()
    left.reason = f"Declared: {tie.reason}"
    why = marks("panel.absence")
    absent = Attendance(meeting_id=meeting.id, member_id=first.member_id, present=False, reason=why)
    hearing = db.session.query(Hearing).filter_by(proposal_id=proposal.id).one()
    hearing.questions[0].text, hearing.questions[0].answer = marks("hearing.question"), marks("hearing.answer")
    report = db.session.query(ObserverReport).one()
    report.text = marks("observer.report")
    db.session.add(absent)


def secrets_of_sign_ins() -> list[str]:
    """What nobody may ever see: hashes of passwords and of open sessions."""
    return [
        *(row[0] for row in db.session.query(Account.password_hash).distinct()),
        *(row[0] for row in db.session.query(SignInSession.token_hash).distinct()),
    ]
