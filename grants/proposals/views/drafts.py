"""Own proposals, the beginning of a draft, its overview and its general part."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Stale
from grants.kernel.numbers import whole
from grants.organisations import queries as organisations
from grants.proposals import access, forms, narrowing, papers, queries, rules, services
from grants.proposals.models import Proposal
from grants.proposals.views.common import bp, open_proposal, proposal_page, saved_answer
from grants.proposals.views.part_a import sections_to_answer
from grants.web import guards, listing


def apply_slot(*, topic: Topic, phase: str, actor: Actor, **_: Any) -> str:
    """On a topic's page: go on with a draft, or start one."""
    own = queries.own_for_topic(actor, topic.id) if actor.signed_in else []
    return render_template("proposals/_apply.html", topic=topic, phase=phase, actor=actor, own=own)


def home_slot(*, actor: Actor, now: Any) -> str:
    """On the first page: the proposals that the person works on, newest first."""
    if not actor.signed_in:
        return ""
    rows, values = queries.own_proposals(actor)
    page = listing.page(rows, [Proposal.number], descending=True, size=5, scalars=False, values=values)
    return render_template("proposals/_home.html", proposals=page.rows, now=now) if page.rows else ""


@bp.get("/proposals")
def own() -> ResponseReturnValue:
    actor = guards.actor()
    rows, values = queries.own_proposals(actor)
    page = listing.page(
        rows, [Proposal.number], descending=True, after=request.args.get("after"), values=values,
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")), scalars=False,
    )  # fmt: skip
    return render_template("proposals/own.html", page=page, now=guards.received_at())


@bp.route("/topics/<identifier>/apply", methods=["GET", "POST"])
def start(identifier: str) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    topic = calls.topic_page(actor, identifier)
    form = forms.StartForm()
    mine = organisations.of_account(actor.id or 0)
    form.organisation.choices = [(each.pic, each.legal_name) for each in mine] + [("", "Choose later")]
    if form.validate_on_submit():
        chosen = next((each for each in mine if each.pic == form.organisation.data), None)
        with transaction():
            made = services.start_draft(topic, organisation=chosen, actor=actor, now=now)
        flash(f"Your draft is {made.number}. It saves by itself.", "success")
        return redirect(url_for(".general", number=made.number))
    earlier = queries.own_for_topic(actor, topic.id)
    return render_template("proposals/start.html", topic=topic, form=form, earlier=earlier)


@bp.post("/topics/<identifier>/try")
def try_out(identifier: str) -> ResponseReturnValue:
    """A manager tries the application as an applicant, before publication too."""
    actor, now = guards.actor(), guards.received_at()
    topic = calls.topic_page(actor, identifier)
    mine = organisations.of_account(actor.id or 0)
    with transaction():
        made = services.start_draft(topic, organisation=next(iter(mine), None), actor=actor, now=now, trial=True)
    flash("This is a trial: fill in what you like. It is checked like a proposal and never handed in.", "success")
    return redirect(url_for(".overview", number=made.number))


@bp.post("/proposals/<int:number>/remove-trial")
def remove_trial(number: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    identifier = opened.proposal.topic.identifier
    with transaction():
        services.remove_trial(opened, actor=guards.actor(), now=guards.received_at())
    flash("The trial is removed.", "success")
    return redirect(url_for("calls.topic", identifier=identifier))


@bp.get("/proposals/<int:number>")
def overview(number: int) -> ResponseReturnValue:
    opened = open_proposal(number, part=None)
    if not narrowing.reads_all(opened):
        return proposal_page("proposals/own_part.html", opened, rows=sections_to_answer(opened))
    preview = papers.preview_of(opened.proposal) if access.may_preview(opened.access) else None
    versions = queries.submissions_of(opened.proposal.id)
    return proposal_page("proposals/overview.html", opened, versions=versions, preview=preview)


@bp.route("/proposals/<int:number>/general", methods=["GET", "POST"])
def general(number: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    texts = services.general_texts(opened.proposal)
    form = forms.GeneralForm(data={**texts, "version": str(opened.proposal.version)})
    conflict = None
    if form.validate_on_submit():
        values = {name: form[name].data or "" for name in services.GENERAL_FIELDS}
        try:
            with transaction():
                services.save_general(
                    opened, values, seen=whole(form.version.data), actor=guards.actor(), now=guards.received_at()
                )
            flash("Saved.", "success")
            return redirect(url_for(".general", number=number))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale as problem:
            conflict, form.version.data = problem, str(problem.version)
    status = 409 if conflict else 422 if form.has_errors else 200
    return proposal_page(
        "proposals/general.html", opened, form=form, conflict=conflict, limits=rules.Limits()
    ), status


@bp.post("/proposals/<int:number>/general/save")
def save_general(number: int) -> ResponseReturnValue:
    """Saves by itself: answers with the new version, or with both texts."""
    opened, now = open_proposal(number, whole=False), guards.received_at()
    values = {name: request.form[name] for name in services.GENERAL_FIELDS if name in request.form}
    with transaction():
        version = services.save_general(
            opened, values, seen=whole(request.form.get("version")), actor=guards.actor(), now=now
        )
    return saved_answer(version)
