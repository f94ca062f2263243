"""One project at a glance: what comes next, the plan as a chart."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from grants.projects import rules
from grants.projects.models import Project
from grants.projects.queries import Opened
from grants.projects.states import ProjectState
from grants.reporting import facts, queries
from grants.reporting.rules import happened
from grants.reporting.states import DueState
from grants.reporting.views.common import bp, day_of, is_overdue, open_project, project_page
from grants.web.filters import short_instant


@bp.get("/projects/<int:number>")
def overview(number: int) -> ResponseReturnValue:
    opened = open_project(number)
    project = opened.project
    deliverables, periods = queries.deliverables(project.id), queries.periods(project.id)
    today = day_of(project)
    month = rules.month_on(project.starts_on, today) if project.starts_on else None
    return project_page(
        "reporting/overview.html", opened, coming=_coming(opened, deliverables, periods)[:6],
        gantt=_gantt(project, deliverables, today), share=partial(rules.share, project.grant_amount),
        events=[
            {"title": happened(each.action, each.object_key, each.facts), "by": each.actor_name, "text": each.reason,
             "when": short_instant(each.at, project.proposal.topic.call.zone), "state": "done"}
            for each in queries.history(project, [*deliverables, *periods])
        ],
        month=month if month and 0 < month <= project.duration_months else None,
        ends_on=rules.last_day(project.starts_on, project.duration_months) if project.starts_on else None,
        findings=rules.plan_findings(facts.plan(project)) if project.state is ProjectState.PREPARATION else [],
    )  # fmt: skip


def _coming(opened: Opened, deliverables: Any, periods: Any) -> list[dict[str, Any]]:
    """What a running project has still to hand in or to reach, the earliest first."""
    project = opened.project
    if project.state is not ProjectState.RUNNING:
        return []
    due = [
        *(("deliverables", f"Deliverable {each.number}, {each.title}", each) for each in deliverables),
        *(("reports", f"Periodic report {each.number}", each) for each in periods),
    ]
    found = [
        {
            "url": url_for(f".{kind}", number=project.number, _anchor=f"due-{each.id}"),
            "words": words,
            "thing": each,
            "day": each.due_on,
        }
        for kind, words, each in due
        if each.state is DueState.PENDING and each.due_on
    ]
    found += [
        {
            "url": url_for(".deliverables", number=project.number, _anchor="milestones"),
            "day": each.due_on,
            "words": f"Milestone {each.number}, {each.title}",
            "thing": None,
        }
        for each in queries.milestones(project.id)
        if each.reached_on is None and each.due_on
    ]
    return sorted(found, key=lambda each: each["day"])  # fmt: skip


def _gantt(project: Project, deliverables: Any, today: Any) -> list[dict[str, Any]]:
    return [
        {
            "label": f"WP{work.number} {work.title}", "start": work.start_month - 1, "end": work.end_month,
            "marks": [
                {"label": each.number, "at": each.due_month, "late": is_overdue(each, today)}
                for each in deliverables
                if each.work_package == work.number
            ],
        }
        for work in project.work_packages
    ]  # fmt: skip
