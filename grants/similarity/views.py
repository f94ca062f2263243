"""Pages of texts that are alike, for programme managers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound
from grants.proposals.models import Proposal
from grants.similarity import forms, queries, rules, services
from grants.similarity.models import SimilarPair
from grants.web import guards, listing

bp = Blueprint("similarity", __name__)
KINDS = {queries.ABSTRACT: "Abstract", queries.PART_B: "Part B"}


def topic_slot(*, topic: Topic, now: Any, **_: Any) -> str:
    """On the manager's page of a call: the way to the texts that are alike."""
    return render_template("similarity/_topic.html", topic=topic) if topic.first_deadline <= now else ""


def opening_slot(*, proposal: Proposal, **_: Any) -> str:
    """At a proposal's opening: the texts that are like its own."""
    pairs = queries.pairs_of_proposal(proposal, now=guards.received_at())
    return render_template("similarity/_opening.html", proposal=proposal, pairs=pairs, kinds=KINDS)


@bp.get("/manage/topics/<identifier>/similarity")
def of_topic(identifier: str) -> ResponseReturnValue:
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    topic = calls.topic_for_work(actor, identifier)
    if not actor.manages(topic.call.programme.code):
        raise NotFound
    open_only = request.args.get("open") == "1"
    page = listing.page(
        queries.pairs_of_topic(topic.id, now=now, open_only=open_only), [SimilarPair.share, SimilarPair.id],
        descending=True, after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template(
        "similarity/list.html", topic=topic, page=page, open_only=open_only, kinds=KINDS,
        compared=queries.compared_count(topic.id), closed=topic.first_deadline <= now,
    )  # fmt: skip


@bp.route("/manage/similarity/<int:pair_id>", methods=["GET", "POST"])
def pair(pair_id: int) -> ResponseReturnValue:
    """Both passages side by side, and the note."""
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    found = queries.open_pair(actor, pair_id, now=now)
    form = forms.NoteForm(data={"note": found.note})
    if form.validate_on_submit():
        try:
            with transaction():
                services.look_at(found, note=form.note.data or "", actor=actor, now=now)
            flash("Your note is kept.", "success")
            return redirect(url_for(".pair", pair_id=pair_id))
        except Invalid as problem:
            form.show(problem.findings)
    sides = (found.first, found.second)
    passages = rules.passages(*(queries.text_of(each.id, found.kind) for each in sides))
    own = next(each.proposal.topic for each in sides if actor.manages(each.proposal.topic.call.programme.code))
    page = render_template(
        "similarity/pair.html", pair=found, sides=sides, form=form, topic=own, kind=KINDS[found.kind],
        passages=passages[:rules.SHOWN], left=max(0, len(passages) - rules.SHOWN),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200
