"""What panels show on pages of earlier stages."""

from __future__ import annotations

from typing import Any

from flask import render_template

from grants.calls.models import Topic
from grants.evaluation.figures import bins
from grants.kernel.actor import Actor, Role
from grants.panels.queries import hearings, observing, panels
from grants.panels.queries import proposals as queries
from grants.proposals.models import Proposal


def topic_slot(*, topic: Topic, **_: Any) -> str:
    """On the manager's page of a call: the way to the panels of each topic."""
    return render_template("panels/_topic.html", topic=topic)


def home_slot(*, actor: Actor, now: Any, **_: Any) -> str:
    """On the first page: panels of a member, changes that wait for an officer, hearings of a main contact, topics of
    an observer."""
    if not actor.signed_in:
        return ""
    waits = panels.waiting(actor, now=now)
    sits = panels.own(actor) if waits.panels else []
    changes = queries.waiting_changes(actor) if waits.changes and actor.has(Role.MANAGER) else []
    asked = hearings.waiting(actor, now=now) if waits.hearings else []
    observed = observing.observed(actor) if waits.observations else []
    if not (sits or changes or asked or observed):
        return ""
    return render_template(
        "panels/_home.html", panels=sits, changes=changes, hearings=asked, observed=observed
    )  # fmt: skip


def proposal_slot(*, proposal: Proposal, actor: Actor, now: Any, **_: Any) -> str:
    """On a proposal's overview: the way to its hearing, for its people."""
    member = next((each.role for each in proposal.members if each.account_id == actor.id), None)
    found = hearings.told(proposal.id, now=now) if member is not None else None
    return render_template("panels/_hearing.html", hearing=found, proposal=proposal) if found else ""


def figures_slot(*, topic: Topic, **_: Any) -> str:
    """On the figures of an evaluation: agreed totals by panel."""
    found = panels.totals_by_panel(topic)
    if not found:
        return ""
    most = sum((each.maximum for each in topic.criteria), start=type(topic.criteria[0].maximum)(0))
    step = min(each.step for each in topic.criteria)
    shown = [
        (name, bins(rows, maximum=most, step=step, threshold=topic.overall_threshold), rows) for name, rows in found
    ]
    return render_template("panels/_figures.html", panels=shown)
