"""Observers: whom officers name, and the page with process data and the report."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.facts import criteria_facts
from grants.calls.models import Topic
from grants.db import transaction
from grants.evaluation.visibility import Aspect, table_of
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, Stale
from grants.kernel.numbers import whole
from grants.panels import access, forms, rules
from grants.panels.queries import observing as queries
from grants.panels.queries import panels
from grants.panels.services import observing as services
from grants.panels.views.blueprint import CHANGED, bp, check, saved
from grants.web import guards


def _topic(identifier: str) -> Topic:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_manage(actor, programme=topic.call.programme.code).require()
    return topic


@bp.route("/manage/topics/<identifier>/observers", methods=["GET", "POST"])
def observers(identifier: str) -> ResponseReturnValue:
    """Who observes a topic, and their reports; POST names somebody or takes them off."""
    topic, form, actor, now = _topic(identifier), forms.ObserverForm(), guards.actor(), guards.received_at()
    if request.method == "POST":
        remove = request.form.get("do") == "remove"
        try:
            check(form)
            with transaction():
                if remove:
                    services.remove_observer(topic, whole(request.form.get("observer_id")), actor=actor, now=now)
                else:
                    services.name_observer(topic, form.email.data or "", actor=actor, now=now)
            words = "Observes no more." if remove else "The observer is told by a letter."
            flash(words, "success")
            return redirect(url_for(".observers", identifier=identifier))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "panels/observers.html", topic=topic, form=form, observers=queries.observers_of(topic.id),
        zone=topic.call.zone,
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.get("/observations")
def observations() -> ResponseReturnValue:
    """The topics that the actor observes."""
    return render_template("panels/observations.html", observers=queries.observed(guards.actor()))


@bp.get("/observations/<topic>")
def observation(topic: str) -> ResponseReturnValue:
    """Process data of one topic, for who signed the statement."""
    return _page(topic)


def _page(identifier: str, *, sign: Any = None, report: Any = None, status: int = 0) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    observer = queries.own(actor, identifier)
    topic, may = observer.topic, access.may_observe(actor, queries.access_of(observer))
    kept = observer.report
    report = report or forms.ObserverReportForm(
        formdata=None, data={"text": kept.text if kept else "", "version": str(kept.version if kept else 0)}
    )
    page = render_template(
        "panels/observation.html", observer=observer, topic=topic, zone=topic.call.zone, may=may, report=report,
        statement=rules.CONFIDENTIALITY, sign=sign or forms.SignForm(formdata=None),
        process=queries.process(topic, now=now) if may else None,
        panels=panels.monitor(topic.id) if may else [], sittings=queries.sittings(topic.id) if may else [],
        table=table_of(topic.visibility), aspects=list(Aspect), criteria=criteria_facts(topic) if may else (),
    )  # fmt: skip
    return page, status or (422 if report.has_errors or (sign and sign.has_errors) else 200)


@bp.post("/observations/<topic>/sign")
def sign_statement(topic: str) -> ResponseReturnValue:
    form = forms.SignForm()
    try:
        check(form)
        with transaction():
            observer = queries.own(guards.actor(), topic, locked=True)
            services.sign(observer, agreed=bool(form.agreed.data), actor=guards.actor(), now=guards.received_at())
    except Invalid as problem:
        form.show(problem.findings)
        return _page(topic, sign=form)
    flash("Thank you. You see how the evaluation goes on now.", "success")
    return redirect(url_for(".observation", topic=topic))


@bp.post("/observations/<topic>/report")
def write_report(topic: str) -> ResponseReturnValue:
    """Save the report, as its page does by itself, or hand it in: ``do`` says which."""
    form, submits = forms.ObserverReportForm(), request.form.get("do") == "submit"
    if guards.wants_json():
        check(form)
        with transaction():
            observer = queries.own(guards.actor(), topic, locked=True)
            text, now = form.text.data or "", guards.received_at()
            kept = services.save_report(observer, text, seen=form.seen, actor=guards.actor(), now=now)
        return saved(kept.version)
    do = services.submit_report if submits else services.save_report
    try:
        check(form)
        with transaction():
            observer = queries.own(guards.actor(), topic, locked=True)
            do(observer, form.text.data or "", seen=form.seen, actor=guards.actor(), now=guards.received_at())
    except Invalid as problem:
        form.show(problem.findings)
        return _page(topic, report=form)
    except Stale as problem:
        flash(CHANGED, "error")
        form.version.data = str(problem.version)
        return _page(topic, report=form, status=409)
    flash("Your report is handed in." if submits else "Saved.", "success")
    return redirect(url_for(".observation", topic=topic))
