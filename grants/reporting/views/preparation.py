"""The plan of a project, prepared and agreed by both sides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.errors import Invalid, Stale
from grants.kernel.numbers import whole
from grants.projects import rules
from grants.projects.models import Project
from grants.projects.queries import Opened
from grants.projects.rules import PlannedWork
from grants.reporting import facts, forms, queries, services
from grants.reporting.services import DeliverableRow, MilestoneRow
from grants.reporting.views.common import bp, open_project, project_page
from grants.web import guards
from grants.web.filters import number as plain_number

_EMPTY_ROWS = 3


@bp.route("/projects/<int:number>/preparation", methods=["GET", "POST"])
def preparation(number: int) -> ResponseReturnValue:
    """The plan that both sides agree on. Anything may be saved; the checks say what is missing."""
    opened, conflict = open_project(number), None
    form = forms.PlanForm() if request.method == "POST" else _plan_form(opened)
    _choices(form, opened.project)
    if form.validate_on_submit():
        try:
            with transaction():
                opened = open_project(number, lock=True)
                _save(opened, form)
            flash("The plan is saved. Confirmations given before do not count any more.", "success")
            return redirect(url_for(".preparation", number=number))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale as problem:
            conflict = problem
            form.version.data = str(problem.version)
        opened = open_project(number)
    if not form.milestones.entries or not form.deliverables.entries or not form.work_packages.entries:
        _add_rows(form)
        _choices(form, opened.project)
    page = project_page(
        "reporting/preparation.html", opened, form=form, conflict=conflict,
        names={str(row.id): row.organisation.legal_name for row in opened.project.participants},
        findings=rules.plan_findings(facts.plan(opened.project)),
    )  # fmt: skip
    return page, 409 if conflict else 422 if form.has_errors else 200


def _plan_form(opened: Opened) -> forms.PlanForm:
    project = opened.project
    data: dict[str, Any] = {
        "version": str(project.version), "starts_on": project.starts_on,
        "amounts": [
            {"participant": str(row.id), "contribution": plain_number(row.contribution)}
            for row in project.participants
        ],
        "work_packages": [
            {"number": each.number, "title": each.title, "lead": str(each.lead_id or ""),
             "start_month": each.start_month, "end_month": each.end_month}
            for each in project.work_packages
        ],
        "deliverables": [
            {name: getattr(each, name) for name in
             ("number", "title", "work_package", "kind", "dissemination", "due_month")}
            for each in queries.deliverables(project.id)
        ],
        "milestones": [
            {name: getattr(each, name) for name in ("number", "title", "means", "due_month")}
            for each in queries.milestones(project.id)
        ],
    }  # fmt: skip
    form = forms.PlanForm(formdata=None, data=data)
    _add_rows(form)
    return form


def _add_rows(form: forms.PlanForm) -> None:
    """Empty rows to write into, below what is there."""
    for rows in (form.work_packages, form.deliverables, form.milestones):
        for _ in range(_EMPTY_ROWS):
            rows.append_entry()


def _choices(form: forms.PlanForm, project: Project) -> None:
    leads = [("", "Not named"), *((str(row.id), row.organisation.legal_name) for row in project.participants)]
    for entry in form.work_packages:
        entry.form.lead.choices = leads


def _save(opened: Opened, form: forms.PlanForm) -> None:
    own = {row.id for row in opened.project.participants}
    amounts = {
        whole(entry.form.participant.data): entry.form.contribution.amount or Decimal(0)
        for entry in form.amounts
        if whole(entry.form.participant.data) in own
    }
    work = [entry.form for entry in form.work_packages if entry.form.title.data]
    results = [entry.form for entry in form.deliverables if entry.form.title.data]
    points = [entry.form for entry in form.milestones if entry.form.title.data]
    services.save_whole_plan(
        opened, starts_on=form.starts_on.data, amounts=amounts,
        work=[
            PlannedWork(
                row.number.data or index, row.title.data, row.start_month.data or 1,
                row.end_month.data or opened.project.duration_months,
                whole(row.lead.data) or None,
            )
            for index, row in enumerate(work, start=1)
        ],
        deliverables=[
            DeliverableRow(
                row.number.data or f"D{row.work_package.data or 1}.{index}", row.title.data,
                row.work_package.data or 1, row.due_month.data or opened.project.duration_months,
                row.kind.data, row.dissemination.data,
            )
            for index, row in enumerate(results, start=1)
        ],
        milestones=[
            MilestoneRow(
                row.number.data or f"MS{index}", row.title.data,
                row.due_month.data or opened.project.duration_months, row.means.data or "",
            )
            for index, row in enumerate(points, start=1)
        ],
        seen=form.seen, actor=guards.actor(), now=guards.received_at(),
    )  # fmt: skip


@bp.post("/projects/<int:number>/confirm")
def confirm(number: int) -> ResponseReturnValue:
    form = forms.ConfirmForm()
    try:
        with transaction():
            opened = open_project(number, lock=True)
            started = services.confirm_agreement(
                opened, seen=form.seen, actor=guards.actor(), now=guards.received_at()
            )
        flash("Both sides have confirmed: the project runs." if started else "Your side has confirmed.", "success")
        return redirect(url_for(".overview", number=number))
    except Invalid as problem:
        flash(problem.message, "error")
    except Stale:
        flash("The plan changed since you looked at it. Read it again, then confirm.", "error")
    return redirect(url_for(".preparation", number=number))
