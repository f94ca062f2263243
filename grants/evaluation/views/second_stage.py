"""Between two stages: first-stage proposals with their scores against the stage's thresholds, and the invitations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.admission import services as admission
from grants.admission.queries import first_stages
from grants.calls import queries as calls
from grants.calls.facts import criteria_facts
from grants.calls.models import Topic
from grants.calls.states import DeadlineModel
from grants.db import transaction
from grants.evaluation import access, queries, rules
from grants.evaluation.rules import Failure
from grants.evaluation.views.blueprint import bp
from grants.kernel.actor import Role
from grants.kernel.errors import NotFound
from grants.kernel.numbers import whole
from grants.proposals.models import Proposal
from grants.web import guards, listing


@dataclass(frozen=True, slots=True)
class Row:
    """One first-stage proposal. ``total``: None while its consensus is not approved; ``failures``: thresholds that it
    misses."""

    proposal: Proposal
    total: Decimal | None
    failures: list[Failure]

    @property
    def passed(self) -> bool:
        """Whether it may be invited by its scores."""
        return self.total is not None and not self.failures


def _topic(identifier: str) -> Topic:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_manage(actor, programme=topic.call.programme.code).require()
    if topic.deadline_model is not DeadlineModel.TWO_STAGE:
        raise NotFound
    return topic


@bp.get("/manage/topics/<identifier>/second-stage")
def second_stage(identifier: str) -> ResponseReturnValue:
    topic, now = _topic(identifier), guards.received_at()
    page = listing.page(
        first_stages(topic.id), [Proposal.number], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template(
        "evaluation/second_stage.html", topic=topic, page=page, rows=_rows(topic, page.rows), now=now,
        between=topic.first_deadline <= now < topic.deadline,
    )  # fmt: skip


def _rows(topic: Topic, found: Sequence[Proposal]) -> list[Row]:
    judged, scores = criteria_facts(topic, stage=1), queries.scores_of([each.id for each in found])
    rows = []
    for each in found:
        own = scores.get(each.id, {})
        complete = len(own) == len(judged)
        failures = rules.threshold_failures(own, judged, overall=topic.first_stage_threshold) if complete else []
        rows.append(Row(each, rules.totals(own, judged).total if complete else None, failures))
    return rows


@bp.post("/manage/topics/<identifier>/second-stage")
def invite_to_second_stage(identifier: str) -> ResponseReturnValue:
    """Ticked proposals: a page with their number first, then the invitations for exactly these."""
    topic, actor, now = _topic(identifier), guards.actor(), guards.received_at()
    wanted = {whole(each) for each in request.form.getlist("ids")} - {0}
    chosen = _chosen(topic, wanted)
    if not chosen:
        flash("Tick at least one proposal.", "error")
        return redirect(url_for(".second_stage", identifier=identifier))
    if request.form.get("confirmed") != str(len(chosen)):
        return render_template("evaluation/second_stage_confirm.html", topic=topic, rows=_rows(topic, chosen))
    with transaction():
        made = admission.invite_to_second_stage(topic, chosen, actor=actor, now=now)
    flash(f"{len(made)} second-stage proposals are begun, and their main contacts invited.", "success")
    return redirect(url_for(".second_stage", identifier=identifier))


def _chosen(topic: Topic, numbers: set[int]) -> list[Proposal]:
    """The first-stage proposals of these numbers that are not invited yet, in order."""
    return queries.in_order(first_stages(topic.id).where(Proposal.number.in_(numbers)))
