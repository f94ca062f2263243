"""Reading deliverables, milestones, reporting periods; what is overdue, in Python's words and in SQL's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import ColumnElement, Numeric, Select, String, and_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import joinedload

from grants.audit.models import AuditEvent
from grants.calls.models import Call, Programme, Topic
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.organisations.models import Organisation
from grants.projects import queries as projects
from grants.projects.models import Project, ProjectParticipant
from grants.projects.states import ProjectState
from grants.proposals.models import Proposal
from grants.reporting.models import Deliverable, Milestone, ReportingPeriod
from grants.reporting.rules import HAPPENED
from grants.reporting.states import DueState

Due = Deliverable | ReportingPeriod
Thing = TypeVar("Thing", Deliverable, ReportingPeriod)


def deliverables(project_id: int) -> Sequence[Deliverable]:
    """In the order of their numbers, with files."""
    rows = db.session.scalars(
        select(Deliverable).where(Deliverable.project_id == project_id).options(joinedload(Deliverable.document))
    ).all()
    return sorted(rows, key=lambda each: _natural(each.number))


def _natural(number: str) -> list[tuple[bool, int, str]]:
    parts = number.lstrip("DM").replace("S", "").split(".")
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def milestones(project_id: int) -> Sequence[Milestone]:
    """In the order of their months."""
    return db.session.scalars(
        select(Milestone).where(Milestone.project_id == project_id).order_by(Milestone.due_month, Milestone.number)
    ).all()


def periods(project_id: int) -> Sequence[ReportingPeriod]:
    """In their order, with files."""
    return db.session.scalars(
        select(ReportingPeriod)
        .where(ReportingPeriod.project_id == project_id)
        .order_by(ReportingPeriod.number)
        .options(joinedload(ReportingPeriod.document))
    ).all()


def due_thing(project: Project, kind: str, identity: int, *, lock: bool = False) -> Due:
    """One deliverable or reporting period of this project. Raises NotFound."""
    found: Due | None = (
        _locked(Deliverable, identity, lock=lock) if kind == "deliverables"
        else _locked(ReportingPeriod, identity, lock=lock)
    )  # fmt: skip
    if found is None or found.project_id != project.id:
        raise NotFound
    return found


def _locked(table: type[Thing], identity: int, *, lock: bool) -> Thing | None:
    return db.session.get(table, identity, with_for_update={"of": table} if lock else None, populate_existing=lock)


def is_overdue(table: type[Deliverable | ReportingPeriod], today: date) -> ColumnElement[bool]:
    """As ``projects.rules.is_overdue``, in SQL: a test holds the two equal."""
    runs = select(Project.id).where(Project.state == ProjectState.RUNNING)
    return and_(table.state == DueState.PENDING, table.due_on < today, table.project_id.in_(runs))


def overdue_projects(today: date) -> Select[int]:
    """Projects with something overdue."""
    late = [select(table.project_id).where(is_overdue(table, today)) for table in (Deliverable, ReportingPeriod)]
    return select(Project.id).where(or_(*(Project.id.in_(each) for each in late)))


def history(
    project: Project, things: Sequence[Deliverable | ReportingPeriod], *, limit: int = 12
) -> Sequence[AuditEvent]:
    """What happened in a project and with what it hands in, newest first."""
    own = project.ref()
    about = [and_(AuditEvent.object_kind == own.kind, AuditEvent.object_key == own.key)]
    for kind in ("deliverable", "periodic_report"):
        keys = [each.ref().key for each in things if each.ref().kind == kind]
        about.append(and_(AuditEvent.object_kind == kind, AuditEvent.object_key.in_(keys)))
    statement = select(AuditEvent).where(or_(*about), AuditEvent.action.in_(HAPPENED))
    return db.session.scalars(statement.order_by(AuditEvent.number.desc()).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Dues:
    """What a running project has still to hand in: how many are late, and the next one with its day."""

    late: int
    day: date
    words: str


def dues(project_ids: Sequence[int], today: date) -> dict[int, Dues]:
    """By project, in one statement; projects with nothing to hand in are left out."""
    named = (
        (Deliverable, func.concat("Deliverable ", Deliverable.number)),
        (ReportingPeriod, func.concat("Periodic report ", ReportingPeriod.number)),
    )
    still = union_all(
        *(
            select(table.project_id, table.due_on, name.label("words"), is_overdue(table, today).label("late"))
            .join(Project, Project.id == table.project_id)
            .where(
                table.project_id.in_(project_ids), Project.state == ProjectState.RUNNING,
                table.state == DueState.PENDING, table.due_on.is_not(None),
            )
            for table, name in named
        )
    ).subquery()  # fmt: skip
    first = func.array_agg(aggregate_order_by(still.c.words, still.c.due_on, still.c.words), type_=ARRAY(String))[1]
    rows = db.session.execute(
        select(still.c.project_id, func.count().filter(still.c.late), func.min(still.c.due_on), first).group_by(
            still.c.project_id
        )
    )
    return {row[0]: Dues(row[1], row[2], row[3]) for row in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that an officer has to answer. ``page``: deliverables, reports, or preparation (the agreement)."""

    number: int
    acronym: str
    page: str
    words: str
    since: datetime
    zone: str


