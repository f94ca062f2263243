"""From the main list to a running project, and its end. What is due in it: see ``grants.reporting``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused, Stale
from grants.kernel.findings import Finding
from grants.organisations import queries as organisations
from grants.projects import access, mails, queries
from grants.projects.models import Project, ProjectParticipant, WorkPackage
from grants.projects.queries import Opened
from grants.projects.rules import PlannedWork
from grants.projects.states import PROJECT, ProjectState, Side
from grants.proposals.models import Proposal, Submission
from grants.proposals.states import ParticipantRole
from grants.ranking.access import may_see_ranking
from grants.ranking.models import Placement, Ranking
from grants.ranking.queries import versions
from grants.ranking.states import RankingState


def prepare_grants(topic: Topic, *, actor: Actor, now: datetime) -> list[Project]:
    """Make a project in preparation of every main-list proposal that has none; the new ones.

    A supplement after a review counts as the list does. Raises Refused before the letters of result are sent.
    Source: domain.md 9.
    """
    new = [row for row, known in _main_list(topic, actor=actor) if known is None]
    contents = versions([row.proposal_id for row in new])
    return [_prepare(row, contents[row.proposal_id], actor=actor, now=now) for row in new]


def prepare_grant(proposal: Proposal, *, actor: Actor, now: datetime) -> Project:
    """The project of one main-list proposal: the one that is there, or a new one in preparation.

    Raises Refused before the letters of result are sent, and for proposals that are not on the main list.
    """
    for row, known in _main_list(proposal.topic, actor=actor):
        if row.proposal_id == proposal.id:
            return known or _prepare(row, versions([proposal.id])[proposal.id], actor=actor, now=now)
    raise Refused("not-main-list", "Only proposals of the main list become projects.", status=409)


def _main_list(topic: Topic, *, actor: Actor) -> list[tuple[Placement, Project | None]]:
    """The main list in its order, each with its project; locked, so that two managers make each project once."""
    may_see_ranking(actor, programme=topic.call.programme.code, state=None).require()
    lists = db.session.scalars(select(Ranking).where(Ranking.topic_id == topic.id).with_for_update()).all()
    informed = [each.id for each in lists if each.state is RankingState.INFORMED]
    if not informed:
        raise Refused("not-informed", "Decide on the list and send the letters first.", status=409)
    rows = db.session.execute(
        select(Placement, Project)
        .outerjoin(Project, Project.proposal_id == Placement.proposal_id)
        .where(Placement.ranking_id.in_(informed), queries.is_main())
        .order_by(Placement.ranking_id, Placement.place)
    )
    return [(row[0], row[1]) for row in rows]


def _prepare(placement: Placement, version: Submission, *, actor: Actor, now: datetime) -> Project:
    content = version.content
    project = Project(
        number=placement.proposal.number, proposal=placement.proposal, acronym=content["acronym"],
        title=content["title"], duration_months=content["duration_months"], grant_amount=placement.grant,
        total_cost=Decimal(content["total"]), created_at=now, state=ProjectState.PREPARATION,
        participants=_participants(content),
    )  # fmt: skip
    db.session.add(project)
    db.session.flush()
    record(project.ref(), "project.prepared", actor=actor, now=now, facts={"grant": str(project.grant_amount)})
    mails.to_coordinator("grant_preparation", project, now=now, key="opened")
    return project


def _participants(content: Mapping[str, Any]) -> list[ProjectParticipant]:
    """Coordinator first, then the others in their order."""
    rows = sorted(content["participants"], key=lambda each: each["role"] != ParticipantRole.COORDINATOR.value)
    ids = organisations.ids_by_pic(each["pic"] for each in rows)
    return [
        ProjectParticipant(
            organisation_id=ids[each["pic"]], position=index, role=ParticipantRole(each["role"]),
            cost=Decimal(each["total"]), contribution=Decimal(each["requested"]),
        )
        for index, each in enumerate(rows, start=1)
    ]  # fmt: skip


def save_plan(
    opened: Opened, *, starts_on: date | None, amounts: Mapping[int, Decimal], work: list[PlannedWork], seen: int,
    actor: Actor, now: datetime,
) -> int:  # fmt: skip
    """Save dates, amounts and work packages; confirmations given so far are void. The new version.

    ``opened`` must be locked. Raises Refused, and Stale where somebody saved since version ``seen``.
    """
    access.may_plan(actor, opened.access).require()
    project = opened.project
    if project.version != seen:
        raise Stale(current={}, yours={}, version=project.version)
    project.starts_on, project.version = starts_on, project.version + 1
    for row in project.participants:
        row.contribution = amounts.get(row.id, row.contribution)
    project.work_packages = []
    db.session.flush()
    leads = {row.id for row in project.participants}
    project.work_packages = [
        WorkPackage(
            number=each.number, title=each.title, start_month=each.start_month, end_month=each.end_month,
            lead_id=each.lead if each.lead in leads else None,
        )
        for each in work
    ]  # fmt: skip
    _unconfirm(project)
    db.session.flush()
    record(project.ref(), "project.plan_changed", actor=actor, now=now, facts={"version": project.version})
    return project.version


def _unconfirm(project: Project) -> None:
    project.coordinator_confirmed_at = project.coordinator_confirmed_by_id = None
    project.funder_confirmed_at = project.funder_confirmed_by_id = None


def confirm(opened: Opened, *, seen: int, actor: Actor, now: datetime) -> bool:
    """Confirm the agreement for the actor's side; whether it was the second confirmation, so that the project runs.

    The plan must have been checked by the caller. One person cannot confirm for both sides.
    Raises Refused, and Stale where the plan changed since the person looked at it.
    """
    access.may_confirm(actor, opened.access).require()
    project, side = opened.project, access.side_of(actor, opened.access)
    if project.version != seen:
        raise Stale(current={}, yours={}, version=project.version)
    if side is Side.COORDINATOR:
        project.coordinator_confirmed_at, project.coordinator_confirmed_by_id = now, actor.id
    else:
        project.funder_confirmed_at, project.funder_confirmed_by_id = now, actor.id
    db.session.flush()
    record(project.ref(), "project.confirmed", actor=actor, now=now, facts={"side": str(side)})
    if project.coordinator_confirmed_at is None or project.funder_confirmed_at is None:
        return False
    PROJECT.go(project, "start", actor=actor, now=now, starts_on=str(project.starts_on))
    mails.to_coordinator("project_started", project, now=now, key="started")
    mails.to_officers("project_started", project, now=now, key="started")
    return True


def end(opened: Opened, action: str, *, reason: str, actor: Actor, now: datetime) -> None:
    """``give_up`` the preparation, ``close`` a finished project, or ``terminate`` a running one, with a reason.

    Raises Refused, Invalid without a reason.
    """
    access.may_end(actor, opened.access).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: both sides read it.", place="reason"))
    PROJECT.go(opened.project, action, actor=actor, now=now, reason=reason.strip())
    db.session.flush()
    mails.to_coordinator("project_ended", opened.project, now=now, reason=reason.strip(), action=action)
