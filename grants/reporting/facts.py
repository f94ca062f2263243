"""From rows to the plan that the rules check."""

from __future__ import annotations

from grants.projects.models import Project
from grants.projects.rules import Plan, PlannedResult, PlannedWork
from grants.reporting import queries


def plan(project: Project) -> Plan:
    """The plan of a project as it is saved (participants and work packages must be loaded)."""
    return Plan(
        starts_on=project.starts_on, duration_months=project.duration_months, grant=project.grant_amount,
        amounts=[row.contribution for row in project.participants],
        work_packages=[
            PlannedWork(each.number, each.title, each.start_month, each.end_month, each.lead_id)
            for each in project.work_packages
        ],
        deliverables=[
            PlannedResult(each.number, each.title, each.due_month, each.work_package)
            for each in queries.deliverables(project.id)
        ],
        milestones=[
            PlannedResult(each.number, each.title, each.due_month) for each in queries.milestones(project.id)
        ],
    )  # fmt: skip
