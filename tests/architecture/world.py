"""One world in three phases with everybody who stands in some relation to it: for the table of access."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from grants.accounts import services as accounts
from grants.accounts.models import Account, RoleGrant, SignInSession
from grants.admission import services as admission
from grants.assigning.models import PairNote, Run
from grants.assigning.states import RunState
from grants.calls import services as calls
from grants.calls.models import Topic
from grants.calls.states import DeadlineModel
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.evaluation import services
from grants.evaluation.models import FoundConflict, ReportForm
from grants.evaluation.states import FormKind, FormState
from grants.experts import services as experts
from grants.experts.models import Expert
from grants.kernel.actor import Actor, Role
from grants.notifications.models import Letter
from grants.organisations.models import DuplicatePair, RepresentativeInvitation
from grants.panels.services import observing, reading
from grants.proposals import history, people
from grants.proposals import queries as proposals
from grants.proposals.access import GENERAL
from grants.proposals.models import Member, Proposal, Submission
from grants.proposals.states import MemberRole
from grants.proposals.writing_models import DraftChange, MemberParticipant, ParticipationRefusal
from grants.ranking.facts import config
from grants.ranking.models import Placement, WhatIf
from grants.ranking.rules import CandidateFacts, inputs_text
from grants.redress import queries as redress
from grants.redress.models import Round, RoundExpert, RoundScore
from grants.redress.round_queries import announced_in
from grants.redress.states import Says
from grants.reporting import queries as reporting
from grants.similarity.models import SimilarPair
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.documents import paper_of
from tests.factories.evaluation import (
    LATER,
    accepted,
    assigned,
    cv_of,
    evaluated,
    expert,
    expert_actor,
    form_file,
    handed_in,
    manager_of,
    table_sent,
)
from tests.factories.organisations import bank_account, organisation_paper
from tests.factories.panels import asked as asked_hearing
from tests.factories.panels import changed, observer_of, opened_item, opened_panel, panel_of, sits
from tests.factories.partners import conversation, entry
from tests.factories.people import actor_of, acts_for, person
from tests.factories.people import organisation as registered
from tests.factories.projects import contact_of, running
from tests.factories.proposals import draft, submitted
from tests.factories.redress import asked, ruled, with_committee

#: Everybody's relation to the world; ``partner``: a reader of the proposal; ``partner_contact``: the contact of its
#: second participant, who reads that part alone; ``conflicted`` declared a conflict with what is under evaluation and
#: with what is before the panel; ``panellist``: its chair and a cross-reader; ``expert``: a member of it too.
RELATIONS = (
    "visitor", "stranger", "contact", "partner", "partner_contact", "rapporteur", "expert", "invited", "conflicted",
    "manager", "other_manager", "administrator", "auditor", "panellist", "observer",
)  # fmt: skip
#: When the requests are sent: after the deadline of two of the three topics.
MOMENT = LATER + timedelta(hours=1)


@dataclass
class World:
    """``people`` by relation; ``values``: what stands in the addresses of each phase."""

    people: dict[str, Account | None] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)


def build() -> World:
    """A draft in an open topic, a proposal in consensus, a running project: one main contact, one manager."""
    world = World()
    closed = topic()
    account, manager = manager_of(closed)
    _, other_manager = manager_of(closed)
    programme = closed.call.programme
    open_topic = topic(of=programme, deadline=MOMENT + timedelta(days=30))
    pool = accepted(closed, *(expert() for _ in range(4)), manager=manager)
    (invitation,) = experts.invite(closed, [invited := expert()], actor=manager, now=NOW)
    contact, partner, partner_contact = person(), person(), person()
    in_draft = draft(open_topic, main_contact=contact)
    acts_for(contact, in_draft.participants[0].organisation)
    in_evaluation = submitted(closed, main_contact=contact)
    made = _in_consensus(in_evaluation, pool, manager)
    project = running(topic(of=programme), manager=manager, main_contact=contact)
    panelled, panellist = topic(of=programme), expert()
    before_panel = _judged(panelled, manager, contact)
    for proposal_id in (in_draft.id, in_evaluation.id, project.proposal_id, before_panel.id):
        db.session.add(Member(proposal_id=proposal_id, account_id=partner.id, role=MemberRole.READER))
        _contact_of_a_partner(db.session.get_one(Proposal, proposal_id), partner_contact)
    world.people = {
        "visitor": None, "stranger": person(), "contact": contact, "partner": partner,
        "partner_contact": partner_contact,
        "rapporteur": made[0].expert.account, "expert": made[1].expert.account, "invited": invited.account,
        "conflicted": made[3].expert.account, "manager": account, "other_manager": manager_of(topic())[0],
        "administrator": person("", Role.ADMINISTRATOR), "auditor": person("", Role.AUDITOR),
        "panellist": panellist.account, "observer": person(),
    }  # fmt: skip
    accounts.open_session(person(), now=NOW, address="127.0.0.1", browser="somebody else's")
    db.session.flush()
    world.values = {
        "open": _common(in_draft), "evaluation": _common(in_evaluation),
        "running": _common(db.session.get_one(Proposal, project.proposal_id)),
    }  # fmt: skip
    alike = _alike(in_evaluation.id, project.proposal_id)
    world.values["evaluation"] |= _assigned(in_evaluation, made[0].expert, manager)
    world.values["evaluation"] |= {
        "assignment_id": made[1].id, "expert_id": made[0].expert.id, "invitation_id": invitation.id,
        "pair_id": alike.id, "found_id": _found(made[1].id),
    }  # fmt: skip
    world.values["rapporteur"] = world.values["evaluation"] | {"assignment_id": made[0].id}
    world.values["conflicted"] = world.values["evaluation"] | {"assignment_id": made[3].id}
    world.values["sheet"] = world.values["evaluation"] | {
        "sheet_id": table_sent(world.people["administrator"]).id  # type: ignore[arg-type]
    }
    world.values["cv"] = world.values["evaluation"] | {"document_id": cv_of(made[1].expert).public_id}
    world.values["paper"] = world.values["open"] | {"document_id": paper_of(open_topic.call, account).public_id}
    world.values["section"] = world.values["open"] | {"key": "declarations", "field": "similar_number"}
    world.values["question"] = (
        world.values["open"] | asked_about(open_topic, contact, manager) | more_time(in_draft, other_manager)
    )
    two_stages = topic(of=programme)
    two_stages.deadline_model = DeadlineModel.TWO_STAGE
    world.values["twostage"] = world.values["open"] | {"topic": two_stages.identifier}
    world.values["own"] = world.values["open"] | {"key": "organisation"}
    world.values["people"] = world.values["open"] | _people(in_draft, contact, partner)
    world.values["rule"] = world.values["open"] | {"key": "consortium", "kind": "page_limit"}
    first, milestone = reporting.deliverables(project.id)[0], reporting.milestones(project.id)[0]
    report = reporting.periods(project.id)[0]
    members = (panellist, made[1].expert, made[3].expert)
    world.values["panel"] = _common(before_panel) | _panel(
        before_panel, members, manager, observed_by=world.people["observer"]
    )
    world.values["organisation"] = world.values["open"] | _organisation(in_draft, contact, asked=partner)
    world.values["running"] |= {"kind": "deliverables", "identity": first.id, "action": "close"}
    world.values["whatif"] = world.values["running"] | _what_if(project.proposal_id, manager)
    world.values["evaluation"] |= {"what_if_id": 0, "form_id": 0, "upload_id": 0}
    world.values["open"] |= {"form_id": 0, "upload_id": 0}
    world.values["offline"] = world.values["evaluation"] | _offline(programme, made[1].expert, manager)
    world.values["review"] = world.values["running"] | _review(db.session.get_one(Proposal, project.proposal_id))
    world.values["review"] |= _new_round(db.session.get_one(Proposal, project.proposal_id), made[1].expert)
    world.values["report"] = world.values["running"] | {"kind": "reports", "identity": report.id}
    world.values["milestone"] = world.values["running"] | {"identity": milestone.id}
    assert contact_of(project)[0].id in {contact.id, partner.id}
    return world


def _offline(programme: Any, expert: Expert, manager: Actor) -> dict[str, Any]:
    """An open report of the expert in another topic, as a form that was made, and as one that was sent in."""
    of = topic(of=programme)
    accepted(of, expert, manager=manager)
    [open_one] = assigned(submitted(of), expert, manager=manager)
    place = "scores.excellence.comment"
    given = {str(open_one.id): {"version": 1, "texts": {place: "Written offline"}}}
    common = {"expert_id": expert.id, "topic_id": of.id, "assignments": [open_one.id], "asked_at": MOMENT}
    out = ReportForm(kind=FormKind.EXPORT, state=FormState.DONE, done_at=MOMENT, **common)
    back = ReportForm(kind=FormKind.IMPORT, state=FormState.READ, done_at=MOMENT, given=given, **common)
    db.session.add_all((out, back))
    db.session.flush()
    for form in (out, back):
        form.document = form_file(form)
    db.session.flush()
    return {"topic": of.identifier, "form_id": out.id, "upload_id": back.id, "assignment_id": open_one.id}


def _judged(of: Topic, manager: Actor, contact: Account) -> Proposal:
    """A proposal with an approved consensus, by experts who stand in no other relation."""
    judges = accepted(of, expert(), expert(), expert(), manager=manager)
    scores = {"excellence": "4", "impact": "4", "implementation": "4"}
    return evaluated(of, judges, scores, manager=manager, main_contact=contact)


def _panel(
    proposal: Proposal, members: tuple[Expert, ...], manager: Actor, *, observed_by: Account | None
) -> dict[str, Any]:
    """A panel that sits on the proposal: the first member chairs it and cross-reads, the second handed a note in, the
    last has a conflict; a change of scores waits, a hearing is sent, somebody observes."""
    of = proposal.topic
    accepted(of, *members, manager=manager)
    panel = panel_of(of, members, [proposal], manager=manager, chair=members[0].account_id)
    meeting = sits(panel, manager=manager, now=LATER)
    chair, second, tied = (expert_actor(each.account) for each in members)
    for each in panel.members[:2]:
        item = opened_item(panel, proposal, manager, now=LATER)
        reading.name_reader(opened_panel(panel, manager), item, each.id, actor=manager, now=LATER)
    item = opened_item(panel, proposal, second, now=LATER)
    reading.submit_note(item, "In line.", {}, seen=1, actor=second, now=LATER)
    item = opened_item(panel, proposal, tied, now=LATER)
    reading.declare_conflict(item, reason="A friend.", actor=tied, now=LATER)
    changed(panel, proposal, {"excellence": "3"}, actor=chair, now=LATER)
    asked_hearing(panel, proposal, manager=manager, now=LATER)
    observer = observer_of(of, manager=manager, account=observed_by)
    who = actor_of(observer.account)
    observing.sign(observer, agreed=True, actor=who, now=LATER)
    observing.save_report(observer, "So far.", seen=0, actor=who, now=LATER)
    return {"panel_id": panel.id, "meeting_id": meeting.id}


def _assigned(proposal: Proposal, expert: Expert, manager: Actor) -> dict[str, Any]:
    """A finished run of the topic's assignment, and what was said of a pair."""
    team = {"number": proposal.number, "members": [{"expert": expert.id, "fit": 700, "there": True}]}
    run = Run(
        topic_id=proposal.topic_id, state=RunState.DONE, asked_by_id=manager.id, asked_at=NOW, done_at=NOW,
        progress=100, teams=[team],
    )  # fmt: skip
    note = PairNote(proposal_id=proposal.id, expert_id=expert.id, fit=5, noted_by_id=manager.id, noted_at=NOW)
    db.session.add_all((run, note))
    db.session.flush()
    return {"run_id": run.id, "note_id": note.id}


