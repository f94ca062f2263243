"""The way from a ranked list to projects, and their end. Their pages are in ``grants.reporting``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Call, Topic
from grants.calls.states import CallState
from grants.db import transaction
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound
from grants.projects import clocks, forms, queries, services
from grants.ranking.models import Ranking
from grants.ranking.states import RankingState
from grants.web import guards

bp = Blueprint("projects", __name__)
ENDINGS = ("give_up", "close", "terminate")


def ranking_slot(*, ranking: Ranking, topic: Topic, actor: Actor, now: datetime, **_: Any) -> str:
    """On a ranked list whose letters are sent: make projects of the main list, or go to them."""
    if ranking.state is not RankingState.INFORMED:
        return ""
    return render_template(
        "projects/_ranking.html", topic=topic, made=queries.of_topic(topic.id),
        may_prepare=actor.manages(topic.call.programme.code), waiting=queries.waiting(ranking.id),
        rows=[(topic, each) for each in clocks.to_grant([topic], now=now).values()],
    )  # fmt: skip


def call_slot(*, call: Call, now: datetime, **_: Any) -> str:
    """On the managers' page of a call: which agreements are signed in time."""
    found = clocks.to_grant(call.topics, now=now) if call.state is CallState.PUBLISHED else {}
    rows = [(topic, found[topic.id]) for topic in call.topics if topic.id in found]
    return render_template("projects/_clocks.html", rows=rows) if found else ""


@bp.post("/manage/topics/<identifier>/projects")
def prepare(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_page(actor, identifier)
    with transaction():
        made = services.prepare_grants(topic, actor=actor, now=guards.received_at())
    flash(f"In preparation: {', '.join(str(each.number) for each in made) or 'nothing new'}.", "success")
    return redirect(url_for("ranking.ranked", identifier=identifier))


@bp.post("/projects/<int:number>/end/<action>")
def end(number: int, action: str) -> ResponseReturnValue:
    actor, form = guards.actor(), forms.EndForm()
    if action not in ENDINGS:
        raise NotFound
    try:
        with transaction():
            opened = queries.open_project(actor, number, lock=True)
            services.end(opened, action, reason=form.reason.data or "", actor=actor, now=guards.received_at())
        flash("Done. The main contact gets a letter with your reason.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(url_for("reporting.overview", number=number))
