"""Loads the demo through the services, so that it obeys every rule that people obey."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from grants.accounts import queries as accounts_read
from grants.accounts import services as accounts
from grants.accounts.models import Account
from grants.calls import rules as call_rules
from grants.calls import services as calls
from grants.calls.models import Call, Programme, TopicDeadline
from grants.db import db, transaction
from grants.demo.people import ORGANISATIONS, PASSWORD, SIGN_INS, OrganisationRow, SignIn
from grants.demo.texts import CALLS, DemoCall
from grants.documents.store import Store
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Refused
from grants.organisations import services as organisations
from grants.organisations.models import Organisation

SEED = 2026
_PROGRAMMES = (("ISF", "Internal Security Fund"), ("HORIZON", "Horizon Europe"))
_ZONE = ZoneInfo("Europe/Brussels")
_LOADER = Actor(id=None, name="Demo", roles=frozenset(Role), programmes=frozenset(code for code, _ in _PROGRAMMES))


def wanted() -> bool:
    """Whether the database has no accounts at all, so that a first run loads the demo."""
    return db.session.scalar(select(Account.id).limit(1)) is None


def load(*, store: Store, now: datetime, seed: int = SEED) -> dict[str, int]:  # noqa: ARG001
    """Load everything in one transaction; counts. Raises Refused where anybody has an account already."""
    if accounts_read.has_real_accounts():
        raise Refused("real-accounts", "This database has real accounts: the demo is not loaded into it.")
    if not wanted():
        raise Refused("demo-loaded", "The demo is loaded already.")
    with transaction():
        for code, title in _PROGRAMMES:
            calls.create_programme(code=code, title=title, description="", actor=_LOADER, now=now)
        registry = {row[0]: _organisation(row, now=now) for row in ORGANISATIONS}
        people = [_person(each, registry, now=now) for each in SIGN_INS]
        made = [_call(each, now=now) for each in CALLS]
    return {
        "people": len(people),
        "organisations": len(registry),
        "calls": len(made),
        "topics": sum(len(each.topics) for each in made),
    }


def _organisation(row: OrganisationRow, *, now: datetime) -> Organisation:
    name, short, country, city, kind, sme = row
    return organisations.add_organisation(
        legal_name=name, short_name=short, country=country, city=city, kind=kind, sme=sme, actor=_LOADER, now=now
    )


def _person(each: SignIn, registry: dict[str, Organisation], *, now: datetime) -> Account:
    account = accounts.create(
        email=each.email, name=each.name, password=PASSWORD, now=now, confirmed=True, demo=True, actor=_LOADER
    )
    for role, programme in each.roles:
        accounts.add_role(account, role, programme=programme, actor=_LOADER, now=now)
    if each.acts_for:
        organisations.add_representative(registry[each.acts_for], account.id, actor=_LOADER, now=now)
    return account


def _call(demo: DemoCall, *, now: datetime) -> Call:
    """A published call; those whose deadline is past were published when they opened."""
    identifier = demo.identifier.format(year=now.year)
    programme = db.session.scalars(select(Programme).where(Programme.code == demo.programme)).one()
    values = {
        "identifier": identifier, "title": demo.title, "summary": demo.summary, "contact": "calls@demo.example",
        "zone": _ZONE.key, "budget": sum(topic.budget for topic in demo.topics),
    }  # fmt: skip
    published = min(now, now + timedelta(days=demo.opens))
    call = calls.create_call(programme, values=values, actor=_LOADER, now=published)
    for each in demo.topics:
        topic = calls.add_topic(call, template=each.template, actor=_LOADER, now=published)
        topic.identifier = topic.lottery_seed = f"{identifier}-{each.suffix}"
        topic.title, topic.description = each.title, each.description
        topic.budget, topic.max_grant, topic.expected_grants = each.budget, each.largest, each.grants
        topic.opens_at = _at(now, demo.opens, 0)
        topic.deadline = _at(now, demo.closes, 17)
        topic.deadlines = [TopicDeadline(at=topic.deadline)]
    db.session.flush()
    calls.publish(call, actor=_LOADER, now=published)
    return call


def _at(now: datetime, days: int, hour: int) -> datetime:
    """Some days from now, at this hour in Brussels."""
    day = (now.astimezone(_ZONE) + timedelta(days=days)).date()
    return call_rules.deadline_in(datetime.combine(day, time(hour)), zone=_ZONE)
