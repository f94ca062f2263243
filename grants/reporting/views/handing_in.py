"""Deliverables, periodic reports, milestones: handed in, accepted, returned with reasons."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.rules import KINDS
from grants.documents.views import begin, serve, take
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.numbers import whole
from grants.projects import access
from grants.projects.queries import Opened
from grants.reporting import forms, queries, services
from grants.reporting.models import ReportingPeriod
from grants.reporting.rules import text_version
from grants.reporting.views.common import bp, open_project, project_page
from grants.web import guards

_OWNERS = {"deliverables": "deliverable", "reports": "periodic_report"}


@bp.get("/projects/<int:number>/deliverables")
def deliverables(number: int) -> ResponseReturnValue:
    opened = open_project(number)
    return project_page(
        "reporting/deliverables.html", opened, rows=queries.deliverables(opened.project.id), kinds=KINDS,
        milestones=queries.milestones(opened.project.id), names=dict(forms.KINDS), levels=dict(forms.DISSEMINATION),
    )  # fmt: skip


@bp.get("/projects/<int:number>/reports")
def reports(number: int) -> ResponseReturnValue:
    return _reports(open_project(number))


def _reports(opened: Opened, *, of: int = 0, conflict: Stale | None = None) -> str:
    """``conflict``: the summary of the report ``of`` was changed elsewhere; both texts are shown."""
    return project_page(
        "reporting/reports.html", opened, rows=queries.periods(opened.project.id), kinds=KINDS, of=of,
        conflict=conflict, text_version=text_version,
    )  # fmt: skip


def _thing(number: int, kind: str, identity: int) -> tuple[Opened, queries.Due]:
    if kind not in _OWNERS:
        raise NotFound
    opened = open_project(number)
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
    opened, form = open_project(number), forms.ReachedForm()
    try:
        with transaction():
            services.reach(opened, identity, day=form.reached_on.data, actor=guards.actor(), now=guards.received_at())
        flash("Noted.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(url_for(".deliverables", number=number, _anchor="milestones"))
