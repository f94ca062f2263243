"""What decides nothing: what-ifs beside the list, and what individual scores say."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.facts import criteria_facts
from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid
from grants.ranking import access, forms, outlooks, queries, rules, services
from grants.ranking.views.blueprint import bp, ranked_of
from grants.web import guards

_MISFITS = {each.value: each.label for each in rules.Misfit}


@bp.route("/manage/topics/<identifier>/ranking/what-if", methods=["GET", "POST"])
def what_if(identifier: str) -> ResponseReturnValue:
    """What another budget, weights or thresholds would change, beside what was kept. Decides nothing."""
    actor = guards.staff(Role.MANAGER)
    topic, ranking = ranked_of(actor, identifier)
    access.may_change_ranking(actor, programme=topic.call.programme.code, state=None).require()
    judged = criteria_facts(topic)
    form, tried = forms.what_if_form(judged)(), None
    if form.validate_on_submit():
        try:
            wanted = forms.changes(form, judged)
            if form["name"].data:
                with transaction():
                    outlooks.keep(ranking, form["name"].data, wanted, actor=actor, now=guards.received_at())
                flash("It is kept.", "success")
                return redirect(url_for(".what_if", identifier=identifier))
            tried = outlooks.outlook(ranking, wanted)
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "ranking/what_if.html", topic=topic, ranking=ranking, form=form, tried=tried, criteria=judged,
        kept=outlooks.kept(ranking.id), summary=queries.summary(ranking), misfits=_MISFITS,
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/manage/topics/<identifier>/ranking/what-if/<int:what_if_id>/forget")
def forget_what_if(identifier: str, what_if_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic, ranking = ranked_of(actor, identifier)
    access.may_change_ranking(actor, programme=topic.call.programme.code, state=None).require()
    with transaction():
        outlooks.forget(ranking, what_if_id, actor=actor, now=guards.received_at())
    flash("It is forgotten.", "success")
    return redirect(url_for(".what_if", identifier=identifier))


@bp.get("/manage/topics/<identifier>/calibration")
def calibration(identifier: str) -> ResponseReturnValue:
    """What individual scores say beside the agreed ones. For managers only, and never instead of the list."""
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_change_ranking(actor, programme=topic.call.programme.code, state=None).require()
    return render_template("ranking/calibration.html", topic=topic, found=queries.last_calibration(topic.id))


@bp.post("/manage/topics/<identifier>/calibration")
def ask_for_calibration(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    with transaction():
        services.ask_for_calibration(topic, actor=actor, now=guards.received_at())
    return redirect(url_for(".calibration", identifier=identifier))
