"""The demo's grants from their plan to the second periodic report, as steps in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from grants.calls.rules import add_months
from grants.db import db
from grants.demo import results
from grants.demo.decisions import PREPARED
from grants.demo.loaded import ZONE, Loaded, Step, read_anew
from grants.demo.plan import ProposalPlan
from grants.demo.texts import Stage
from grants.demo.workplans import DeliverablePlan, PackagePlan
from grants.documents import services as documents
from grants.kernel.actor import Actor
from grants.projects import queries as projects
from grants.projects.queries import Opened
from grants.projects.rules import PlannedWork, last_day, reporting_periods
from grants.reporting import queries, services
from grants.reporting.models import Deliverable, ReportingPeriod
from grants.reporting.queries import Due
from grants.reporting.services import DeliverableRow, MilestoneRow

_DAY = timedelta(days=1)
#: How many months the running projects are old: two yearly periods and the time for the second report.
_AGE_MONTHS = 26
#: How many steps the second report has gone, by project: handed in, returned, not begun and late, accepted.
_SECOND_REPORT = (1, 2, 0, 4, 1)
#: Why an officer returns something.
_RETURNED = (
    "Please add the figures behind the second section; without them the reader has to believe.",
    "The table of costs and the text name different numbers of trainings. Please say which is right.",
    "One partner is not mentioned at all. Please describe its part.",
)


@dataclass(frozen=True, slots=True)
class _Work:
    """One project: its plan, who acts, its first day, its random numbers. ``place``: among those of its topic."""

    loaded: Loaded
    plan: ProposalPlan
    place: int
    manager: Actor
    starts: date
    prepared: datetime

    @property
    def rng(self) -> Random:
        """Random numbers of its own, the same at each call."""
        return Random(f"{self.plan.seed}:project")  # noqa: S311 a demo, no secret

    @property
    def contact(self) -> Actor:
        """The coordinator's main contact."""
        return self.loaded.actor(self.plan.contact)

    def opened(self, who: Actor) -> Opened:
        """The project as somebody opens it, locked."""
        read_anew()
        return projects.open_project(who, self.loaded.numbers[self.plan.key], lock=True)


def steps(loaded: Loaded) -> Iterator[Step]:
    """Plans, confirmations, deliverables, reports and milestones, in any order; nothing after the loading.

    Which proposals are funded is known when the ranking is computed: the steps of all others do nothing.
    """
    for call in loaded.plan.calls:
        if call.stage not in {Stage.DECIDED, Stage.RUNNING}:
            continue
        starts = _first_day(loaded.now, running=call.stage is Stage.RUNNING)
        found = [each for each in loaded.plan.proposals if each.topic.startswith(call.stage.value) and each.quality]
        for place, plan in enumerate(found):
            prepared = loaded.deadline(plan.topic) + PREPARED
            work = _Work(loaded, plan, place, loaded.manager(call.programme), starts, prepared)
            made = _running(work) if call.stage is Stage.RUNNING else _in_preparation(work)
            yield from ((at, _if_funded(work, step)) for at, step in made if at <= loaded.now)


def _if_funded(work: _Work, step: Callable[[], None]) -> Callable[[], None]:
    def careful() -> None:
        if work.loaded.numbers[work.plan.key] in work.loaded.projects:
            step()

    return careful


def _first_day(now: datetime, *, running: bool) -> date:
    first = now.astimezone(ZONE).date().replace(day=1)
    return add_months(first, -_AGE_MONTHS if running else 3)


def _in_preparation(work: _Work) -> Iterator[Step]:
    """Every third coordinator has not begun, every third has a plan, every third has confirmed."""
    planned = work.prepared + timedelta(days=20 + work.rng.randint(0, 9), hours=3)
    if work.place % 3:
        yield planned, lambda: _plan(work, now=planned)
    if work.place % 3 == 2:
        yield planned + _DAY, lambda: _confirm(work, work.contact, now=planned + _DAY)


def _running(work: _Work) -> Iterator[Step]:
    planned = _noon(work.starts - timedelta(days=60 + work.rng.randint(0, 20)))
    confirmed, started = planned + 9 * _DAY, planned + 16 * _DAY
    yield planned, lambda: _plan(work, now=planned)
    yield confirmed, lambda: _confirm(work, work.contact, now=confirmed)
    yield started, lambda: _confirm(work, work.manager, now=started)
    yield from _milestones(work)
    for package, result in _results(work.plan):
        yield from _deliverable(work, package, result)
    for period in reporting_periods(work.starts, months=work.plan.months, every=12, report_days=60):
        yield from _report(work, period.number, period.ends_on)


def _results(plan: ProposalPlan) -> list[tuple[PackagePlan, DeliverablePlan]]:
    """What the agreement lists: the first deliverable of the management, and the last of every package."""
    found = [(plan.packages[0], plan.packages[0].deliverables[0])]
    return found + [(each, each.deliverables[-1]) for each in plan.packages]


