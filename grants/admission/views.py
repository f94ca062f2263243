"""Managers' pages: the opening after the deadline, one proposal's admission, letters, more time for one proposal."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.admission import access, forms, mails, queries, services
from grants.admission.states import AdmissionState
from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.calls.rules import deadline_in
from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.kernel.numbers import whole
from grants.proposals.models import Proposal
from grants.web import guards, listing

bp = Blueprint("admission", __name__)


def topic_slot(*, topic: Topic, now: Any, **_: Any) -> str:
    """On the manager's page of a call: the opening, once there is something to open, and more time."""
    return render_template("admission/_topic.html", topic=topic, open_now=topic.first_deadline <= now)


def _topic(identifier: str) -> Topic:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_page(actor, identifier)
    access.may_extend(actor, programme=topic.call.programme.code).require()
    return topic


@bp.get("/manage/topics/<identifier>/opening")
def opening(identifier: str) -> ResponseReturnValue:
    """Everything that was submitted, with what its rules found and what is decided."""
    topic, now, state = _topic(identifier), guards.received_at(), request.args.get("state", "")
    state = state if state in set(AdmissionState) else ""
    page = listing.page(
        queries.opening(topic.id, now=now, state=state), [Proposal.number], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template(
        "admission/opening.html", topic=topic, page=page, rows=queries.lines(page.rows), state=state, now=now,
        counts=queries.counts(topic.id, now=now), states=AdmissionState, waiting=len(queries.to_be_told(topic.id)),
    )  # fmt: skip


@bp.route("/manage/topics/<identifier>/opening/admit", methods=["POST"])
def admit_many(identifier: str) -> ResponseReturnValue:
    """Ticked proposals: first a page with their number and numbers, then the decision for exactly these."""
    topic, actor, now = _topic(identifier), guards.actor(), guards.received_at()
    numbers = sorted({whole(each) for each in request.form.getlist("ids")} - {0})
    if not numbers:
        flash("Tick at least one proposal.", "error")
        return redirect(url_for(".opening", identifier=identifier))
    found = [queries.opened(actor, number, now=now) for number in numbers]
    form = forms.CountForm()
    if request.form.get("confirmed") and form.validate_on_submit():
        try:
            with transaction():
                count = services.admit_all(found, count=form.count.data or 0, actor=actor, now=now)
            flash(f"{count} admitted to evaluation.", "success")
            return redirect(url_for(".opening", identifier=identifier))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template("admission/admit.html", topic=topic, found=found, form=form)
    return page, 422 if form.findings else 200


@bp.route("/manage/topics/<identifier>/opening/letters", methods=["GET", "POST"])
def letters(identifier: str) -> ResponseReturnValue:
    """All letters about exclusions that are not out yet, counted and listed, then sent at once."""
    topic, actor, now = _topic(identifier), guards.actor(), guards.received_at()
    form, waiting = forms.CountForm(), queries.to_be_told(topic.id)
    if form.validate_on_submit():
        with transaction():
            count = services.tell_excluded(topic, count=form.count.data or 0, actor=actor, now=now)
        flash(f"{count} letters are on their way.", "success")
        return redirect(url_for(".opening", identifier=identifier))
    texts = [(each, *mails.preview(each)) for each in waiting[:50]]
    return render_template("admission/letters.html", topic=topic, waiting=waiting, texts=texts, form=form)


@bp.route("/manage/proposals/<int:number>/admission", methods=["GET", "POST"])
def admission(number: int) -> ResponseReturnValue:
    """One proposal: its rules with the facts, an officer's word on each, the decision."""
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    opened, form = queries.opened(actor, number, now=now), forms.AdmissionForm()
    if form.validate_on_submit():
        try:
            with transaction():
                admit = form.decision.data == "admit"
                services.decide(opened, admit=admit, reason=form.reason.data or "", actor=actor, now=now)
            flash("The proposal is admitted." if admit else "The proposal is excluded. Its letter waits.", "success")
            return redirect(url_for(".opening", identifier=opened.proposal.topic.identifier))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template(
        "admission/one.html", opened=opened, form=form, rule_form=forms.RuleForm(formdata=None),
        topic=opened.proposal.topic, number=number,
    ), 422 if form.has_errors else 200  # fmt: skip


@bp.post("/manage/proposals/<int:number>/admission/rules/<rule>")
def decide_rule(number: int, rule: str) -> ResponseReturnValue:
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    opened, form = queries.opened(actor, number, now=now), forms.RuleForm()
    if not form.validate_on_submit():
        flash("Say whether the rule is met.", "error")
        return redirect(url_for(".admission", number=number))
    try:
        with transaction():
            services.decide_rule(
                opened, rule, met=form.met.data == "yes", reason=form.reason.data or "", actor=actor, now=now
            )
        flash("Your decision on this rule is kept.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(url_for(".admission", number=number))


@bp.post("/manage/proposals/<int:number>/admission/reopen")
def reopen(number: int) -> ResponseReturnValue:
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    opened = queries.opened(actor, number, now=now)
    with transaction():
        services.reopen(opened, actor=actor, now=now)
    flash("The decision is taken back.", "success")
    return redirect(url_for(".admission", number=number))


@bp.route("/manage/topics/<identifier>/extensions", methods=["GET", "POST"])
def extensions(identifier: str) -> ResponseReturnValue:
    """More time for one proposal: proposed here, confirmed by another manager."""
    topic, actor, now, form = _topic(identifier), guards.actor(), guards.received_at(), forms.ExtensionForm()
    if form.validate_on_submit():
        try:
            until = deadline_in(form.until.data, zone=ZoneInfo(topic.call.zone))
            with transaction():
                services.propose_extension(
                    topic, form.number.data or 0, until=until, reason=form.reason.data or "", actor=actor, now=now
                )
            flash("It is proposed. Another manager of the programme has to confirm it.", "success")
            return redirect(url_for(".extensions", identifier=identifier))
        except Invalid as problem:
            form.show(problem.findings)
        except ValueError as problem:
            form.show([Finding("no-such-time", str(problem).capitalize(), place="until")])
    page = render_template(
        "admission/extensions.html", topic=topic, form=form, rows=queries.extensions(topic.id), now=now, me=actor.id
    )
    return page, 422 if form.has_errors else 200


@bp.post("/manage/topics/<identifier>/extensions/<int:extension_id>")
def answer_extension(identifier: str, extension_id: int) -> ResponseReturnValue:
    topic, actor, now = _topic(identifier), guards.actor(), guards.received_at()
    found, confirm = queries.extension_of(topic, extension_id), request.form.get("do") == "confirm"
    with transaction():
        services.answer_extension(found, confirm=confirm, actor=actor, now=now)
    flash("It is confirmed, and the applicants are told." if confirm else "It is refused.", "success")
    return redirect(url_for(".extensions", identifier=identifier))
