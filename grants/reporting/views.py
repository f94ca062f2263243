"""Pages of one project: overview, plan and agreement, deliverables, reports; the portfolio over all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.rules import KINDS
from grants.documents.views import begin, serve, take
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.numbers import whole
from grants.projects import access, rules
from grants.projects import queries as projects
from grants.projects.models import Project
from grants.projects.queries import Opened
from grants.projects.rules import PlannedWork
from grants.projects.states import ProjectState
from grants.reporting import facts, forms, queries, services
from grants.reporting.models import ReportingPeriod
from grants.reporting.queries import PortfolioFilter
from grants.reporting.rules import happened, text_version
from grants.reporting.services import DeliverableRow, MilestoneRow
from grants.reporting.states import DueState
from grants.web import guards, listing
from grants.web.filters import country, short_instant
from grants.web.filters import number as plain_number

bp = Blueprint("reporting", __name__)
_EMPTY_ROWS = 3
_HOME_ROWS = 8
_FUNDERS_ZONE = ZoneInfo("Europe/Brussels")
_OWNERS = {"deliverables": "deliverable", "reports": "periodic_report"}


def home_slot(*, actor: Actor, now: datetime) -> str:
    """On the first page: what waits for the officer's answer, or the person's projects with what is due next."""
    if not actor.signed_in or actor.has(Role.AUDITOR):
        return ""
    if actor.has(Role.MANAGER):
        waiting = queries.waiting_for_officers(actor, limit=_HOME_ROWS)
        return render_template("reporting/_home_manager.html", waiting=waiting) if waiting else ""
    page = listing.page(projects.running(actor), [Project.number], descending=True, size=5)
    if not page.rows:
        return ""
    ids = [each.id for each in page.rows]
    return render_template(
        "reporting/_home.html", projects=page.rows, dues=queries.dues(ids, now.astimezone(_FUNDERS_ZONE).date())
    )


def _open(number: int, *, lock: bool = False) -> Opened:
    return projects.open_project(guards.actor(), number, lock=lock)


def _today(project: Project) -> date:
    return guards.received_at().astimezone(ZoneInfo(project.proposal.topic.call.zone)).date()


def _page(template: str, opened: Opened, **more: Any) -> str:
    actor, project = guards.actor(), opened.project
    return render_template(
        template, project=project, topic=project.proposal.topic, zone=project.proposal.topic.call.zone,
        today=_today(project), may_plan=access.may_plan(actor, opened.access),
        may_confirm=access.may_confirm(actor, opened.access), side=access.side_of(actor, opened.access),
        may_report=access.may_report(actor, opened.access), may_judge=access.may_judge(actor, opened.access),
        may_end=access.may_end(actor, opened.access), is_overdue=_is_overdue, **more,
    )  # fmt: skip


def _is_overdue(thing: Any, today: Any) -> bool:
    runs = thing.project.state is ProjectState.RUNNING
    return rules.is_overdue(thing.due_on, pending=thing.state is DueState.PENDING, today=today, running=runs)


@bp.get("/projects/<int:number>")
def overview(number: int) -> ResponseReturnValue:
    opened = _open(number)
    project = opened.project
    deliverables, periods = queries.deliverables(project.id), queries.periods(project.id)
    today = _today(project)
    month = rules.month_on(project.starts_on, today) if project.starts_on else None
    return _page(
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
                {"label": each.number, "at": each.due_month, "late": _is_overdue(each, today)}
                for each in deliverables
                if each.work_package == work.number
            ],
        }
        for work in project.work_packages
    ]  # fmt: skip


@bp.route("/projects/<int:number>/preparation", methods=["GET", "POST"])
def preparation(number: int) -> ResponseReturnValue:
    """The plan that both sides agree on. Anything may be saved; the checks say what is missing."""
    opened, conflict = _open(number), None
    form = forms.PlanForm() if request.method == "POST" else _plan_form(opened)
    _choices(form, opened.project)
    if form.validate_on_submit():
        try:
            with transaction():
                opened = _open(number, lock=True)
                _save(opened, form)
            flash("The plan is saved. Confirmations given before do not count any more.", "success")
            return redirect(url_for(".preparation", number=number))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale as problem:
            conflict = problem
            form.version.data = str(problem.version)
        opened = _open(number)
    if not form.milestones.entries or not form.deliverables.entries or not form.work_packages.entries:
        _add_rows(form)
        _choices(form, opened.project)
    page = _page(
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
            opened = _open(number, lock=True)
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


@bp.get("/projects/<int:number>/deliverables")
def deliverables(number: int) -> ResponseReturnValue:
    opened = _open(number)
    return _page(
        "reporting/deliverables.html", opened, rows=queries.deliverables(opened.project.id), kinds=KINDS,
        milestones=queries.milestones(opened.project.id), names=dict(forms.KINDS), levels=dict(forms.DISSEMINATION),
    )  # fmt: skip


@bp.get("/projects/<int:number>/reports")
def reports(number: int) -> ResponseReturnValue:
    return _reports(_open(number))


def _reports(opened: Opened, *, of: int = 0, conflict: Stale | None = None) -> str:
    """``conflict``: the summary of the report ``of`` was changed elsewhere; both texts are shown."""
    return _page(
        "reporting/reports.html", opened, rows=queries.periods(opened.project.id), kinds=KINDS, of=of,
        conflict=conflict, text_version=text_version,
    )  # fmt: skip


def _thing(number: int, kind: str, identity: int) -> tuple[Opened, queries.Due]:
    if kind not in _OWNERS:
        raise NotFound
    opened = _open(number)
    return opened, queries.due_thing(opened.project, kind, identity)


def _back(number: int, kind: str, identity: int) -> ResponseReturnValue:
    return redirect(url_for(f".{kind}", number=number, _anchor=f"due-{identity}"))


@bp.post("/projects/<int:number>/<kind>/<int:identity>/ticket")
def ticket(number: int, kind: str, identity: int) -> ResponseReturnValue:
    opened, thing = _thing(number, kind, identity)
    access.may_report(guards.actor(), opened.access).require()
    return begin(thing.ref(), _OWNERS[kind])


@bp.post("/projects/<int:number>/<kind>/<int:identity>/file")
def upload(number: int, kind: str, identity: int) -> ResponseReturnValue:
    """The whole file through the app, for browsers without JavaScript."""
    opened, thing = _thing(number, kind, identity)
    access.may_report(guards.actor(), opened.access).require()
    take(thing.ref(), _OWNERS[kind], done="is uploaded. It is not handed in yet.")
    return _back(number, kind, identity)


@bp.get("/projects/<int:number>/<kind>/<int:identity>/file")
def file(number: int, kind: str, identity: int) -> ResponseReturnValue:
    _, thing = _thing(number, kind, identity)
    if thing.document is None:
        raise NotFound
    return serve(thing.document, guards.actor())


@bp.post("/projects/<int:number>/<kind>/<int:identity>/submit")
def hand_in(number: int, kind: str, identity: int) -> ResponseReturnValue:
    opened, thing = _thing(number, kind, identity)
    actor, now = guards.actor(), guards.received_at()
    try:
        with transaction():
            if isinstance(thing, ReportingPeriod) and "summary" in request.form:
                _keep_summary(opened, thing)
        with transaction():
            services.hand_in(opened, thing, actor=actor, now=now)
        flash("Handed in. The funder’s officers get a letter.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    except Stale as problem:
        return _reports(opened, of=identity, conflict=problem), 409
    return _back(number, kind, identity)


def _keep_summary(opened: Opened, period: ReportingPeriod) -> int:
    return services.save_summary(
        opened, period, request.form.get("summary", "")[:10_000], seen=whole(request.form.get("version")),
        actor=guards.actor(), now=guards.received_at(),
    )  # fmt: skip


@bp.post("/projects/<int:number>/reports/<int:identity>/summary")
def save_summary(number: int, identity: int) -> ResponseReturnValue:
    """Saves by itself, or with the button."""
    opened, thing = _thing(number, "reports", identity)
    actor, now = guards.actor(), guards.received_at()
    try:
        with transaction():
            version = _keep_summary(opened, cast(ReportingPeriod, thing))
    except Stale as problem:
        if guards.wants_json():
            raise
        return _reports(opened, of=identity, conflict=problem), 409
    if guards.wants_json():
        at = now.astimezone(ZoneInfo(actor.timezone or "UTC")).strftime("%H:%M:%S")
        return jsonify(version=version, saved_at=at, by=actor.name)
    flash("Saved.", "success")
    return _back(number, "reports", identity)


@bp.post("/projects/<int:number>/<kind>/<int:identity>/accept")
def accept(number: int, kind: str, identity: int) -> ResponseReturnValue:
    opened, thing = _thing(number, kind, identity)
    with transaction():
        services.accept(opened, thing, actor=guards.actor(), now=guards.received_at())
    flash("Accepted. The main contact gets a letter.", "success")
    return _back(number, kind, identity)


@bp.post("/projects/<int:number>/<kind>/<int:identity>/return")
def send_back(number: int, kind: str, identity: int) -> ResponseReturnValue:
    opened, thing = _thing(number, kind, identity)
    form = forms.ReasonForm()
    try:
        with transaction():
            services.send_back(
                opened, thing, reason=form.reason.data or "", actor=guards.actor(), now=guards.received_at()
            )
        flash("Returned. The main contact reads your reasons.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return _back(number, kind, identity)


@bp.post("/projects/<int:number>/milestones/<int:identity>/reached")
def reach(number: int, identity: int) -> ResponseReturnValue:
    opened, form = _open(number), forms.ReachedForm()
    try:
        with transaction():
            services.reach(opened, identity, day=form.reached_on.data, actor=guards.actor(), now=guards.received_at())
        flash("Noted.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(url_for(".deliverables", number=number, _anchor="milestones"))


@bp.get("/projects")
def own() -> ResponseReturnValue:
    """Projects that the person may see, the newest first."""
    return _listed("reporting/own.html", guards.actor())


@bp.get("/portfolio")
def portfolio() -> ResponseReturnValue:
    """The same for those who look after many: with figures and charts."""
    actor = guards.staff(Role.MANAGER, Role.AUDITOR)
    wanted, today = _wanted(), _day()
    return _listed("reporting/portfolio.html", actor, figures=queries.figures(actor, wanted, today=today))


def _wanted() -> PortfolioFilter:
    args = request.args
    return PortfolioFilter(
        text=args.get("q", "").strip(), call=args.get("call", ""), country=args.get("country", ""),
        state=args.get("state", ""), overdue=args.get("overdue") == "1",
    )  # fmt: skip


def _day() -> date:
    """Today for lists over many calls, whose zones may differ."""
    return guards.received_at().astimezone(_FUNDERS_ZONE).date()


def _listed(template: str, actor: Actor, **more: Any) -> str:
    wanted, today, args = _wanted(), _day(), request.args
    page = listing.page(
        queries.portfolio(actor, wanted, today=today), [Project.number], descending=True, after=args.get("after"),
        before=args.get("before"), size=listing.size_of(args.get("size")),
    )  # fmt: skip
    ids = [each.id for each in page.rows]
    calls, countries = queries.choices(actor)
    return render_template(
        template, page=page, wanted=wanted, states=list(ProjectState), calls=calls, dues=queries.dues(ids, today),
        countries=sorted(((code, country(code)) for code in countries), key=lambda pair: pair[1]),
        coordinators=projects.coordinators(ids), **more,
    )  # fmt: skip
