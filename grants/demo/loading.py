"""Loads the demo through the services, so that it obeys every rule that people obey.

What is loaded is decided in ``plan``. Everything that happened since the first call is a list of steps in order of
time, each with the instant at which it happened; later stages of a proposal's life add their steps to the same list.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from pypdfium2 import PdfDocument
from sqlalchemy import func, select, update

from grants.accounts import queries as accounts_read
from grants.accounts import services as accounts
from grants.accounts.models import Account
from grants.audit.services import record
from grants.calls import services as calls
from grants.calls.facts import PAPER
from grants.calls.models import Call, Programme, Topic, TopicDeadline
from grants.calls.parta.definition import Scope, form_of
from grants.db import db, transaction
from grants.demo import decisions, evaluations, guides, members, part_a, partb, reviews, running, sittings
from grants.demo.loaded import ZONE, Loaded, Step, at, read_anew
from grants.demo.people import CONTACTS, ORGANISATIONS, PASSWORD, SIGN_INS, Evaluator, OrganisationRow, SignIn
from grants.demo.plan import ACTS_FOR, PartnerPlan, ProposalPlan, Size, build, topic_key
from grants.demo.texts import DemoCall
from grants.documents import services as documents
from grants.documents.store import Store
from grants.evaluation.models import Assignment
from grants.experts import services as experts
from grants.experts.models import Expert
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Refused
from grants.kernel.links import Ref
from grants.notifications.models import Letter
from grants.organisations import services as organisations
from grants.organisations.models import Organisation
from grants.organisations.rules import fold
from grants.projects.models import Project
from grants.proposals import budgeting, queries
from grants.proposals import services as proposals
from grants.proposals.answering import save_section
from grants.proposals.queries import Opened
from grants.proposals.states import ParticipantRole
from grants.reporting.models import Deliverable
from grants.vocabulary import services as vocabulary
from grants.vocabulary.models import Concept

SEED = 2026
_PROGRAMMES = (("ISF", "Internal Security Fund"), ("HORIZON", "Horizon Europe"))
_LOADER = Actor(id=None, name="Demo", roles=frozenset(Role), programmes=frozenset(code for code, _ in _PROGRAMMES))
#: The funder exists a little longer than its first call.
_AGE = timedelta(days=45)
_INTENTS = UUID("5a3c9a3e-6a53-4f0e-9a0b-0d2f7b8f6c11")
#: No password has this hash, so nobody can sign in with one; making a real one takes an eighth of a second.
_NO_PASSWORD = "!"  # noqa: S105


def wanted() -> bool:
    """Whether the database has no accounts at all, so that a first run loads the demo."""
    return db.session.scalar(select(Account.id).limit(1)) is None


def load(*, store: Store, now: datetime, seed: int = SEED, size: Size = "full") -> dict[str, int]:
    """Load everything in one transaction; counts. Raises Refused where anybody has an account already."""
    if accounts_read.has_real_accounts():
        raise Refused("real-accounts", "This database has real accounts: the demo is not loaded into it.")
    if not wanted():
        raise Refused("demo-loaded", "The demo is loaded already.")
    loaded = Loaded(build(seed, size), store, now)
    with ThreadPoolExecutor(max_workers=2) as makers, transaction():
        try:
            loaded.files.update(_files(loaded, makers))
            _people(loaded)
            for _, step in sorted(_history(loaded), key=lambda each: each[0]):
                step()
            _all_letters_are_sent()
        finally:
            makers.shutdown(wait=False, cancel_futures=True)
    return _counts(loaded)


def _counts(loaded: Loaded) -> dict[str, int]:
    plan = loaded.plan
    rows = {"assignments": Assignment, "projects": Project, "deliverables": Deliverable}
    return {
        "people": len(loaded.accounts), "evaluators": len(plan.evaluators),
        "organisations": len(loaded.organisations), "calls": len(plan.calls), "topics": len(loaded.topics),
        "proposals": len(loaded.numbers), "submitted": sum(bool(each.times.submitted) for each in plan.proposals),
        **{name: db.session.scalar(select(func.count()).select_from(table)) or 0 for name, table in rows.items()},
    }  # fmt: skip


def _history(loaded: Loaded) -> Iterator[Step]:
    """All that happened, in any order."""
    for demo_call in loaded.plan.calls:
        published = min(loaded.now, at(loaded.now, demo_call.opens, 0))
        yield published, lambda call=demo_call, at=published: _call(call, loaded, now=at)  # type: ignore[misc]
    for plan in loaded.plan.proposals:
        yield from _proposal_steps(plan, loaded)
    for stage in (evaluations, decisions, reviews, running, sittings):
        yield from stage.steps(loaded)


def _people(loaded: Loaded) -> None:
    founded = min(at(loaded.now, each.opens, 0) for each in loaded.plan.calls) - _AGE
    for code, title in _PROGRAMMES:
        calls.create_programme(code=code, title=title, description="", actor=_LOADER, now=founded)
    for row in ORGANISATIONS:
        loaded.organisations[row.short] = _organisation(row, now=founded)
    for sign_in in SIGN_INS:
        loaded.accounts[sign_in.email] = _sign_in(sign_in, now=founded)
    for each in CONTACTS:
        loaded.accounts[each.email] = _silent(each.email, each.name, now=founded)
    experts.import_keywords(vocabulary.own_file(), actor=_LOADER, now=founded)
    for evaluator in loaded.plan.evaluators:
        _expert(evaluator, loaded, now=founded)
    for email, short in ACTS_FOR.items():
        organisations.add_representative(
            loaded.organisations[short], loaded.accounts[email].id, actor=_LOADER, now=founded
        )


def _organisation(row: OrganisationRow, *, now: datetime) -> Organisation:
    return organisations.add_organisation(
        legal_name=row.legal, short_name=row.short, country=row.country, city=row.city, kind=row.kind, sme=row.sme,
        actor=_LOADER, now=now,
    )  # fmt: skip


def _sign_in(each: SignIn, *, now: datetime) -> Account:
    account = accounts.create(
        email=each.email, name=each.name, password=PASSWORD, now=now, confirmed=True, demo=True, actor=_LOADER
    )
    for role, programme in each.roles:
        accounts.add_role(account, role, programme=programme, actor=_LOADER, now=now)
    return account


def _silent(email: str, name: str, *, now: datetime) -> Account:
    """Somebody as whom nobody signs in: the address is not confirmed and there is no password."""
    account = Account(email=email, name=name, password_hash=_NO_PASSWORD, created_at=now, demo=True)
    db.session.add(account)
    db.session.flush()
    record(account.ref(), "account.created", actor=_LOADER, now=now)
    return account


def _expert(each: Evaluator, loaded: Loaded, *, now: datetime) -> None:
    account = loaded.accounts.get(each.email)
    if account is None:
        account = loaded.accounts[each.email] = _silent(each.email, each.name, now=now)
        accounts.add_role(account, Role.EVALUATOR, programme=None, actor=_LOADER, now=now)
    made = experts.register_expert(
        account, employer=loaded.organisations.get(each.employer), employer_name=each.employer_name,
        country=each.country, expertise=each.expertise, languages=each.languages,
        gender=each.gender,
        actor=loaded.actor(each.email), now=now,
    )  # fmt: skip
    _keywords(made, loaded, now=now)


def _keywords(expert: Expert, loaded: Loaded, *, now: datetime) -> None:
    """Those of the tree that have all the words of something that the expert knows."""
    known = [set(fold(each).split()) for each in expert.expertise]
    concepts = db.session.execute(select(Concept.id, Concept.label))
    chosen = [identity for identity, label in concepts if any(words <= set(fold(label).split()) for words in known)]
    experts.choose_concepts(expert, chosen, actor=loaded.actor(expert.account.email), now=now)


def _call(demo: DemoCall, loaded: Loaded, *, now: datetime) -> None:
    """A published call."""
    identifier = _identifier(demo, loaded.now)
    programme = db.session.scalars(select(Programme).where(Programme.code == demo.programme)).one()
    values = {
        "identifier": identifier, "title": demo.title, "summary": demo.summary, "contact": "calls@demo.example",
        "zone": ZONE.key, "budget": sum(topic.budget for topic in demo.topics), "questions_until": None,
    }  # fmt: skip
    call = calls.create_call(programme, values=values, actor=_LOADER, now=now)
    for each in demo.topics:
        topic = calls.add_topic(call, template=each.template, actor=_LOADER, now=now)
        topic.identifier = f"{identifier}-{each.suffix}"
        topic.lottery_seed = sha256(f"{loaded.plan.seed}:{topic.identifier}".encode()).hexdigest()[:32]
        topic.title, topic.description = each.title, each.description
        topic.budget, topic.max_grant, topic.expected_grants = each.budget, each.largest, each.grants
        topic.opens_at, topic.deadline = at(loaded.now, demo.opens, 0), at(loaded.now, demo.closes, 17)
        topic.deadlines, topic.first_deadline = [TopicDeadline(at=topic.deadline)], topic.deadline
        db.session.flush()
        loaded.topics[topic_key(demo, each)] = topic.id
    _guide(call, demo, loaded, now=now)
    calls.publish(call, actor=_LOADER, now=now)


def _guide(call: Call, demo: DemoCall, loaded: Loaded, *, now: datetime) -> None:
    """The guide for applicants among the call's documents, added by the programme's manager."""
    content = guides.pdf(demo, identifier=call.identifier, made=now.date())
    document = documents.keep_generated(
        call.papers(), PAPER, name="Guide for applicants.pdf", content=content, now=now, store=loaded.store
    )
    document.pages, document.created_by_id = len(PdfDocument(content)), loaded.manager(demo.programme).id
    db.session.flush()
    calls.attach_document(document, now=now)


def _identifier(demo: DemoCall, now: datetime) -> str:
    return demo.identifier.format(year=at(now, demo.opens, 0).astimezone(ZONE).year)


def _ends(loaded: Loaded) -> dict[str, datetime]:
    """By topic, what the plan counts back from: the deadline, or now where the call is open."""
    return {
        topic_key(call, topic): min(loaded.now, at(loaded.now, call.closes, 17))
        for call in loaded.plan.calls
        for topic in call.topics
    }


def _files(loaded: Loaded, makers: ThreadPoolExecutor) -> Iterator[tuple[str, Future[bytes]]]:
    """Part B of every proposal that has one, in the order in which they are handed in; made beside the loading."""
    ends = _ends(loaded)
    titles = {
        topic_key(call, topic): f"{_identifier(call, loaded.now)}-{topic.suffix} {topic.title}"
        for call in loaded.plan.calls
        for topic in call.topics
    }
    complete = (each for each in loaded.plan.proposals if each.parts == 4)
    for each in sorted(complete, key=lambda plan: ends[plan.topic] - plan.times.filled):
        made = (ends[each.topic] - each.times.filled).date()
        yield each.key, makers.submit(partb.pdf, each, topic=titles[each.topic], made=made)


def _proposal_steps(plan: ProposalPlan, loaded: Loaded) -> Iterator[Step]:
    end, times = _ends(loaded)[plan.topic], plan.times
    started, filled = end - times.started, end - times.filled
    yield started, lambda: _start(plan, loaded, now=started)
    yield filled, lambda: _fill(plan, loaded, now=filled)
    yield from members.steps(plan, loaded, at=filled)
    for number, before in enumerate(times.submitted, 1):
        at = end - before
        yield at, lambda number=number, at=at: _submit(plan, number, loaded, now=at)  # type: ignore[misc]
    if times.withdrawn is not None:
        withdrawn = end - times.withdrawn
        yield withdrawn, lambda: _withdraw(plan, loaded, now=withdrawn)


def _start(plan: ProposalPlan, loaded: Loaded, *, now: datetime) -> None:
    topic = db.session.get_one(Topic, loaded.topics[plan.topic])
    coordinator = loaded.organisations[plan.partners[0].organisation]
    actor = loaded.actor(plan.contact)
    made = proposals.start_draft(topic, organisation=coordinator, actor=actor, now=now)
    loaded.numbers[plan.key] = made.number
    proposals.save_general(
        _opened(plan, loaded, now=now), {"acronym": plan.idea.acronym}, seen=1, actor=actor, now=now
    )


def _fill(plan: ProposalPlan, loaded: Loaded, *, now: datetime) -> None:
    """The parts that the plan foresees: general, consortium, budget, Part B."""
    actor, opened = loaded.actor(plan.contact), _opened(plan, loaded, now=now)
    general = {
        "title": plan.idea.title, "abstract": plan.abstract, "keywords": ", ".join(plan.idea.keywords),
        "duration_months": str(plan.months), "women": str(plan.women), "men": str(plan.men),
    }  # fmt: skip
    proposals.save_general(opened, general, seen=opened.proposal.version, actor=actor, now=now)
    if plan.parts < 2:
        return
    for partner in plan.partners:
        row = opened.proposal.participants[0].id
        if partner.role is not ParticipantRole.COORDINATOR:
            organisation = loaded.organisations[partner.organisation]
            row = proposals.add_participant(opened, organisation, role=partner.role, actor=actor, now=now).id
        if plan.parts > 2:
            _budget(opened, row, partner, actor=actor, now=now)
    if plan.parts > 3:
        _answer_part_a(plan, loaded, now=now)
        _attach(plan, loaded, now=now)


def _answer_part_a(plan: ProposalPlan, loaded: Loaded, *, now: datetime) -> None:
    """Every section, those of participants once for each."""
    opened, actor = _opened(plan, loaded, now=now), loaded.actor(plan.contact)
    partners = {loaded.organisations[each.organisation].id: each for each in plan.partners}
    for section in form_of(opened.proposal.topic.form).sections:
        whose = opened.proposal.participants if section.scope is Scope.PARTICIPANT else [None]
        for row in whose:
            given = part_a.answers(plan, section, partners[row.organisation_id] if row else None)
            save_section(opened, section, given, participant_id=row.id if row else None, seen=0, actor=actor, now=now)


def _attach(plan: ProposalPlan, loaded: Loaded, *, now: datetime) -> None:
    """Part B, kept as what the server made itself.

    The check of an uploaded file runs in a child process, an eighth of a second each: a third of the whole loading,
    for files that cannot be hostile. A test checks that what is made here would be accepted.
    """
    content = loaded.files.pop(plan.key).result()
    document = documents.keep_generated(
        Ref("proposal", str(loaded.numbers[plan.key])), "part_b", name=f"{plan.idea.acronym} Part B.pdf",
        content=content, now=now, store=loaded.store,
    )  # fmt: skip
    document.pages, document.created_by_id = len(PdfDocument(content)), loaded.actor(plan.contact).id
    proposals.attach(document, now=now)


def _budget(opened: Opened, row: int, partner: PartnerPlan, *, actor: Actor, now: datetime) -> None:
    values = {code: str(amount) for code, amount in partner.costs}
    if partner.requested is not None:
        values["requested"] = str(partner.requested)
    values |= dict(partner.behind)
    budgeting.save_budget_row(opened, row, values, seen=1, actor=actor, now=now)


def _submit(plan: ProposalPlan, number: int, loaded: Loaded, *, now: datetime) -> None:
    actor, opened = loaded.actor(plan.contact), _opened(plan, loaded, now=now)
    if number > 1:  # what was better said the second time
        values = {"abstract": plan.abstract + f" {plan.idea.acronym} was discussed with all partners once more."}
        proposals.save_general(opened, values, seen=opened.proposal.version, actor=actor, now=now)
        opened = _opened(plan, loaded, now=now)
    intent = uuid5(_INTENTS, f"{plan.seed}/{number}")
    proposals.submit_proposal(opened, actor=actor, now=now, key=intent)


def _withdraw(plan: ProposalPlan, loaded: Loaded, *, now: datetime) -> None:
    proposals.withdraw(_opened(plan, loaded, now=now), actor=loaded.actor(plan.contact), now=now)


def _opened(plan: ProposalPlan, loaded: Loaded, *, now: datetime) -> Opened:
    """As its main contact opens it, read anew: some saves go past the session."""
    read_anew()
    return queries.open_proposal(loaded.actor(plan.contact), loaded.numbers[plan.key], now=now)


def _all_letters_are_sent() -> None:
    """Receipts of years ago are history, not post for tomorrow."""
    db.session.execute(update(Letter).values(sent_at=Letter.created_at, attempts=1))
