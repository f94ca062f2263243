"""Two managers decide on a list: one prepares, another confirms; it is sent back or opened again."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, Stale
from grants.ranking import forms, queries, services
from grants.ranking.models import Ranking
from grants.ranking.views.blueprint import CHANGED, bp, list_url, ranked_of
from grants.ranking.views.lists import list_page
from grants.web import guards


class Step(Protocol):
    """A step of the decision, on the list as the page showed it."""

    def __call__(self, ranking: Ranking, *, seen: int, actor: Actor, now: datetime) -> None: ...


class WayBack(Protocol):
    """A step back, with its reason."""

    def __call__(self, ranking: Ranking, *, reason: str, actor: Actor, now: datetime) -> None: ...


def _forward(identifier: str, step: Step, done: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ListForm()
    topic, ranking = ranked_of(actor, identifier)
    try:
        with transaction():
            step(ranking, seen=form.seen, actor=actor, now=guards.received_at())
        flash(done, "success")
    except Invalid as problem:
        return list_page(topic, queries.ranking_of(topic.id, ranking.cut_off), findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
    return redirect(list_url(identifier))


def _back(identifier: str, way: WayBack) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReopenForm()
    _, ranking = ranked_of(actor, identifier)
    try:
        with transaction():
            way(ranking, reason=form.reason.data or "", actor=actor, now=guards.received_at())
        flash("The list is open again.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/decide")
def decide(identifier: str) -> ResponseReturnValue:
    done = "The decision is prepared. Another manager of the programme is asked to confirm it."
    return _forward(identifier, services.prepare_decision, done)


@bp.post("/manage/topics/<identifier>/ranking/confirm")
def confirm(identifier: str) -> ResponseReturnValue:
    """The second pair of eyes."""
    done = "The list is decided. Look at the letters, then send them."
    return _forward(identifier, services.confirm_decision, done)


@bp.post("/manage/topics/<identifier>/ranking/send-back")
def send_back(identifier: str) -> ResponseReturnValue:
    return _back(identifier, services.send_back)


@bp.post("/manage/topics/<identifier>/ranking/reopen")
def reopen(identifier: str) -> ResponseReturnValue:
    return _back(identifier, services.reopen_ranking)
