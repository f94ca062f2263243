"""The consensus as its experts see it: the individual reports side by side, the report they agree on."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.evaluation import access, facts, forms, queries, rules, services
from grants.evaluation.peers import peers as read_peers
from grants.evaluation.queries import Opened
from grants.evaluation.states import Answer
from grants.evaluation.subject import subject
from grants.evaluation.views.blueprint import bp
from grants.evaluation.views.experts import before_showing, decimal_of, open_own, saved, seen, sums
from grants.evaluation.visibility import Aspect
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.web import guards
from grants.web.filters import short_instant


def _open(assignment_id: int) -> Opened:
    opened = open_own(assignment_id)
    access.may_read_consensus(guards.actor(), opened.access).require()
    return opened


@bp.route("/evaluation/<int:assignment_id>/consensus", methods=["GET", "POST"])
def consensus(assignment_id: int) -> ResponseReturnValue:
    opened, form, conflict = _open(assignment_id), forms.EmptyForm(), None
    if form.validate_on_submit():
        try:
            _save(opened)
            flash("Saved.", "success")
            return redirect(url_for(".consensus", assignment_id=assignment_id))
        except Invalid as problem:
            form.findings = problem.findings
        except Stale as problem:
            conflict = problem
    page = _page(opened, form, conflict=conflict)
    return page, 409 if conflict else 422 if form.findings else 200


def _page(
    opened: Opened, form: Any, *, conflict: Stale | None = None, opinion: Any = None, remark: Any = None,
    wish: Any = None,
) -> str:  # fmt: skip
    before_showing(opened)
    actor, topic, found = guards.actor(), opened.assignment.proposal.topic, opened.consensus
    read = subject(opened)
    if found is None or read is None:
        raise NotFound
    peers = read_peers(opened)
    scored = [each.scores for each in peers if each.handed_in]
    mine = next((each for each in found.opinions if each.assignment_id == opened.assignment.id), None)
    judged = facts.criteria(opened.assignment.proposal)
    return render_template(
        "evaluation/consensus.html", assignment=opened.assignment, topic=topic,
        criteria=facts.criterion_rows(opened.assignment.proposal), consensus=found, subject=read,
        peers=peers, names={each.id: each.name for each in peers}, scored=Aspect.SCORES in opened.access.shows,
        wide={each.code: each for each in rules.disagreements(
            scored, judged, limit=topic.spread_limit)},
        spreads={each.code: each for each in rules.spreads(scored, judged)},
        texts={**facts.texts(found), **(conflict.yours if conflict else {})},
        choices={each.code: rules.choices(each) for each in judged},
        form=form, conflict=conflict, seen=conflict.version if conflict else found.version,
        sums=sums(judged, facts.scores(found.scores)), may_write=access.may_write_consensus(actor, opened.access),
        may_take_back=access.may_take_back(actor, opened.access),
        may_give_opinion=access.may_give_opinion(actor, opened.access),
        opinion=opinion or forms.OpinionForm(formdata=None, data=_opinion(mine)), mine=mine,
        answers={each.assignment_id: each for each in found.opinions},
        remarks=queries.remarks(found.id), remark=remark or forms.RemarkForm(formdata=None),
        may_discuss=access.may_discuss(actor, opened.access), wish=wish or forms.ReasonForm(formdata=None),
        saved=f"Saved {short_instant(found.changed_at, actor.timezone or 'UTC')}",
    )  # fmt: skip


def _opinion(mine: Any) -> dict[str, str]:
    return {"answer": mine.answer.value, "text": mine.text} if mine else {}


def _save(opened: Opened) -> int:
    with transaction():
        return services.save_consensus(
            opened, request.form.to_dict(), seen=seen(), actor=guards.actor(), now=guards.received_at()
        )


@bp.get("/evaluation/<int:assignment_id>/others")
def others(assignment_id: int) -> ResponseReturnValue:
    """The others' reports, as far as this phase shows them."""
    opened = open_own(assignment_id)
    access.may_read_others(guards.actor(), opened.access).require()
    return render_template(
        "evaluation/others.html", assignment=opened.assignment, topic=opened.assignment.proposal.topic,
        peers=[each for each in read_peers(opened) if each.id != assignment_id and each.handed_in],
        criteria=facts.criterion_rows(opened.assignment.proposal), shows={each.value for each in opened.access.shows},
    )  # fmt: skip


