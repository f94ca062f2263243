"""Two managers decide on a list: one prepares, another confirms; it is sent back or opened again."""

from __future__ import annotations

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, Stale
from grants.ranking import forms, queries, services
from grants.ranking.views.blueprint import CHANGED, bp, list_url, ranked_of
from grants.ranking.views.lists import list_page
from grants.web import guards


@bp.post("/manage/topics/<identifier>/ranking/decide")
def decide(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ListForm()
    topic, ranking = ranked_of(actor, identifier)
    try:
        with transaction():
            services.prepare_decision(ranking, seen=form.seen, actor=actor, now=guards.received_at())
        flash("The decision is prepared. Another manager of the programme is asked to confirm it.", "success")
    except Invalid as problem:
        return list_page(topic, queries.ranking_of(topic.id, ranking.cut_off), findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
    return redirect(list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/confirm")
def confirm(identifier: str) -> ResponseReturnValue:
    """The second pair of eyes."""
    actor, form = guards.staff(Role.MANAGER), forms.ListForm()
    topic, ranking = ranked_of(actor, identifier)
    try:
        with transaction():
            services.confirm_decision(ranking, seen=form.seen, actor=actor, now=guards.received_at())
        flash("The list is decided. Look at the letters, then send them.", "success")
    except Invalid as problem:
        return list_page(topic, queries.ranking_of(topic.id, ranking.cut_off), findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
    return redirect(list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/send-back")
def send_back(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReopenForm()
    _, ranking = ranked_of(actor, identifier)
    try:
        with transaction():
            services.send_back(ranking, reason=form.reason.data or "", actor=actor, now=guards.received_at())
        flash("The list is open again.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/reopen")
def reopen(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReopenForm()
    _, ranking = ranked_of(actor, identifier)
    try:
        with transaction():
            services.reopen_ranking(ranking, reason=form.reason.data or "", actor=actor, now=guards.received_at())
        flash("The list is open again.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(list_url(identifier))
