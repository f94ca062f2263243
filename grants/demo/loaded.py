"""What the steps of the demo share: where its people and things are in the database, and when its days are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from grants.accounts.models import Account
from grants.calls import rules as call_rules
from grants.calls.models import Call, CostCategory, Criterion, Programme, Topic
from grants.db import db
from grants.demo.people import SIGN_INS
from grants.demo.plan import Plan, topic_key
from grants.demo.texts import DemoCall, DemoTopic
from grants.documents.store import Store
from grants.kernel.actor import Actor, Role
from grants.organisations.models import Organisation

ZONE = ZoneInfo("Europe/Brussels")
#: What no step changes once it is made, so that it need not be read again at each step.
_UNCHANGED = (Account, Organisation, Call, Topic, Programme, CostCategory, Criterion)

Step = tuple[datetime, Callable[[], None]]


@dataclass(slots=True)
class Loaded:
    """Where the plan's people and things are in the database: by e-mail, short name, key of topic and proposal.

    ``projects``: numbers of the proposals that became grants.
    """

    plan: Plan
    store: Store
    now: datetime
    accounts: dict[str, Account] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    projects: set[int] = field(default_factory=set)
    files: dict[str, Future[bytes]] = field(default_factory=dict)

    def actor(self, email: str) -> Actor:
        """A person of the demo, without roles."""
        account = self.accounts[email]
        return Actor(id=account.id, name=account.name, email=email)

    def evaluator(self, email: str) -> Actor:
        """A person of the demo as evaluator."""
        account = self.accounts[email]
        return Actor(id=account.id, name=account.name, email=email, roles=frozenset({Role.EVALUATOR}))

    def manager(self, programme: str, *, second: bool = False) -> Actor:
        """The manager of a programme among the sign-ins; the one who confirms decisions where ``second``."""
        found = [each.email for each in SIGN_INS if (Role.MANAGER, programme) in each.roles]
        email = found[-1] if second else found[0]
        account = self.accounts[email]
        return Actor(
            id=account.id, name=account.name, email=email, roles=frozenset({Role.MANAGER}),
            programmes=frozenset({programme}),
        )  # fmt: skip

    def topic(self, key: str) -> Topic:
        """A topic by the plan's key."""
        return db.session.get_one(Topic, self.topics[key])

    def place(self, key: str) -> tuple[DemoCall, DemoTopic]:
        """A topic and its call as they are planned."""
        return next((call, each) for call in self.plan.calls for each in call.topics if topic_key(call, each) == key)

    def deadline(self, key: str) -> datetime:
        """When the entries of a topic end."""
        return at(self.now, self.place(key)[0].closes, 17)


def at(now: datetime, days: int, hour: int) -> datetime:
    """Some days from now, at this hour in Brussels; instead of a weekend the Friday before, as funders do."""
    day = (now.astimezone(ZONE) + timedelta(days=days)).date()
    day -= timedelta(days=max(0, day.weekday() - 4))
    return call_rules.deadline_in(datetime.combine(day, time(hour)), zone=ZONE)


def read_anew() -> None:
    """Forget what was read of things that change: some saves go past the session."""
    db.session.flush()
    for thing in db.session:
        if not isinstance(thing, _UNCHANGED):
            db.session.expire(thing)
