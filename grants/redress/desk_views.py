"""Pages of an expert who judges in a new round: the declaration, then a report beside the proposal."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.models import Document
from grants.documents.views import serve
from grants.evaluation import subject as subjects
from grants.evaluation.forms import DeclarationForm, EmptyForm, ReasonForm
from grants.evaluation.rules import choices
from grants.evaluation.subject import Paper
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound, Stale, Unavailable
from grants.kernel.numbers import whole
from grants.redress import access, desks
from grants.redress import desk_queries as queries
from grants.redress.desk_queries import Desk
from grants.redress.states import DeskState
from grants.web import guards
from grants.web.filters import short_instant

bp = Blueprint("rejudging", __name__)
_HOME_ROWS = 6
#: Saving shows nothing of the proposal and comes every few seconds; who declares a conflict is thanked.
_UNCHECKED = frozenset({"rejudging.save_by_itself", "rejudging.conflict_of_interest"})


def home_slot(*, actor: Actor, **_: Any) -> str:
    """On an expert's first page: new rounds in which they are asked to judge."""
    rows = queries.own_desks(actor.id or 0, limit=_HOME_ROWS) if actor.has(Role.EVALUATOR) else ()
    return render_template("redress/_home_desk.html", rows=rows) if rows else ""


def _own(identity: int, *, locked: bool = False) -> Desk:
    """The actor's own desk, closed to them where a conflict was found since. Raises NotFound."""
    actor, now = guards.actor(), guards.received_at()
    desk = queries.open_desk(actor, identity, locked=locked)
    if request.endpoint not in _UNCHECKED and desks.conflict_since(desk, now=now):
        with transaction():
            desks.close_conflicted(queries.open_desk(actor, identity, locked=True), now=now)
        raise NotFound
    return desk


@bp.route("/rejudging/<int:desk_id>", methods=["GET", "POST"])
def desk(desk_id: int) -> ResponseReturnValue:
    """The declaration first, then the report beside the proposal. POST saves the report without a script."""
    opened = _own(desk_id)
    if opened.row.state is DeskState.ASKED:
        return _declaration(opened)
    form, conflict = EmptyForm(), None
    if form.validate_on_submit():
        try:
            _save(desk_id)
            flash("Saved.", "success")
            return redirect(url_for(".desk", desk_id=desk_id))
        except Invalid as problem:
            form.findings = problem.findings
        except Stale as problem:
            conflict = problem
    return _report(opened, form, conflict=conflict), 409 if conflict else 422 if form.findings else 200


def _declaration(opened: Desk, form: Any = None, reason: Any = None) -> ResponseReturnValue:
    form, reason = form or DeclarationForm(formdata=None), reason or ReasonForm(formdata=None)
    read = subjects.of(opened.proposal, withheld=opened.withheld)
    page = render_template(
        "redress/desk_declaration.html", desk=opened, topic=opened.proposal.topic, subject=read, form=form,
        reason=reason,
    )  # fmt: skip
    return page, 422 if form.has_errors or reason.has_errors else 200


def _report(opened: Desk, form: Any, *, conflict: Stale | None = None) -> str:
    row, read = opened.row, subjects.of(opened.proposal, withheld=opened.withheld)
    if read is None:
        raise NotFound
    zone = guards.actor().timezone or "UTC"
    part_b = read.part_b
    return render_template(
        "redress/desk.html", desk=opened, row=row, topic=opened.proposal.topic, subject=read, form=form,
        criteria=opened.criteria, choices={each.code: choices(each) for each in opened.judged}, conflict=conflict,
        texts={**queries.texts(row), **(conflict.yours if conflict else {})},
        seen=conflict.version if conflict else row.version,
        ready=part_b is None or _shown(opened, part_b) is not None,
        may_write=access.may_write_report(guards.actor(), opened.access), reason=ReasonForm(formdata=None),
        saved=f"Saved {short_instant(row.changed_at, zone)}" if row.changed_at else "Nothing is written yet",
    )  # fmt: skip


def _save(desk_id: int) -> int:
    with transaction():
        return desks.save(
            _own(desk_id, locked=True), request.form.to_dict(), seen=whole(request.form.get("version")),
            actor=guards.actor(), now=guards.received_at(),
        )  # fmt: skip


@bp.post("/rejudging/<int:desk_id>/save")
def save_by_itself(desk_id: int) -> ResponseReturnValue:
    version = _save(desk_id)
    actor = guards.actor()
    at = guards.received_at().astimezone(ZoneInfo(actor.timezone or "UTC")).strftime("%H:%M:%S")
    return jsonify(version=version, saved_at=at, by=actor.name, fragments={})


@bp.post("/rejudging/<int:desk_id>/accept")
def accept(desk_id: int) -> ResponseReturnValue:
    form = DeclarationForm()
    try:
        with transaction():
            desks.accept(
                _own(desk_id, locked=True), declared=bool(form.declared.data), actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _declaration(_own(desk_id), form=form)
    flash("Your declaration is kept. You can read the proposal now.", "success")
    return redirect(url_for(".desk", desk_id=desk_id))


@bp.post("/rejudging/<int:desk_id>/conflict")
def conflict_of_interest(desk_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    try:
        with transaction():
            desks.step_back(
                _own(desk_id, locked=True), reason=form.reason.data or "", actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        opened = _own(desk_id)
        if opened.row.state is DeskState.ASKED:
            return _declaration(opened, reason=form)
        flash(problem.message, "error")
        return redirect(url_for(".desk", desk_id=desk_id))
    flash("Thank you. The proposal is closed to you now, and the funder finds somebody else.", "success")
    return redirect(url_for("dashboard.home"))


@bp.post("/rejudging/<int:desk_id>/hand-in")
def hand_in(desk_id: int) -> ResponseReturnValue:
    """Save what the form holds, then hand it in: nothing typed a second ago is left out."""
    form, conflict = EmptyForm(), None
    try:
        if "version" in request.form:
            _save(desk_id)
        with transaction():
            desks.hand_in(_own(desk_id, locked=True), actor=guards.actor(), now=guards.received_at())
        flash("Your report is handed in. It is locked now.", "success")
        return redirect(url_for(".desk", desk_id=desk_id))
    except Invalid as problem:
        form.findings = problem.findings
    except Stale as problem:
        conflict = problem
    return _report(_own(desk_id), form, conflict=conflict), 409 if conflict else 422


@bp.get("/rejudging/<int:desk_id>/files/<uuid:document_id>")
def file(desk_id: int, document_id: UUID) -> ResponseReturnValue:
    """A file of the submitted version that counts. Rights are checked each time it is asked for."""
    opened = _own(desk_id)
    access.may_read_proposal(guards.actor(), opened.access).require()
    read = subjects.of(opened.proposal, withheld=opened.withheld)
    paper = next((each for each in read.papers if each.id == document_id), None) if read else None
    if paper is None:
        raise NotFound
    shown = _shown(opened, paper)
    if shown is None:
        raise Unavailable("copy-in-making", "Your copy of Part B is being made. Open it again in a minute.")
    return serve(shown, guards.actor())


def _shown(opened: Desk, paper: Paper) -> Document | None:
    """What the expert reads for this file; None while it is being made, which this asks for."""
    shown = subjects.copy_for_experts(paper, opened.proposal, withheld=opened.withheld)
    if shown is None:
        with transaction():
            subjects.ask_for_copy(paper, opened.proposal, withheld=opened.withheld)
    return shown
