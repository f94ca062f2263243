"""Who sees what when: a topic's table as its managers read and change it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.calls.rules import deadline_in
from grants.db import transaction
from grants.evaluation import access, forms, services
from grants.evaluation.views.blueprint import bp
from grants.evaluation.visibility import DEFAULT, Aspect, Phase, PhaseRule, Table, table_of
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.kernel.numbers import whole
from grants.web import guards


@bp.route("/manage/topics/<identifier>/evaluation/visibility", methods=["GET", "POST"])
def visibility(identifier: str) -> ResponseReturnValue:
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    topic = calls.topic_for_work(actor, identifier)
    access.may_manage(actor, programme=topic.call.programme.code).require()
    form = forms.VisibilityForm()
    if form.validate_on_submit():
        try:
            with transaction():
                seen = whole(form.version.data)
                services.set_visibility(topic, _table(form, topic), seen=seen, actor=actor, now=now)
            flash("Kept. It counts from now on.", "success")
            return redirect(url_for(".visibility", identifier=identifier))
        except Invalid as problem:
            form.show(problem.findings)
    elif not form.is_submitted():
        _fill(form, topic)
    page = render_template(
        "evaluation/visibility.html", topic=topic, form=form, table=table_of(topic.visibility), aspects=list(Aspect)
    )
    return page, 422 if form.has_errors else 200


def _fill(form: forms.VisibilityForm, topic: Topic) -> None:
    zone = ZoneInfo(topic.call.zone)
    form.version.data = str(topic.visibility_version)
    for rule in table_of(topic.visibility):
        form[f"{rule.phase.value}_shows"].data = [each.value for each in rule.shows]
        if rule.phase is not Phase.INDIVIDUAL:
            local = rule.starts.astimezone(zone).replace(tzinfo=None) if rule.starts else None
            form[f"{rule.phase.value}_starts"].data = local


def _table(form: forms.VisibilityForm, topic: Topic) -> Table:
    """The table as typed. Raises Invalid for a time that the clocks skip."""
    rules = []
    for phase in (each.phase for each in DEFAULT):
        shows = {Aspect(each) for each in form[f"{phase.value}_shows"].data or []}
        own = set() if phase is Phase.AFTER else {Aspect.OWN}
        starts = None if phase is Phase.INDIVIDUAL else _instant(form, f"{phase.value}_starts", topic)
        rules.append(PhaseRule(phase, frozenset(shows | own), starts))
    return tuple(rules)


def _instant(form: forms.VisibilityForm, name: str, topic: Topic) -> datetime | None:
    local: datetime | None = form[name].data
    if local is None:
        return None
    try:
        return deadline_in(local, zone=ZoneInfo(topic.call.zone))
    except ValueError as problem:
        raise Invalid(Finding("skipped", str(problem).capitalize() + ".", place=name)) from problem
