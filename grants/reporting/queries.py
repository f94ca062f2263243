"""Reading deliverables, milestones, reporting periods; what is overdue, in Python's words and in SQL's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from grants.calls.models import Call, Topic
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.organisations.models import Organisation
from grants.projects import queries as projects
from grants.projects.models import Project, ProjectParticipant
from grants.projects.states import ProjectState
from grants.proposals.models import Proposal
from grants.reporting.models import Deliverable, Milestone, ReportingPeriod
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


def overdue_counts(project_ids: Sequence[int], today: date) -> dict[int, int]:
    """How many deliverables and reports of each project are overdue."""
    found: dict[int, int] = {}
    for table in (Deliverable, ReportingPeriod):
        rows = db.session.execute(
            select(table.project_id, func.count())
            .where(table.project_id.in_(project_ids), is_overdue(table, today))
            .group_by(table.project_id)
        )
        for project_id, count in rows:
            found[project_id] = found.get(project_id, 0) + count
    return found


def next_due(project_ids: Sequence[int]) -> dict[int, tuple[date, str]]:
    """The earliest thing that each project has still to submit: day and name."""
    found: dict[int, tuple[date, str]] = {}
    named = (
        (Deliverable, func.concat("Deliverable ", Deliverable.number)),
        (ReportingPeriod, func.concat("Periodic report ", ReportingPeriod.number)),
    )
    for table, name in named:
        rows = db.session.execute(
            select(table.project_id, table.due_on, name).where(
                table.project_id.in_(project_ids), table.state == DueState.PENDING, table.due_on.is_not(None)
            )
        )
        for project_id, day, words in rows:
            if day is not None and (project_id not in found or day < found[project_id][0]):
                found[project_id] = (day, words)
    return found


@dataclass(frozen=True, slots=True)
class PortfolioFilter:
    """What a manager looks for in the portfolio."""

    text: str = ""
    call: str = ""
    country: str = ""
    state: str = ""
    overdue: bool = False


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
    """Sums over the projects that fit, in euro, and counts."""

    projects: int
    grants: Decimal
    by_state: list[tuple[str, int]]
    by_call: list[tuple[str, Decimal]]
    by_country: list[tuple[str, Decimal]]
    overdue_deliverables: int
    overdue_reports: int


def figures(actor: Actor, wanted: PortfolioFilter, *, today: date) -> PortfolioFigures:
    """All figures and charts of the portfolio, in five statements however many projects."""
    ids = portfolio(actor, wanted, today=today).with_only_columns(Project.id).order_by(None).subquery()
    inside = Project.id.in_(select(ids.c.id))
    by_state = db.session.execute(
        select(Project.state, func.count(), func.coalesce(func.sum(Project.grant_amount), 0))
        .where(inside)
        .group_by(Project.state)
        .order_by(Project.state)
    ).all()
    by_call = db.session.execute(
        select(Call.identifier, func.sum(Project.grant_amount))
        .join(Project.proposal)
        .join(Topic, Topic.id == Proposal.topic_id)
        .join(Call, Call.id == Topic.call_id)
        .where(inside)
        .group_by(Call.identifier)
        .order_by(func.sum(Project.grant_amount).desc())
        .limit(12)
    ).all()
    by_country = db.session.execute(
        select(Organisation.country, func.sum(ProjectParticipant.contribution))
        .join(Organisation, Organisation.id == ProjectParticipant.organisation_id)
        .where(ProjectParticipant.project_id.in_(select(ids.c.id)))
        .group_by(Organisation.country)
        .order_by(func.sum(ProjectParticipant.contribution).desc())
        .limit(15)
    ).all()
    late = [
        db.session.scalar(
            select(func.count()).select_from(table).where(
                table.project_id.in_(select(ids.c.id)), is_overdue(table, today)
            )
        ) or 0
        for table in (Deliverable, ReportingPeriod)
    ]  # fmt: skip
    return PortfolioFigures(
        projects=sum(row[1] for row in by_state), grants=sum((row[2] for row in by_state), Decimal(0)),
        by_state=[(row[0].value, row[1]) for row in by_state], by_call=[(row[0], row[1]) for row in by_call],
        by_country=[(row[0], row[1]) for row in by_country], overdue_deliverables=late[0], overdue_reports=late[1],
    )  # fmt: skip


def calls_with_projects(actor: Actor) -> Sequence[str]:
    """Identifiers of calls that the filter offers."""
    statement = projects.visible(actor).with_only_columns(Call.identifier).distinct().order_by(Call.identifier)
    return db.session.scalars(statement).all()