def _found(assignment_id: int) -> int:
    """A conflict of an expert at work that came to light since."""
    made = FoundConflict(
        assignment_id=assignment_id, code="named", sentence="Found since.", disqualifying=False, found_at=LATER
    )
    db.session.add(made)
    db.session.flush()
    return made.id


def _review(proposal: Proposal) -> dict[str, Any]:
    """The main contact of the running project asked for a review; a committee looks at it."""
    asked(proposal, now=LATER)
    ruled(proposal, Says.ADMISSIBLE, now=LATER)
    members = with_committee(proposal, now=LATER)
    return {"member": members[0].id}


def _new_round(proposal: Proposal, judge: Expert) -> dict[str, Any]:
    """New experts judge the running project's proposal again: one is named, nothing is proposed yet."""
    ranking = announced_in(proposal.id)
    given = CandidateFacts(
        proposal.number, {each.code: Decimal(4) for each in proposal.topic.criteria}, Decimal(375_000)
    )
    ranking.inputs = inputs_text([given], config(proposal.topic, ranking.budget, None))
    made = Round(
        request_id=redress.request_of(proposal.id).id, ranking_id=ranking.id, criteria=["excellence"],
        opened_at=LATER, agreement="In a meeting.",
    )  # fmt: skip
    excellence = next(each for each in proposal.topic.criteria if each.code == "excellence")
    made.scores = [RoundScore(criterion=excellence, score=Decimal(4), comment="Judged by others.")]
    made.experts = [
        RoundExpert(expert=each, named_at=LATER, named_by_id=proposal.members[0].account_id)
        for each in (expert(), judge)
    ]
    db.session.add(made)
    db.session.flush()
    return {"desk_id": made.experts[1].id}