def waiting_for_officers(actor: Actor, *, limit: int) -> list[Waiting]:
    """Deliverables and reports that were handed in, agreements that the coordinator has confirmed; what waits
    longest first, one statement. Only of programmes that the actor manages."""
    managed = (
        select(Project.id, Project.number, Project.acronym, Project.state, Call.zone)
        .join(Project.proposal)
        .join(Topic, Topic.id == Proposal.topic_id)
        .join(Topic.call)
        .join(Call.programme)
        .where(Programme.code.in_(actor.programmes))
        .subquery()
    )
    named = (managed.c.number, managed.c.acronym)
    handed_in = [
        select(*named, literal(page).label("page"), words.label("words"), table.submitted_at, managed.c.zone)
        .join(managed, managed.c.id == table.project_id)
        .where(table.state == DueState.SUBMITTED, managed.c.state == ProjectState.RUNNING)
        for table, page, words in (
            (Deliverable, "deliverables", func.concat("Deliverable ", Deliverable.number)),
            (ReportingPeriod, "reports", func.concat("Periodic report ", ReportingPeriod.number)),
        )
    ]
    agreements = (
        select(
            *named, literal("preparation"), literal("Agreement to confirm"), Project.coordinator_confirmed_at,
            managed.c.zone,
        )
        .join(managed, managed.c.id == Project.id)
        .where(
            Project.state == ProjectState.PREPARATION, Project.coordinator_confirmed_at.is_not(None),
            Project.funder_confirmed_at.is_(None),
        )
    )  # fmt: skip
    both = union_all(*handed_in, agreements).subquery()
    rows = db.session.execute(select(both).order_by(both.c.submitted_at, both.c.number, both.c.words).limit(limit))
    return [Waiting(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PortfolioFilter:
    """What a manager looks for in the portfolio."""

    text: str = ""
    call: str = ""
    country: str = ""
    state: str = ""
    overdue: bool = False

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.call or self.country or self.state or self.overdue)


def portfolio(actor: Actor, wanted: PortfolioFilter, *, today: date) -> Select[Project]:
    """Visible projects that fit. Not ordered."""
    rows = projects.visible(actor)
    if wanted.text:
        number = int(wanted.text) if wanted.text.isascii() and wanted.text.isdigit() and len(wanted.text) < 12 else 0
        like = or_(
            Project.acronym.icontains(wanted.text, autoescape=True),
            Project.title.icontains(wanted.text, autoescape=True),
        )
        rows = rows.where(or_(like, Project.number == number))
    if wanted.call:
        rows = rows.where(Call.identifier == wanted.call)
    if wanted.country:
        with_country = (
            select(ProjectParticipant.project_id)
            .join(Organisation, Organisation.id == ProjectParticipant.organisation_id)
            .where(Organisation.country == wanted.country)
        )
        rows = rows.where(Project.id.in_(with_country))
    if wanted.state in set(ProjectState):
        rows = rows.where(Project.state == wanted.state)
    if wanted.overdue:
        rows = rows.where(Project.id.in_(overdue_projects(today)))
    return rows


@dataclass(frozen=True, slots=True)
class PortfolioFigures:
    """Sums over the projects that fit, in euro, and counts. ``results``: by kind and how each stands."""

    projects: int
    grants: Decimal
    by_state: list[tuple[str, int]]
    by_call: list[tuple[str, Decimal]]
    by_country: list[tuple[str, Decimal]]
    results: dict[str, dict[str, int]]

    @property
    def overdue_deliverables(self) -> int:
        """Deliverables of running projects that are late."""
        return self.results.get("deliverables", {}).get("overdue", 0)

    @property
    def overdue_reports(self) -> int:
        """Periodic reports of running projects that are late."""
        return self.results.get("reports", {}).get("overdue", 0)


def figures(actor: Actor, wanted: PortfolioFilter, *, today: date) -> PortfolioFigures:
    """All figures and charts of the portfolio, in one statement however many projects."""
    fitting = portfolio(actor, wanted, today=today).with_only_columns(Project.id).order_by(None).cte("fitting")
    ids = select(fitting.c.id)
    parts = [_by_state(ids), _by_call(ids), _by_country(ids)]
    parts += [_by_standing(ids, kind, table, today) for kind, table in _KINDS]
    found: dict[str, list[tuple[str, int, Decimal]]] = {}
    for kind, label, count, amount in db.session.execute(union_all(*parts)):
        found.setdefault(kind, []).append((label, count, amount))
    states = sorted(found.get("state", []), key=lambda row: list(ProjectState).index(ProjectState(row[0])))
    return PortfolioFigures(
        projects=sum(row[1] for row in states), grants=sum((row[2] for row in states), Decimal(0)),
        by_state=[(row[0], row[1]) for row in states], by_call=_largest(found.get("call", [])),
        by_country=_largest(found.get("country", [])),
        results={kind: {row[0]: row[1] for row in found.get(kind, [])} for kind, _ in _KINDS},
    )  # fmt: skip


Part = Select[str, str, int, Decimal]
#: Bars that a chart still shows well.
_MOST_BARS = 15
_KINDS: tuple[tuple[str, type[Deliverable | ReportingPeriod]], ...] = (
    ("deliverables", Deliverable),
    ("reports", ReportingPeriod),
)


def _by_state(ids: Select[int]) -> Part:
    return (
        select(literal("state"), cast(Project.state, String), func.count(), func.sum(Project.grant_amount))
        .where(Project.id.in_(ids))
        .group_by(Project.state)
    )


def _by_call(ids: Select[int]) -> Part:
    return (
        select(literal("call"), Call.identifier, func.count(), func.sum(Project.grant_amount))
        .join(Topic, Topic.call_id == Call.id)
        .join(Proposal, Proposal.topic_id == Topic.id)
        .join(Project, Project.proposal_id == Proposal.id)
        .where(Project.id.in_(ids))
        .group_by(Call.identifier)
    )


def _by_country(ids: Select[int]) -> Part:
    return (
        select(literal("country"), Organisation.country, func.count(), func.sum(ProjectParticipant.contribution))
        .join(ProjectParticipant, ProjectParticipant.organisation_id == Organisation.id)
        .where(ProjectParticipant.project_id.in_(ids))
        .group_by(Organisation.country)
    )


def _by_standing(ids: Select[int], kind: str, table: type[Deliverable | ReportingPeriod], today: date) -> Part:
    """How many are accepted, handed in, overdue or open; what an ended project never handed in is left out."""
    standing = case(
        (table.state == DueState.ACCEPTED, "accepted"),
        (table.state == DueState.SUBMITTED, "submitted"),
        (is_overdue(table, today), "overdue"),
        else_="open",
    )
    lives = or_(table.state != DueState.PENDING, Project.state == ProjectState.RUNNING)
    return (
        select(literal(kind), standing, func.count(), cast(literal(0), Numeric(14, 2)))
        .join(Project, Project.id == table.project_id)
        .where(table.project_id.in_(ids), table.due_on.is_not(None), lives)
        .group_by(standing)
    )


def _largest(rows: list[tuple[str, int, Decimal]]) -> list[tuple[str, Decimal]]:
    return sorted(((row[0], row[2]) for row in rows), key=lambda row: (-row[1], row[0]))[:_MOST_BARS]


def choices(actor: Actor) -> tuple[list[str], list[str]]:
    """Calls and countries of the visible projects, which the filters offer."""
    seen = projects.visible(actor).with_only_columns(Project.id, Call.identifier).order_by(None).cte("seen")
    countries = (
        select(literal("country"), Organisation.country)
        .join(ProjectParticipant, ProjectParticipant.organisation_id == Organisation.id)
        .where(ProjectParticipant.project_id.in_(select(seen.c.id)))
        .distinct()
    )
    rows = db.session.execute(union_all(select(literal("call"), seen.c.identifier).distinct(), countries)).all()
    return sorted(row[1] for row in rows if row[0] == "call"), sorted(row[1] for row in rows if row[0] == "country")
