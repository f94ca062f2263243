"""Experts, assignments and whole evaluations for tests, made through the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.evaluation import queries, services
from grants.evaluation.models import Assignment, ReportForm
from grants.evaluation.states import Answer
from grants.experts import services as experts
from grants.experts.models import Expert, ExpertSheet
from grants.experts.states import SheetKind, SheetState
from grants.kernel.actor import Actor, Role
from grants.organisations.models import Organisation
from grants.proposals.models import Proposal
from tests.conftest import NOW
from tests.factories.people import actor_of, person
from tests.factories.proposals import submitted
from uploads.intake import keep
from uploads.kinds import XLSX

#: After the deadline of the topics that these tests make.
LATER = NOW + timedelta(days=31)


def expert(name: str = "", employer: Organisation | None = None) -> Expert:
    """A person with the role of evaluator and a profile."""
    account = person(name, Role.EVALUATOR)
    return experts.register_expert(
        account, employer=employer, employer_name="Self-employed", country="BE", expertise=["hotlines"],
        languages=["en"], actor=expert_actor(account), now=NOW,
    )  # fmt: skip


def table_sent(account: Account) -> ExpertSheet:
    """A table that an administrator sent and that was found right, without bytes in the store."""
    digest = uuid4().hex * 2
    document = Document(
        public_id=uuid4(), owner_kind="expert_sheet", owner_key=str(account.id), kind="expert_import",
        name="People.csv", state=DocumentState.ACCEPTED, media_type="text/csv", size=10, sha256=digest, findings=[],
        created_by_id=account.id, incoming_key="incoming/" + uuid4().hex, object_key=f"objects/{digest[:2]}/{digest}",
        created_at=NOW, accepted_at=NOW,
    )  # fmt: skip
    made = ExpertSheet(
        kind=SheetKind.IMPORT, state=SheetState.CHECKED, as_csv=True, asked_at=NOW, asked_by_id=account.id,
        counts={"created": 0, "updated": 0, "unchanged": 0}, document=document,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def cv_of(found: Expert, name: str = "CV.pdf", *, content: bytes = b"", store: Any = None) -> Document:
    """The CV of an expert, accepted; with bytes where a store is given."""
    digest = uuid4().hex * 2
    key = keep(store.storage, content, "application/pdf") if store else f"objects/{digest[:2]}/{digest}"
    made = Document(
        public_id=uuid4(), owner_kind="expert", owner_key=found.papers().key, kind="cv", name=name,
        state=DocumentState.ACCEPTED, media_type="application/pdf", size=len(content) or 10,
        sha256=key.rpartition("/")[2], pages=2, findings=[], created_by_id=found.account_id,
        incoming_key="incoming/" + uuid4().hex, object_key=key, created_at=NOW, accepted_at=NOW,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    experts.attach_cv(made, now=NOW)
    return made


def expert_actor(account: Account) -> Actor:
    """The evaluator as the guards make them."""
    return actor_of(account, Role.EVALUATOR)


def manager_of(topic: Topic) -> tuple[Account, Actor]:
    """A manager of the topic's programme."""
    code = topic.call.programme.code
    account = person("", Role.MANAGER, programme=code)
    return account, actor_of(account, Role.MANAGER, programme=code)


def accepted(topic: Topic, *found: Expert, manager: Actor, max_load: int = 8) -> Sequence[Expert]:
    """Experts who were invited to a topic and accepted."""
    for each in experts.invite(topic, found, max_load=max_load, actor=manager, now=NOW):
        experts.answer_invitation(each, accept=True, actor=expert_actor(each.expert.account), now=NOW)
    return found


def assigned(proposal: Proposal, *found: Expert, manager: Actor, now: datetime = LATER) -> list[Assignment]:
    """The proposal on the desks of these experts, the first as rapporteur; all have declared and accepted."""
    made = [
        services.assign(proposal, each, rapporteur=index == 0, actor=manager, now=now)
        for index, each in enumerate(found)
    ]
    for each in made:
        who = expert_actor(each.expert.account)
        services.accept_assignment(queries.open_assignment(who, each.id, now=now), actor=who, now=now)
    return made


def values(topic: Topic, score: str, comment: str = "Sound, with few shortcomings.") -> dict[str, str]:
    """A whole report with the same score everywhere."""
    filled = {"overall": "A good proposal."}
    filled |= {f"questions.{each['code']}.answer": "yes" for each in topic.questions}
    for criterion in topic.criteria:
        filled[f"scores.{criterion.code}.score"] = score
        filled[f"scores.{criterion.code}.comment"] = comment
    return filled


def handed_in(assignment: Assignment, score: str = "4", *, now: datetime = LATER) -> None:
    """The expert's report with this score everywhere, submitted."""
    who = expert_actor(assignment.expert.account)
    opened = queries.open_assignment(who, assignment.id, now=now)
    services.save_report(opened, values(assignment.proposal.topic, score), seen=1, actor=who, now=now)
    services.submit_report(queries.open_assignment(who, assignment.id, now=now), actor=who, now=now)


def evaluated(
    topic: Topic, found: Sequence[Expert], scores: dict[str, str], *, manager: Actor, now: datetime = LATER,
    answers: Mapping[str, Any] | None = None, main_contact: Account | None = None,
) -> Proposal:  # fmt: skip
    """A submitted proposal taken to an approved consensus with these agreed scores by criterion."""
    proposal = submitted(topic, answers=answers, main_contact=main_contact)
    made = assigned(proposal, *found, manager=manager, now=now)
    for each in made:
        handed_in(each, next(iter(scores.values())), now=now)
    consensus = services.open_consensus(proposal, actor=manager, now=now)
    who = expert_actor(made[0].expert.account)
    agreed = {f"scores.{code}.score": score for code, score in scores.items()}
    opened = queries.open_assignment(who, made[0].id, now=now)
    services.save_consensus(opened, agreed, seen=1, actor=who, now=now)
    services.propose_consensus(queries.open_assignment(who, made[0].id, now=now), actor=who, now=now)
    for each in made[1:]:
        other = expert_actor(each.expert.account)
        opened = queries.open_assignment(other, each.id, now=now)
        services.give_opinion(opened, answer=Answer.AGREES, actor=other, now=now)
    services.approve_consensus(consensus, actor=manager, now=now)
    db.session.flush()
    return proposal


def form_file(form: ReportForm) -> Document:
    """The file of an offline form that was made or sent in (no bytes in the store)."""
    owner, digest = form.ref(), uuid4().hex * 2
    made = Document(
        public_id=uuid4(), owner_kind=owner.kind, owner_key=owner.key, kind=f"report_{form.kind.value}",
        name="Report.xlsx", state=DocumentState.ACCEPTED, media_type=XLSX, size=10, sha256=digest, findings=[],
        incoming_key="incoming/" + uuid4().hex, object_key=f"objects/{digest[:2]}/{digest}", created_at=form.asked_at,
        accepted_at=form.asked_at,
    )  # fmt: skip
    db.session.add(made)
    return made