def _what_if(proposal_id: int, manager: Actor) -> dict[str, Any]:
    """A what-if that was kept of a decided list."""
    ranking_id = db.session.scalar(select(Placement.ranking_id).where(Placement.proposal_id == proposal_id))
    kept = WhatIf(ranking_id=ranking_id, name="More", inputs_sha256="0" * 64, made_by_id=manager.id, made_at=NOW)
    kept.figures = {
        "main": 1, "spent": "1", "reserve": 0, "entered": [], "left": [], "more_entered": 0, "more_left": 0,
    }  # fmt: skip
    kept.changes = {"budget": None, "overall": None, "weights": {}, "thresholds": {}, "on_misfit": None}
    db.session.add(kept)
    db.session.flush()
    return {"what_if_id": kept.id}


def _contact_of_a_partner(proposal: Proposal, account: Account) -> None:
    """Writes for the second participant; the coordinator shows partners no more than their own part."""
    proposal.partners_read_all = False
    member = Member(proposal_id=proposal.id, account_id=account.id, role=MemberRole.PARTNER_CONTACT)
    db.session.add(member)
    db.session.flush()
    db.session.add(MemberParticipant(member_id=member.id, participant_id=proposal.participants[1].id))


def _people(proposal: Proposal, contact: Account, reader: Account) -> dict[str, Any]:
    """What the pages of people, history and organisations that are named point to."""
    who = actor_of(contact)
    opened = proposals.open_proposal(who, proposal.number, now=NOW)
    asked, token = people.invite(opened, "guest@example.org", MemberRole.READER, actor=who, now=NOW)
    history.keep(proposal.id, GENERAL, {"title": "A"}, {"title": "B"}, actor=who, now=NOW)
    refusal = ParticipationRefusal(
        proposal_id=proposal.id, organisation_id=proposal.participants[0].organisation_id, reason="No",
        refused_at=NOW, refused_by_id=contact.id,
    )  # fmt: skip
    db.session.add(refusal)
    db.session.flush()
    member = db.session.query(Member).filter_by(proposal_id=proposal.id, account_id=reader.id).one()
    return {
        "invitation_id": asked.id, "token": token, "member_id": member.id, "place": "general",
        "change_id": db.session.query(DraftChange).filter_by(proposal_id=proposal.id).one().id,
    }  # fmt: skip