def _plan(work: _Work, *, now: datetime) -> None:
    opened, plan = work.opened(work.contact), work.plan
    leads = {row.organisation.short_name: row.id for row in opened.project.participants}
    services.save_whole_plan(
        opened, starts_on=work.starts, amounts={row.id: row.contribution for row in opened.project.participants},
        work=[
            PlannedWork(each.number, each.text.title, each.start, each.end, leads[each.lead])
            for each in plan.packages
        ],
        deliverables=[
            DeliverableRow(each.code, each.title, package.number, each.month, each.kind, each.level)
            for package, each in _results(plan)
        ],
        milestones=[
            MilestoneRow(f"MS{each.number}", each.text.milestone[0], each.milestone_month, each.text.milestone[1])
            for each in plan.packages
        ],
        seen=opened.project.version, actor=work.contact, now=now,
    )  # fmt: skip


def _confirm(work: _Work, who: Actor, *, now: datetime) -> None:
    opened = work.opened(who)
    services.confirm_agreement(opened, seen=opened.project.version, actor=who, now=now)


def _milestones(work: _Work) -> Iterator[Step]:
    rng = Random(f"{work.plan.seed}:milestones")  # noqa: S311
    for package in work.plan.packages:
        day = last_day(work.starts, package.milestone_month) + timedelta(days=rng.randint(-20, 25))
        noted = _noon(day + timedelta(days=rng.randint(0, 6)))
        number = f"MS{package.number}"
        yield noted, lambda number=number, day=day, noted=noted: _reach(work, number, day, now=noted)  # type: ignore[misc]


def _reach(work: _Work, number: str, day: date, *, now: datetime) -> None:
    opened = work.opened(work.contact)
    found = next(each for each in queries.milestones(opened.project.id) if each.number == number)
    services.reach(opened, found.id, day=day, actor=work.contact, now=now)


def _deliverable(work: _Work, package: PackagePlan, result: DeliverablePlan) -> Iterator[Step]:
    """Most come in time, some late; some are returned once. What is recent waits for the officer, or is overdue."""
    rng = Random(f"{work.plan.seed}:{result.code}:days")  # noqa: S311
    due = last_day(work.starts, result.month)
    handed = _noon(due + timedelta(days=rng.choice((-12, -9, -6, -4, -2, -1, -1, 0, 3, 8, 40))))

    def find(opened: Opened) -> Deliverable:
        return next(each for each in queries.deliverables(opened.project.id) if each.number == result.code)

    def make(made: date) -> bytes:
        return results.deliverable(work.plan, package, result, made=made)

    name = f"{work.plan.idea.acronym} {result.code}.pdf"
    yield from _handed_in(work, find, make, name, handed, returned=rng.random() < 0.2, rng=rng)


def _report(work: _Work, number: int, ends: date) -> Iterator[Step]:
    """The first came and was accepted; how far the second is differs."""
    rng = Random(f"{work.plan.seed}:report {number}:days")  # noqa: S311

    def find(opened: Opened) -> ReportingPeriod:
        return next(each for each in queries.periods(opened.project.id) if each.number == number)

    def make(made: date) -> bytes:
        return results.report(work.plan, number, made=made)

    first, place = number == 1, work.place % len(_SECOND_REPORT)
    handed = _noon(ends + timedelta(days=52 if first else 20 + place))
    name = f"{work.plan.idea.acronym} periodic report {number}.pdf"
    steps_ = list(_handed_in(work, find, make, name, handed, returned=place == 1, rng=rng))
    yield from steps_ if first else steps_[: _SECOND_REPORT[place]]


def _handed_in(
    work: _Work,
    find: Callable[[Opened], Due],
    make: Callable[[date], bytes],
    name: str,
    at: datetime,
    *,
    returned: bool,
    rng: Random,
) -> Iterator[Step]:
    """Handed in at an instant, perhaps returned and handed in again, accepted."""
    yield at, lambda: _hand_in(work, find, make, name, now=at)
    again = at
    if returned:
        back, again = at + timedelta(days=rng.randint(8, 15)), at + timedelta(days=rng.randint(22, 35))
        reason = rng.choice(_RETURNED)
        yield back, lambda: _send_back(work, find, reason, now=back)
        yield again, lambda: _hand_in(work, find, make, name, now=again)
    accepted = again + timedelta(days=rng.randint(9, 34), hours=2)
    yield accepted, lambda: _accept(work, find, now=accepted)


def _hand_in(
    work: _Work, find: Callable[[Opened], Due], make: Callable[[date], bytes], name: str, *, now: datetime
) -> None:
    opened = work.opened(work.contact)
    thing = find(opened)
    if isinstance(thing, ReportingPeriod):
        summary = results.period_summary(work.plan, thing.number)
        services.save_summary(opened, thing, summary, actor=work.contact, now=now)
    document = documents.keep_generated(
        thing.ref(), thing.ref().kind, name=name, content=make(now.date()), now=now, store=work.loaded.store
    )
    document.created_by_id = work.contact.id
    db.session.flush()
    services.attach(document, now=now)
    services.hand_in(opened, thing, actor=work.contact, now=now)


def _send_back(work: _Work, find: Callable[[Opened], Due], reason: str, *, now: datetime) -> None:
    opened = work.opened(work.manager)
    services.send_back(opened, find(opened), reason=reason, actor=work.manager, now=now)


def _accept(work: _Work, find: Callable[[Opened], Due], *, now: datetime) -> None:
    opened = work.opened(work.manager)
    services.accept(opened, find(opened), actor=work.manager, now=now)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZONE).astimezone(UTC)