@bp.post("/evaluation/<int:assignment_id>/consensus/save")
def save_consensus_by_itself(assignment_id: int) -> ResponseReturnValue:
    opened = _open(assignment_id)
    version = _save(opened)
    judged = facts.criteria(opened.assignment.proposal)
    scores = {each.code: decimal_of(request.form.get(f"scores.{each.code}.score", "")) for each in judged}
    return saved(version, judged, scores)


@bp.post("/evaluation/<int:assignment_id>/consensus/propose")
def propose(assignment_id: int) -> ResponseReturnValue:
    opened, form, conflict = _open(assignment_id), forms.EmptyForm(), None
    try:
        if "version" in request.form:
            _save(opened)
        with transaction():
            services.propose_consensus(opened, actor=guards.actor(), now=guards.received_at())
        flash("The others are asked whether they agree.", "success")
        return redirect(url_for(".consensus", assignment_id=assignment_id))
    except Invalid as problem:
        form.findings = problem.findings
    except Stale as problem:
        conflict = problem
    return _page(_open(assignment_id), form, conflict=conflict), 409 if conflict else 422


@bp.post("/evaluation/<int:assignment_id>/consensus/take-back")
def take_back(assignment_id: int) -> ResponseReturnValue:
    opened = _open(assignment_id)
    with transaction():
        services.take_back_consensus(opened, actor=guards.actor(), now=guards.received_at())
    flash("You can write on. The others are asked again when you propose it.", "success")
    return redirect(url_for(".consensus", assignment_id=assignment_id))


@bp.post("/evaluation/<int:assignment_id>/consensus/opinion")
def opinion(assignment_id: int) -> ResponseReturnValue:
    opened, form = _open(assignment_id), forms.OpinionForm()
    access.may_give_opinion(guards.actor(), opened.access).require()
    if form.validate_on_submit():
        try:
            with transaction():
                services.give_opinion(
                    opened, answer=Answer(form.answer.data), text=form.text.data or "", actor=guards.actor(),
                    now=guards.received_at(),
                )  # fmt: skip
            flash("Your answer is kept.", "success")
            return redirect(url_for(".consensus", assignment_id=assignment_id))
        except Invalid as problem:
            form.show(problem.findings)
    return _page(_open(assignment_id), forms.EmptyForm(), opinion=form), 422


@bp.post("/evaluation/<int:assignment_id>/consensus/remarks")
def say(assignment_id: int) -> ResponseReturnValue:
    """An expert's words in the discussion."""
    opened, form = _open(assignment_id), forms.RemarkForm()
    try:
        with transaction():
            services.say(opened, form.remark.data or "", actor=guards.actor(), now=guards.received_at())
    except Invalid as problem:
        form.show(problem.findings)
        return _page(_open(assignment_id), forms.EmptyForm(), remark=form), 422
    return redirect(url_for(".consensus", assignment_id=assignment_id, _anchor="discussion"))


@bp.post("/evaluation/<int:assignment_id>/consensus/another-expert")
def ask_for_expert(assignment_id: int) -> ResponseReturnValue:
    """The rapporteur's wish for one more expert."""
    opened, form = _open(assignment_id), forms.ReasonForm()
    try:
        with transaction():
            services.ask_for_expert(opened, form.reason.data or "", actor=guards.actor(), now=guards.received_at())
    except Invalid as problem:
        form.show(problem.findings)
        return _page(_open(assignment_id), forms.EmptyForm(), wish=form), 422
    flash("The programme managers are asked for another expert.", "success")
    return redirect(url_for(".consensus", assignment_id=assignment_id))