def asked_about(topic: Topic, asker: Account, manager: Actor) -> dict[str, Any]:
    """A question that waits for its answer, and an invitation."""
    question = calls.ask(topic.call, "May a hotline apply alone?", topic=topic, actor=actor_of(asker), now=NOW)
    invitation = calls.invite(topic, organisation=None, email="i@example.org", actor=manager, now=NOW)
    return {"question_id": question.id, "invitation_id": invitation.id}


def more_time(draft_: Proposal, manager: Actor) -> dict[str, Any]:
    """An extension that waits for its second manager."""
    until = draft_.topic.deadline + timedelta(days=1)
    made = admission.propose_extension(
        draft_.topic, draft_.number, until=until, reason="A fault.", actor=manager, now=NOW
    )
    return {"extension_id": made.id}


def _alike(*proposal_ids: int) -> SimilarPair:
    """Two proposals that share their abstract."""
    first, second = (db.session.query(Submission).filter_by(proposal_id=each).first() for each in proposal_ids)
    assert first is not None
    assert second is not None
    made = SimilarPair(kind="abstract", first_id=first.id, second_id=second.id, share=Decimal(50), found_at=NOW)
    db.session.add(made)
    db.session.flush()
    return made


def _in_consensus(proposal: Proposal, pool: Any, manager: Any) -> list[Any]:
    """Three experts in consensus, the fourth left with a conflict."""
    made = assigned(proposal, *pool, manager=manager)
    last = expert_actor(made[3].expert.account)
    opened = evaluation.open_assignment(last, made[3].id, now=MOMENT)
    services.declare_conflict(opened, reason="A relative", actor=last, now=LATER)
    for each in made[:3]:
        handed_in(each)
    services.open_consensus(proposal, actor=manager, now=LATER)
    return made


