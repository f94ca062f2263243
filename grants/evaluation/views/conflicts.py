"""Conflicts found since a proposal was given out: the officers' list, with their decisions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.evaluation import forms, found_since, services
from grants.evaluation.models import FoundConflict
from grants.evaluation.views.blueprint import bp
from grants.experts import access
from grants.experts import services as deciding
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid
from grants.web import guards, listing


def experts_slot(*, topic: Topic, **_: Any) -> str:
    """On the page of a topic's experts: how many conflicts were found since, where there are any."""
    counts = found_since.counts(topic.id)
    return render_template("evaluation/_found.html", topic=topic, counts=counts) if counts.present else ""


def _topic(identifier: str) -> Topic:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_decide_conflicts(actor, programme=topic.call.programme.code).require()
    return topic


@bp.get("/manage/topics/<identifier>/conflicts")
def conflicts(identifier: str) -> ResponseReturnValue:
    """All of a topic, the newest first."""
    topic = _topic(identifier)
    page = listing.page(
        found_since.of_topic(topic.id), [FoundConflict.found_at, FoundConflict.id], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template(
        "evaluation/conflicts.html", topic=topic, page=page, rows=found_since.with_facts(page.rows)
    )  # fmt: skip


@bp.post("/manage/topics/<identifier>/conflicts/<int:found_id>")
def decide_found(identifier: str, found_id: int) -> ResponseReturnValue:
    """Let the expert go on, close the proposal to them, or take that word back. It counts at once."""
    topic, now, actor, form = _topic(identifier), guards.received_at(), guards.actor(), forms.DecisionForm()
    pair = found_since.one(topic.id, found_id).assignment
    try:
        with transaction():
            if request.form.get("decision") == "take-back":
                deciding.take_back_decision(pair.proposal, pair.expert, actor=actor, now=now)
            else:
                deciding.decide_conflict(
                    pair.proposal, pair.expert, services.weighed(pair.proposal, pair.expert, now=now).found,
                    allow=request.form.get("decision") == "allow", reason=form.reason.data or "",
                    condition=form.condition.data or "", actor=actor, now=now,
                )  # fmt: skip
            services.recheck_pair(pair.proposal, pair.expert, now=now)
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash(f"Your decision about {pair.expert.account.name} is kept.", "success")
    return redirect(url_for(".conflicts", identifier=identifier))
