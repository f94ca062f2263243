"""What the pages of one project share."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template

from grants.projects import access, rules
from grants.projects import queries as projects
from grants.projects.models import Project
from grants.projects.queries import Opened
from grants.projects.states import ProjectState
from grants.reporting.states import DueState
from grants.web import guards

bp = Blueprint("reporting", __name__)


def open_project(number: int, *, lock: bool = False) -> Opened:
    """The project as the actor may see it, or not found."""
    return projects.open_project(guards.actor(), number, lock=lock)


def day_of(project: Project) -> date:
    """The day in the zone of its call."""
    return guards.received_at().astimezone(ZoneInfo(project.proposal.topic.call.zone)).date()


def project_page(template: str, opened: Opened, **more: Any) -> str:
    """A page of one project, with what the actor may do on it."""
    actor, project = guards.actor(), opened.project
    return render_template(
        template, project=project, topic=project.proposal.topic, zone=project.proposal.topic.call.zone,
        today=day_of(project), may_plan=access.may_plan(actor, opened.access),
        may_confirm=access.may_confirm(actor, opened.access), side=access.side_of(actor, opened.access),
        may_report=access.may_report(actor, opened.access), may_judge=access.may_judge(actor, opened.access),
        may_end=access.may_end(actor, opened.access), is_overdue=is_overdue, **more,
    )  # fmt: skip


def is_overdue(thing: Any, today: Any) -> bool:
    """Whether something of a running project is past its due day."""
    runs = thing.project.state is ProjectState.RUNNING
    return rules.is_overdue(thing.due_on, pending=thing.state is DueState.PENDING, today=today, running=runs)
