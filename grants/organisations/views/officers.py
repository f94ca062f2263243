"""What officers of the funder do in the registry: validations that wait, duplicates, merging."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import access, forms, queries, services
from grants.organisations.models import DuplicatePair, Organisation
from grants.organisations.states import PAIR
from grants.organisations.views.blueprint import bp, officer
from grants.queue import defer
from grants.web import guards, listing


def home_slot(*, actor: Actor, now: datetime) -> str:  # noqa: ARG001
    """On an officer's first page: what waits in the registry."""
    if not access.is_officer(actor):
        return ""
    papers, pairs = queries.waiting_counts()
    return render_template("organisations/_home.html", papers=papers, pairs=pairs) if papers or pairs else ""


@bp.get("/manage/organisations")
def waiting() -> ResponseReturnValue:
    """Organisations whose papers wait for a decision."""
    officer()
    page = listing.page(
        queries.waiting(), [Organisation.id], after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("organisations/waiting.html", page=page)


@bp.route("/manage/organisations/duplicates", methods=["GET", "POST"])
def duplicates() -> ResponseReturnValue:
    """Likely duplicates, most alike first; POST compares two entries that the officer names."""
    officer()
    form = forms.PairForm()
    if form.validate_on_submit():
        one, other = queries.by_pic(form.first.data or ""), queries.by_pic(form.second.data or "")
        form.first.errors = [] if one else ["No organisation has this PIC."]
        form.second.errors = [] if other else ["No organisation has this PIC."]
        if one is not None and other is not None:
            try:
                with transaction():
                    pair = services.propose_pair(one, other, now=guards.received_at())
                return redirect(url_for(".duplicate", pair_id=pair.id))
            except Invalid as problem:
                form.show(problem.findings)
    page = listing.page(
        queries.pairs(), [DuplicatePair.similarity, DuplicatePair.id], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("organisations/duplicates.html", page=page, form=form), 422 if form.has_errors else 200


@bp.post("/manage/organisations/look-through")
def look_through() -> ResponseReturnValue:
    """Ask the worker to compare the whole registry, for entries that were imported."""
    officer()
    with transaction():
        defer("compare_organisations", after=0)
    flash("The registry is being looked through. Likely duplicates appear here one by one.", "success")
    return redirect(url_for(".duplicates"))


@bp.route("/manage/organisations/duplicates/<int:pair_id>", methods=["GET", "POST"])
def duplicate(pair_id: int) -> ResponseReturnValue:
    """Two entries side by side with what a merge would move; POST merges."""
    actor, pair, form = officer(), queries.pair(pair_id), forms.MergeForm()
    wanted = form.keep.data if request.method == "POST" else request.args.get("keep")
    kept, merged = (pair.second, pair.first) if wanted == pair.second.pic else (pair.first, pair.second)
    if form.validate_on_submit():
        if wanted not in {pair.first.pic, pair.second.pic}:
            raise NotFound
        try:
            with transaction():
                services.merge(
                    kept, merged, despite_contradiction=bool(form.despite_contradiction.data), actor=actor,
                    now=guards.received_at(),
                )  # fmt: skip
            flash(f"PIC {merged.pic} is merged into {kept.legal_name}, PIC {kept.pic}.", "success")
            return redirect(url_for(".one", pic=kept.pic))
        except Invalid as problem:
            form.show(problem.findings)
    return _pair_page(pair, kept, merged, form, forms.ReasonForm(formdata=None))


@bp.post("/manage/organisations/duplicates/<int:pair_id>/apart")
def keep_apart(pair_id: int) -> ResponseReturnValue:
    actor, pair, reason = officer(), queries.pair(pair_id), forms.ReasonForm()
    if not reason.validate_on_submit():
        return _pair_page(pair, pair.first, pair.second, forms.MergeForm(formdata=None), reason)
    with transaction():
        services.keep_apart(pair, reason=reason.reason.data or "", actor=actor, now=guards.received_at())
    flash("The two stay two organisations and are not proposed again.", "success")
    return redirect(url_for(".duplicates"))


def _pair_page(
    pair: DuplicatePair, kept: Organisation, merged: Organisation, form: forms.MergeForm, reason: forms.ReasonForm
) -> ResponseReturnValue:
    form.keep.data = kept.pic
    page = render_template(
        "organisations/duplicate.html", pair=pair, kept=kept, merged=merged, form=form, reason=reason,
        plan=services.preview(kept, merged), may_merge=PAIR.allows(pair.state, "merge"),
        may_keep_apart=PAIR.allows(pair.state, "keep_apart"),
    )  # fmt: skip
    return page, 422 if form.has_errors or reason.has_errors else 200
