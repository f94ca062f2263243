"""Projects for tests: in preparation with a whole plan, or running."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.kernel.actor import Actor
from grants.projects import queries, services
from grants.projects.models import Project
from grants.projects.rules import PlannedWork
from grants.proposals.models import Proposal, Submission
from grants.ranking.models import Placement, Ranking
from grants.ranking.states import Decision, RankingState
from grants.reporting import services as reporting
from grants.reporting.models import Deliverable, ReportingPeriod
from grants.reporting.services import DeliverableRow, MilestoneRow
from tests.conftest import NOW
from tests.factories.evaluation import LATER
from tests.factories.people import actor_of, person
from tests.factories.proposals import submitted

START = date(2027, 1, 1)


def informed(topic: Topic, *proposals: Proposal) -> Ranking:
    """A ranked list whose letters are sent, with these proposals on the main list."""
    ranking = Ranking(
        topic=topic, budget=topic.budget, inputs_sha256="0" * 64, computed_at=LATER, decided_at=LATER,
        informed_at=LATER, state=RankingState.INFORMED, prepared_at=LATER, prepared_by_id=person("").id, inputs="{}",
    )  # fmt: skip
    db.session.add(ranking)
    db.session.flush()
    for place, each in enumerate(proposals, start=1):
        version = db.session.query(Submission).filter_by(proposal_id=each.id).one()
        db.session.add(
            Placement(
                ranking_id=ranking.id, proposal_id=each.id, place=place, total=12, ranking_score=12,
                requested=version.requested, cumulated=version.requested, outcome="main", decision=Decision.MAIN,
            )
        )  # fmt: skip
        each.decided_at = LATER
    db.session.flush()
    return ranking


def prepared(topic: Topic, *, manager: Actor, main_contact: Account | None = None) -> Project:
    """A project in preparation, its plan still empty."""
    informed(topic, submitted(topic, main_contact=main_contact))
    (made,) = services.prepare_grants(topic, actor=manager, now=LATER)
    return made


def contact_of(project: Project) -> tuple[Account, Actor]:
    """The main contact."""
    account = project.proposal.members[0].account
    return account, actor_of(account)


def planned(project: Project, *, actor: Actor) -> int:
    """A whole plan: two work packages, two deliverables, a milestone; the plan's version."""
    opened = queries.open_project(actor, project.number, lock=True)
    return reporting.save_whole_plan(
        opened, starts_on=START, amounts={row.id: row.contribution for row in opened.project.participants},
        work=[PlannedWork(1, "Management", 1, 24), PlannedWork(2, "Hotline", 3, 20)],
        deliverables=[DeliverableRow("D1.1", "Handbook", 1, 6), DeliverableRow("D2.1", "Service", 2, 18, "DEM")],
        milestones=[MilestoneRow("MS1", "First call answered", 9, "Log of the hotline")],
        seen=opened.project.version, actor=actor, now=LATER,
    )  # fmt: skip


def running(topic: Topic, *, manager: Actor, main_contact: Account | None = None) -> Project:
    """A project that both sides have confirmed."""
    project = prepared(topic, manager=manager, main_contact=main_contact)
    _, contact = contact_of(project)
    version = planned(project, actor=contact)
    for who in (contact, manager):
        opened = queries.open_project(who, project.number, lock=True)
        reporting.confirm_agreement(opened, seen=version, actor=who, now=LATER)
    return project


def file_for(thing: Deliverable | ReportingPeriod, by: Actor) -> Document:
    """An accepted file of this deliverable or report (no bytes in the store)."""
    digest = uuid4().hex * 2
    made = Document(
        public_id=uuid4(), owner_kind=thing.ref().kind, owner_key=thing.ref().key, kind=thing.ref().kind,
        name="result.pdf", state=DocumentState.ACCEPTED, media_type="application/pdf", size=10, sha256=digest,
        pages=2, findings=[], created_by_id=by.id, incoming_key="incoming/" + uuid4().hex,
        object_key=f"objects/{digest}", created_at=NOW, accepted_at=NOW,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    reporting.attach(made, now=LATER)
    return made
