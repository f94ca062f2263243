"""The whole plan with its deliverables, and the agreement that makes it run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete

from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Stale
from grants.kernel.findings import blocking
from grants.projects import access, rules
from grants.projects import services as projects
from grants.projects.models import Project
from grants.projects.queries import Opened
from grants.projects.rules import PlannedWork
from grants.reporting import facts, queries
from grants.reporting.models import Deliverable, Milestone, ReportingPeriod


@dataclass(frozen=True, slots=True)
class DeliverableRow:
    """A deliverable as the plan's form gives it."""

    number: str
    title: str
    work_package: int
    due_month: int
    kind: str = "R"
    dissemination: str = "PU"


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone as the plan's form gives it."""

    number: str
    title: str
    due_month: int
    means: str = ""


def save_whole_plan(
    opened: Opened,
    *,
    starts_on: date | None,
    amounts: Mapping[int, Decimal],
    work: list[PlannedWork],
    deliverables: list[DeliverableRow],
    milestones: list[MilestoneRow],
    seen: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Save everything of the plan as it was typed; confirmations given so far are void. The new version.

    Nothing is refused for being incomplete: the checks say what is missing. Raises Invalid for what cannot be kept
    at all, Refused, Stale.
    """
    access.may_plan(actor, opened.access).require()
    if opened.project.version != seen:
        raise _stale(opened.project, texts(opened.project, starts_on, amounts, work, deliverables, milestones))
    plan = _plan(opened, starts_on, amounts, work, deliverables, milestones)
    if wrong := rules.cannot_be_kept(rules.plan_findings(plan)):
        raise Invalid(wrong)
    project = opened.project
    version = projects.save_plan(
        opened, starts_on=starts_on, amounts=amounts, work=work, seen=seen, actor=actor, now=now
    )
    db.session.execute(delete(Deliverable).where(Deliverable.project_id == project.id))
    db.session.execute(delete(Milestone).where(Milestone.project_id == project.id))
    db.session.add_all(
        Deliverable(
            project_id=project.id, number=each.number, title=each.title, work_package=each.work_package,
            due_month=each.due_month, kind=each.kind, dissemination=each.dissemination,
        )
        for each in deliverables
    )  # fmt: skip
    db.session.add_all(
        Milestone(
            project_id=project.id, number=each.number, title=each.title, due_month=each.due_month, means=each.means
        )
        for each in milestones
    )
    db.session.flush()
    return version


def texts(
    project: Project, starts_on: date | None, amounts: Mapping[int, Decimal], work: list[PlannedWork],
    deliverables: list[DeliverableRow], milestones: list[MilestoneRow],
) -> dict[str, str]:  # fmt: skip
    """A plan in words, part by part: to compare two of them."""
    names = {row.id: row.organisation.legal_name for row in project.participants}
    found = {"Start of the project": str(starts_on or "")}
    found |= {
        f"Share of {name}": f"{amounts[identity]:.2f}" for identity, name in names.items() if identity in amounts
    }
    for package in work:
        lead = names.get(package.lead or 0, "nobody named")
        months = f"months {package.start_month} to {package.end_month}"
        found[f"Work package {package.number}"] = f"{package.title}, {months}, led by {lead}"
    for result in deliverables:
        about = f"work package {result.work_package}, month {result.due_month}, {result.kind}, {result.dissemination}"
        found[f"Deliverable {result.number}"] = f"{result.title}, {about}"
    for point in milestones:
        found[f"Milestone {point.number}"] = f"{point.title}, month {point.due_month}, {point.means}".rstrip(", ")
    return found


def _stale(project: Project, yours: dict[str, str]) -> Stale:
    """Both plans where they differ."""
    saved = texts(
        project, project.starts_on, {row.id: row.contribution for row in project.participants},
        [
            PlannedWork(each.number, each.title, each.start_month, each.end_month, each.lead_id)
            for each in project.work_packages
        ],
        [
            DeliverableRow(
                each.number, each.title, each.work_package, each.due_month, each.kind, each.dissemination
            )
            for each in queries.deliverables(project.id)
        ],
        [
            MilestoneRow(each.number, each.title, each.due_month, each.means)
            for each in queries.milestones(project.id)
        ],
    )  # fmt: skip
    differing = [name for name in {**saved, **yours} if saved.get(name, "") != yours.get(name, "")]
    return Stale(
        current={name: saved.get(name, "") for name in differing},
        yours={name: yours.get(name, "") for name in differing}, version=project.version,
    )  # fmt: skip


def _plan(
    opened: Opened, starts_on: date | None, amounts: Mapping[int, Decimal], work: list[PlannedWork],
    deliverables: list[DeliverableRow], milestones: list[MilestoneRow],
) -> rules.Plan:  # fmt: skip
    project = opened.project
    return rules.Plan(
        starts_on=starts_on, duration_months=project.duration_months, grant=project.grant_amount,
        amounts=list(amounts.values()), work_packages=work,
        deliverables=[
            rules.PlannedResult(each.number, each.title, each.due_month, each.work_package) for each in deliverables
        ],
        milestones=[rules.PlannedResult(each.number, each.title, each.due_month) for each in milestones],
    )  # fmt: skip


def confirm_agreement(opened: Opened, *, seen: int, actor: Actor, now: datetime) -> bool:
    """Confirm for the actor's side. The second confirmation starts the project and sets all due dates.

    Raises Refused, Stale, and Invalid while the plan is not complete.
    """
    project = opened.project
    if found := blocking(rules.plan_findings(facts.plan(project))):
        raise Invalid(found)
    if not projects.confirm(opened, seen=seen, actor=actor, now=now):
        return False
    if project.starts_on is None:
        raise ValueError("a checked plan has a start")
    for deliverable in queries.deliverables(project.id):
        deliverable.due_on = rules.last_day(project.starts_on, deliverable.due_month)
    for milestone in queries.milestones(project.id):
        milestone.due_on = rules.last_day(project.starts_on, milestone.due_month)
    topic = project.proposal.topic
    db.session.add_all(
        ReportingPeriod(
            project_id=project.id, number=each.number, starts_on=each.starts_on, ends_on=each.ends_on,
            due_on=each.due_on,
        )
        for each in rules.reporting_periods(
            project.starts_on, months=project.duration_months, every=topic.period_months,
            report_days=topic.report_days,
        )
    )  # fmt: skip
    db.session.flush()
    return True