def _organisation(proposal: Proposal, contact: Account, *, asked: Account) -> dict[str, Any]:
    """The contact's organisation with all that pages about it show, and its entry in the partner search."""
    organisation = proposal.participants[0].organisation
    twin = registered(organisation.legal_name + " again", organisation.country)
    pair = DuplicatePair(
        first=organisation, second=twin, similarity=Decimal("0.9"), agree=[], contradict=[], found_at=NOW
    )
    invitation = RepresentativeInvitation(
        organisation_id=organisation.id, email=asked.email, invited_at=NOW, invited_by_id=contact.id
    )
    account = bank_account(organisation, contact)
    published = entry(proposal.topic, contact, organisation)
    db.session.add_all([pair, invitation])
    db.session.flush()
    return {
        "section": "names", "pair_id": pair.id, "asked_id": invitation.id, "bank_id": account.id,
        "account_id": contact.id, "document_id": organisation_paper(organisation, contact).public_id,
        "entry_id": published.id, "public_id": conversation(published, person("Asker")).public_id,
        "code": proposal.topic.call.programme.code,
    }  # fmt: skip


def _common(proposal: Proposal) -> dict[str, Any]:
    found = proposal.topic
    document = proposal.attachments[0]
    letter = db.session.query(Letter).first()
    granted = db.session.query(RoleGrant).first()
    assert granted is not None
    session = db.session.query(SignInSession).order_by(SignInSession.id).first()
    assert session is not None
    return {
        "number": proposal.number, "version": 1, "document_id": document.document.public_id,
        "attachment_id": document.id, "participant_id": proposal.participants[1].id, "kind": "annex",
        "pic": proposal.participants[0].organisation.pic, "account_id": granted.account_id, "grant_id": granted.id,
        "letter_id": letter.id if letter else 1, "session_id": session.id, "token": "x",
        "topic": found.identifier, "call": found.call.identifier, "assignment_id": 1, "invitation_id": 1,
        "identity": 1, "action": "close", "filename": "x", "rule": "consortium", "extension_id": 1, "paper": "bundle",
        "member_id": 1, "change_id": 1, "place": "general",
    }  # fmt: skip
