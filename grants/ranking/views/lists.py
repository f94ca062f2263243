"""The ranked list with its funding line and the decisions noted on it; all lists that are decided."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from grants.calls.models import Call, Topic
from grants.calls.states import CallState
from grants.db import transaction
from grants.evaluation import queries as evaluation
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, Stale
from grants.kernel.money import ZERO, parse_amount
from grants.ranking import access, clocks, forms, placing, queries, rules, services
from grants.ranking.models import Placement, Ranking
from grants.ranking.states import Decision
from grants.ranking.views.blueprint import CHANGED, STAFF, batches_of, bp, list_url, ranked_of, topic_of
from grants.web import guards, listing
from grants.web.filters import number as plain_number

_HOME_ROWS = 6


def home_slot(*, actor: Actor, **_: Any) -> str:
    """On a manager's first page: lists to decide on, letters to send."""
    lists = queries.open_lists(actor, limit=_HOME_ROWS) if actor.has(Role.MANAGER) else ()
    return render_template("ranking/_home.html", lists=lists, batches=queries.batch_numbers(lists)) if lists else ""


def call_slot(*, call: Call, now: datetime, **_: Any) -> str:
    """On the managers' page of a call: until when applicants have to be told."""
    published = call.state is CallState.PUBLISHED and bool(call.topics)
    found = clocks.to_inform(call.topics) if published else {}
    return render_template("ranking/_clocks.html", topics=call.topics, clocks=found, now=now) if found else ""


@bp.get("/manage/topics/<identifier>/ranking")
def ranked(identifier: str) -> ResponseReturnValue:
    topic, ranking = topic_of(guards.staff(*STAFF), identifier)
    return list_page(topic, ranking)


def list_page(
    topic: Topic, ranking: Ranking | None, *, findings: Any = (), budget_form: forms.BudgetForm | None = None
) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    all_batches, batch = batches_of(topic)
    seed = rules.seed_of(topic.lottery_seed, batch.cut_off if batch else None)
    programme, state = topic.call.programme.code, ranking.state if ranking else None
    may_change = access.may_change_ranking(actor, programme=programme, state=state)
    what_if, wrong = _what_if(request.args.get("budget", ""))
    outcome = request.args.get("outcome", "")
    page = listing.page(
        queries.placements(ranking.id, outcome=outcome), [Placement.place], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    ) if ranking else None  # fmt: skip
    rows = page.rows if page else []
    summary = queries.summary(ranking) if ranking else None
    shown = [row.proposal_id for row in rows]
    body = render_template(
        "ranking/list.html", topic=topic, ranking=ranking, page=page, outcome=outcome, outcomes=list(rules.Outcome),
        versions=queries.versions(shown), scores=evaluation.scores_of(shown), criteria=topic.criteria,
        suggestion=placing.suggestion, decisions=list(Decision), findings=findings, may_change=may_change,
        may_send=access.may_send_letters(actor, programme=programme, state=state),
        may_confirm=access.may_confirm(
            actor, programme=programme, state=state, prepared_by=ranking.prepared_by_id if ranking else None
        ),
        may_send_back=access.may_send_back(actor, programme=programme, state=state),
        prepared_by=queries.account_name(ranking.prepared_by_id) if ranking and ranking.prepared_by_id else "",
        summary=summary, bins=_bins(topic, summary),
        what_if=_other_line(ranking, what_if), what_if_text=request.args.get("budget", ""), what_if_wrong=wrong,
        form=forms.ListForm(formdata=None, data={"version": str(ranking.version) if ranking else ""}),
        reopen=forms.ReopenForm(formdata=None), seed=seed, seed_hash=sha256(seed.encode()).hexdigest(), now=now,
        batches=all_batches, batch=batch, budget_form=budget_form or forms.BudgetForm(formdata=None),
        decided_by=queries.account_name(ranking.decided_by_id) if ranking and ranking.decided_by_id else "",
        actor=actor, clocks=clocks.to_inform([topic])[topic.id],
    )  # fmt: skip
    return body, 422 if findings or wrong or budget_form else 200


def _what_if(text: str) -> tuple[Decimal | None, str]:
    try:
        return (parse_amount(text) if text.strip() else None), ""
    except ValueError:
        return None, "Use digits only, for example 24000000."


def _other_line(ranking: Ranking | None, budget: Decimal | None) -> dict[str, Any] | None:
    """Whom another budget would fund, by the rules alone."""
    if ranking is None or budget is None or ranking.selection:
        return None
    ordered = queries.requests_in_order(ranking.id)
    topic = ranking.topic
    lines = rules.funding_line(
        [amount for _, amount in ordered],
        budget=budget,
        on_misfit=topic.on_misfit,
        least_offer=topic.min_grant or ZERO,
    )
    main = [place for (place, _), line in zip(ordered, lines, strict=True) if line.outcome is rules.Outcome.MAIN]
    spent = lines[-1].cumulated if lines else Decimal(0)
    return {"budget": budget, "funded": len(main), "spent": spent, "left": budget - spent,
            "last": main[-1] if main else 0}  # fmt: skip


def _bins(topic: Topic, summary: queries.Summary | None) -> dict[str, Any] | None:
    """Totals in at most 20 bins, and the bin where the threshold lies."""
    if summary is None:
        return None
    most = sum((each.maximum for each in topic.criteria), Decimal(0))
    width = max((most / 20).to_integral_value(), Decimal(1))
    counts = [0] * (int(most / width) + 1)
    for reached, count in summary.totals:
        counts[int(reached / width)] += count
    threshold = int(topic.overall_threshold / width) if topic.overall_threshold is not None else None
    labels = [plain_number(width * index) for index in range(len(counts))]
    return {"counts": counts, "threshold": threshold, "labels": labels}


@bp.post("/manage/topics/<identifier>/ranking/compute")
def compute(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.BudgetForm()
    topic, ranking = topic_of(actor, identifier)
    if not form.validate():
        return list_page(topic, ranking, budget_form=form)
    _, batch = batches_of(topic)
    try:
        with transaction():
            services.compute_ranking(
                topic,
                actor=actor,
                now=guards.received_at(),
                cut_off=batch.cut_off if batch else None,
                budget=form.budget.amount if batch else None,
            )
    except Invalid as problem:
        return list_page(topic, ranking, findings=problem.findings)
    flash("The list is computed from the approved consensus scores.", "success")
    return redirect(list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/decisions")
def note(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ListForm()
    topic, ranking = ranked_of(actor, identifier)
    try:
        with transaction():
            services.save_decisions(
                ranking, forms.decisions(request.form), seen=form.seen, actor=actor, now=guards.received_at()
            )
        flash("Your decisions are noted. Nothing is final until you decide on the whole list.", "success")
    except Invalid as problem:
        return list_page(topic, queries.ranking_of(topic.id, ranking.cut_off), findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
    return redirect(guards.local_path(request.form.get("back")) or list_url(identifier))


@bp.get("/decisions")
def decided() -> ResponseReturnValue:
    """Lists that are decided: what auditors read."""
    actor = guards.staff(*STAFF)
    page = listing.page(
        queries.decided_lists(actor), [Ranking.decided_at, Ranking.id], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("ranking/decided.html", page=page, batches=queries.batch_numbers(page.rows))
