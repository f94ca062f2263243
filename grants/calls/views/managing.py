"""Managers' pages that make, publish and correct calls and topics. Part A and rules: see ``designing``."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import access, facts, forms, queries, rules, services, templates
from grants.calls.models import Call, Programme, Topic
from grants.calls.states import CallState
from grants.calls.views.blueprint import bp
from grants.calls.views.public import phase_of
from grants.db import transaction
from grants.documents.rules import KINDS
from grants.documents.views import begin, take
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.numbers import whole
from grants.web import guards, listing
from grants.web.filters import number as plain_number

_MONEY = ("budget", "min_grant", "max_grant")
_DECIMALS = (
    "funding_rate", "nonprofit_rate", "indirect_rate", "overall_threshold", "first_stage_threshold", "spread_limit",
    "min_font_pt", "min_margin_mm",
)  # fmt: skip
_EMPTY_ROWS = 2


@bp.get("/manage/calls")
def managed() -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    text = request.args.get("q", "").strip()
    page = listing.page(
        queries.managed_calls(actor, text=text), [Call.id], descending=True, after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("calls/managed.html", page=page, text=text)


@bp.route("/manage/programmes/new", methods=["GET", "POST"])
def new_programme() -> ResponseReturnValue:
    actor = guards.actor()
    access.may_create_programme(actor).require()
    form = forms.ProgrammeForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.create_programme(
                    code=form.code.data or "", title=form.title.data or "", description=form.description.data or "",
                    actor=actor, now=guards.received_at(),
                )  # fmt: skip
            flash(f"Programme {made.code} is made. An administrator can name its managers now.", "success")
            return redirect(url_for("dashboard.home"))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("calls/programme.html", form=form), 422 if form.has_errors else 200


@bp.route("/manage/calls/new", methods=["GET", "POST"])
def new_call() -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    form = _call_form(actor)
    if request.method == "GET":
        form.zone.data = "Europe/Brussels"
    if form.validate_on_submit():
        programme = queries.programme(form.programme.data)
        if programme is None:
            raise NotFound
        try:
            with transaction():
                made = services.create_call(
                    programme, values=_call_values(form), actor=actor, now=guards.received_at()
                )
            flash("The call is made. Add its topics now.", "success")
            return redirect(url_for(".manage", identifier=made.identifier))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("calls/edit_call.html", form=form, call=None), 422 if form.has_errors else 200


@bp.route("/manage/calls/<identifier>", methods=["GET", "POST"])
def manage(identifier: str) -> ResponseReturnValue:
    """One page of the call as its managers see it: topics, what is missing, versions. POST adds a topic."""
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    found = _managed(actor, identifier)
    form = forms.NewTopicForm()
    form.template.choices = templates.choices()
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.add_topic(found, template=form.template.data, actor=actor, now=now)
            return redirect(url_for(".edit_topic", identifier=made.identifier))
        except Invalid as problem:
            form.show(problem.findings)
    findings = rules.publication_findings(facts.call_facts(found), now=now) if found.state is CallState.DRAFT else []
    return render_template(
        "calls/manage.html", call=found, form=form, now=now, phase_of=phase_of, findings=findings,
        place_url=_place_url,
        versions=queries.versions_of(found.id), reason=forms.ReasonForm(), papers=queries.documents_of(found),
        kind=KINDS[facts.PAPER],
    )  # fmt: skip


@bp.route("/manage/calls/<identifier>/edit", methods=["GET", "POST"])
def edit_call(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    found = _managed(actor, identifier)
    form = _call_form(actor, obj=None if request.method == "POST" else found)
    if request.method == "GET":
        form.programme.data, form.version.data = found.programme.code, str(found.version)
        form.budget.data = plain_number(found.budget) if found.budget is not None else ""
        until = found.questions_until
        form.questions_until.data = until.astimezone(ZoneInfo(found.zone)).replace(tzinfo=None) if until else None
    if form.validate_on_submit():
        try:
            with transaction():
                services.change_call(
                    found, values=_call_values(form), seen=seen_version(form.version.data),
                    reason=form.reason.data or "", actor=actor, now=guards.received_at(),
                )  # fmt: skip
            flash("The call is saved.", "success")
            return redirect(url_for(".manage", identifier=found.identifier))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale:
            flash("Somebody else changed this call in the meantime. Compare with the page, then save again.", "error")
            form.version.data = str(found.version)
    return render_template("calls/edit_call.html", form=form, call=found), 422 if form.has_errors else 200


@bp.route("/manage/topics/<identifier>/edit", methods=["GET", "POST"])
def edit_topic(identifier: str) -> ResponseReturnValue:
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    found = queries.topic_page(actor, identifier)
    access.may_change_topic(
        actor, programme=found.call.programme.code, state=found.call.state, closed=found.deadline <= now
    ).require()
    form = forms.TopicForm(obj=None if request.method == "POST" else found)
    if request.method == "GET":
        _show_topic(form, found)
    if form.validate_on_submit():
        try:
            with transaction():
                services.change_topic(
                    found, values=_topic_values(form), criteria=_criteria(form), categories=_categories(form),
                    seen=seen_version(form.version.data), reason=form.reason.data or "", actor=actor, now=now,
                )  # fmt: skip
            flash("The topic is saved.", "success")
            return redirect(url_for(".manage", identifier=found.call.identifier))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale:
            flash("Somebody else changed this call in the meantime. Compare with the page, then save again.", "error")
            form.version.data = str(found.call.version)
    return render_template("calls/edit_topic.html", form=form, topic=found), 422 if form.has_errors else 200


@bp.post("/manage/calls/<identifier>/publish")
def publish(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    found = _managed(actor, identifier)
    try:
        with transaction():
            services.publish(found, actor=actor, now=guards.received_at())
        flash("The call is public.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(url_for(".manage", identifier=identifier))


@bp.post("/manage/calls/<identifier>/cancel")
def cancel(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReasonForm()
    found = _managed(actor, identifier)
    if form.validate_on_submit():
        with transaction():
            services.cancel(found, reason=form.reason.data or "", actor=actor, now=guards.received_at())
        flash("The call is cancelled; its page says so.", "success")
    else:
        flash("Say why the call is cancelled.", "error")
    return redirect(url_for(".manage", identifier=identifier))


@bp.post("/manage/calls/<identifier>/documents/ticket")
def document_ticket(identifier: str) -> ResponseReturnValue:
    return begin(_with_documents(identifier).papers(), facts.PAPER)


@bp.post("/manage/calls/<identifier>/documents")
def upload_document(identifier: str) -> ResponseReturnValue:
    """The whole file through the app, for browsers without JavaScript."""
    take(_with_documents(identifier).papers(), facts.PAPER, done="is on the call's pages.")
    return redirect(url_for(".manage", identifier=identifier, _anchor="documents"))


@bp.post("/manage/calls/<identifier>/documents/<uuid:document_id>/remove")
def remove_document(identifier: str, document_id: UUID) -> ResponseReturnValue:
    found = _with_documents(identifier)
    paper = queries.document_of(found, document_id)
    with transaction():
        services.remove_document(found, paper, actor=guards.actor(), now=guards.received_at())
    flash(f"{paper.name} is removed from the call's pages.", "success")
    return redirect(url_for(".manage", identifier=identifier, _anchor="documents"))


def _with_documents(identifier: str) -> Call:
    """A call whose documents the manager may change."""
    actor = guards.staff(Role.MANAGER)
    found = queries.call_page(actor, identifier)
    access.may_change_documents(actor, programme=found.programme.code, state=found.state).require()
    return found


def _managed(actor: Actor, identifier: str) -> Call:
    found = queries.call_page(actor, identifier)
    access.may_manage_call(actor, programme=found.programme.code).require()
    return services.whole_call(found.id) or found


def _call_form(actor: Actor, obj: Call | None = None) -> forms.CallForm:
    form = forms.CallForm(obj=obj)
    own: list[Programme] = [each for each in queries.programmes() if actor.manages(each.code)]
    form.programme.choices = [(each.code, f"{each.code} – {each.title}") for each in own]
    return form


def _call_values(form: forms.CallForm) -> dict[str, Any]:
    names = ("identifier", "title", "summary", "contact", "zone")
    until = form.questions_until.data
    return {
        **{name: form[name].data or "" for name in names}, "budget": form.budget.amount,
        "questions_until": rules.deadline_in(until, zone=ZoneInfo(form.zone.data)) if until else None,
    }  # fmt: skip


def seen_version(text: str | None) -> int:
    """The version of the call that a page was made from; 0 where it does not say."""
    return whole(text)


def _show_topic(form: forms.TopicForm, topic: Topic) -> None:
    zone = ZoneInfo(topic.call.zone)
    form.opens_at.data = topic.opens_at.astimezone(zone).replace(tzinfo=None)
    form.deadline.data = topic.deadline.astimezone(zone).replace(tzinfo=None)
    for name in ("on_misfit", "blind", "naming"):
        form[name].data = getattr(topic, name).value
    form.deadline_model.data, form.cost_model.data = topic.deadline_model.value, topic.cost_model.value
    form.cut_offs.data = "\n".join(
        each.at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for each in topic.deadlines if each.at != topic.deadline
    )
    form.portfolio.data = "\n".join(topic.portfolio)
    form.questions.data = "\n".join(each["text"] for each in topic.questions)
    form.keywords.data, form.tie_break.data = ", ".join(topic.keywords), ", ".join(topic.tie_break)
    form.version.data = str(topic.call.version)
    for name in (*_MONEY, *_DECIMALS):
        value = getattr(topic, name)
        form[name].data = "" if value is None else plain_number(value)
    for entry, criterion in zip(form.criteria, topic.criteria, strict=True):
        entry.form.aspects.data = "\n".join(criterion.aspects)
        for name in ("maximum", "step", "weight", "threshold", "first_stage_threshold"):
            value = entry.form[name].data
            entry.form[name].data = "" if value is None else plain_number(value)
    for entry in form.categories:
        cost = entry.form.unit_cost.data
        entry.form.unit_cost.data = "" if cost is None else plain_number(cost)
    for rows in (form.criteria, form.categories):
        for _ in range(_EMPTY_ROWS):
            rows.append_entry()


def _topic_values(form: forms.TopicForm) -> dict[str, Any]:
    plain = (
        "identifier", "title", "description", "conditions", "type_of_action", "deadline_model", "opens_at",
        "deadline", "expected_grants", "page_limit", "first_stage_page_limit", "min_months", "max_months",
        "experts_per_proposal", "evaluation_days", "period_months", "report_days", "cost_model", "invited_only",
        "no_profit", "batch_months", "inform_months", "grant_months", "shortest_comment", "on_misfit", "reserve_size",
        "first_stage_inform_months", "deemed_days", "redress_days", "redress_members", "redress_answer_days",
        "employment_years", "collaboration_years", "declaration_months", "newcomer_share",
        "area_field",
        "blind", "naming",
        "panel_nationality", "panel_organisation", "panel_years", "hearing_characters",
        "quality_short", "quality_high", "quality_low", "quality_alike",
    )  # fmt: skip
    values = {name: form[name].data for name in plain}
    values |= {name: form[name].amount for name in _MONEY} | {name: form[name].number for name in _DECIMALS}
    values |= {name: form[name].data or "" for name in ("expert_terms", "training")}
    values["cut_offs"] = [line.strip() for line in (form.cut_offs.data or "").splitlines() if line.strip()]
    values["portfolio"] = [line.strip() for line in (form.portfolio.data or "").splitlines() if line.strip()]
    values["questions"] = [line.strip() for line in (form.questions.data or "").splitlines() if line.strip()]
    for name in ("keywords", "tie_break"):
        values[name] = [part.strip() for part in (form[name].data or "").split(",") if part.strip()]
    return values


def _criteria(form: forms.TopicForm) -> list[dict[str, Any]]:
    rows = []
    for entry in form.criteria:
        row = entry.form
        if not row.name.data:
            continue
        values = {name: row[name].data or "" for name in ("code", "name", "description")}
        numbers = {name: row[name].number or 0 for name in ("maximum", "step", "weight")}
        thresholds = {name: row[name].number for name in ("threshold", "first_stage_threshold")}
        lines = [line.strip() for line in (row.aspects.data or "").splitlines() if line.strip()]
        first = bool(row.first_stage.data)
        rows.append({**values, **numbers, **thresholds, "first_stage": first, "aspects": lines})
    return rows


def _categories(form: forms.TopicForm) -> list[dict[str, Any]]:
    rows = [entry.form for entry in form.categories if entry.form.name.data]
    return [
        {
            "code": row.code.data or "",
            "name": row.name.data,
            "indirect_base": bool(row.indirect_base.data),
            "unit": row.unit.data or "",
            "unit_cost": row.unit_cost.amount,
            "justify": bool(row.justify.data),
        }
        for row in rows
    ]


def _place_url(finding: Any) -> str:
    """Where a finding about a call is mended."""
    parts = finding.place.split(".")
    if parts[0] == "topics" and len(parts) > 1:
        page = {"form": ".part_a", "eligibility": ".rules"}.get(parts[2] if len(parts) > 2 else "", ".edit_topic")
        return url_for(page, identifier=parts[1])
    return url_for(".edit_call", identifier=request.view_args["identifier"]) if request.view_args else ""
