"""The page of a new round after an upheld review; what it shows on the result's page and on the ranked list's."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from grants.calls.models import Topic
from grants.db import transaction
from grants.evaluation.rules import plain_number
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.numbers import whole
from grants.proposals import queries as proposals
from grants.ranking import reports
from grants.ranking.models import Ranking
from grants.ranking.queries import result_of, versions
from grants.ranking.states import Decision
from grants.redress import access, forms, rounds
from grants.redress import round_queries as queries
from grants.redress.models import RoundScore
from grants.redress.round_queries import OpenedRound
from grants.redress.states import DeskState
from grants.web import guards

bp = Blueprint("reevaluation", __name__)
_STAFF = (Role.MANAGER, Role.AUDITOR)
CHANGED = "This was changed elsewhere since you opened it. Look at it as it is now, then go on."


def result_slot(*, opened: Any, **_: Any) -> str:
    """On the page of a result, for everybody who reads it: the new result beside the old one."""
    found = queries.new_result(opened.proposal.id)
    return render_template("redress/_new_result.html", round_=found) if found else ""


def ranking_slot(*, ranking: Ranking, topic: Topic, **_: Any) -> str:
    """On an announced list: the supplements that were confirmed since."""
    found = queries.supplements(ranking.id) if ranking.informed_at else ()
    return render_template("redress/_supplements.html", rounds=found, topic=topic) if found else ""


@bp.get("/proposals/<int:number>/result/review.pdf")
def new_result_pdf(number: int) -> ResponseReturnValue:
    """The result after the review as a PDF, for who reads the result of the proposal."""
    opened = proposals.open_proposal(guards.actor(), number, now=guards.received_at(), whole=False)
    result_of(opened.proposal)  # not found before the letter is sent
    found = queries.new_result(opened.proposal.id)
    if found is None or found.decision is None or found.total is None:
        raise NotFound
    version, topic = versions([opened.proposal.id])[opened.proposal.id], found.ranking.topic
    most = sum((each.maximum for each in topic.criteria), Decimal(0))
    content = reports.pdf({
        "heading": "Evaluation summary report after a review", "number": str(number),
        "acronym": version.content["acronym"], "title": version.content["title"], "topic": topic.identifier,
        "result": found.decision.label, "total": f"{plain_number(found.total)} of {plain_number(most)}",
        "thresholds": found.reason, "funder": current_app.extensions["settings"].funder_name,
        "criteria": [_judged_again(each) for each in found.scores],
    })  # fmt: skip
    name = f"Evaluation summary report after a review {number}.pdf"
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


def _judged_again(row: RoundScore) -> dict[str, Any]:
    criterion = row.criterion
    return {
        "name": criterion.name, "score": plain_number(row.score) if row.score is not None else "",
        "maximum": plain_number(criterion.maximum), "weaknesses": [], "comment": reports.paragraphs(row.comment),
        "threshold": plain_number(criterion.threshold) if criterion.threshold is not None else "",
    }  # fmt: skip


@bp.get("/manage/redress/<int:number>/round")
def one(number: int) -> ResponseReturnValue:
    """The round with its experts, new scores beside the old ones, and the supplement."""
    return _page(number)


def _page(
    number: int, *, findings: Any = (), texts: Any = None, status: int = 0, **given: Any
) -> ResponseReturnValue:
    """``given``: forms with what was typed, by their name on the page; ``texts``: scores and comments as typed.

    ``status``: 0 takes 422 where something is wrong.
    """
    actor = guards.staff(*_STAFF)
    found = queries.opened_round(actor, number)
    round_, topic, may_write = found.round, found.proposal.topic, access.may_write_round(actor, found.access)
    version = str(round_.version)
    result = given.get("result") or forms.ResultForm(formdata=None, data={"version": version})
    result.decision.choices = [(each.value, each.label) for each in Decision]
    page = render_template(
        "redress/round.html", opened=found, round_=round_, proposal=found.proposal, topic=topic, findings=findings,
        texts=texts or _kept(found), result=result, zone=topic.call.zone, may_write=may_write,
        form=given.get("form")
        or forms.RoundForm(formdata=None, data={"version": version, "agreement": round_.agreement}),
        back=given.get("back") or forms.SendBackForm(formdata=None), supplement=found.supplement(),
        candidates=queries.candidates_of(round_, now=guards.received_at()) if may_write and _names(found) else None,
        left=queries.left_in(round_.ranking), version=versions([found.proposal.id])[found.proposal.id],
        may_send_back=access.may_send_back_round(actor, found.access),
        may_confirm=access.may_confirm_round(actor, found.access),
        scored={each.criterion.code: each for each in round_.scores},
        wrong={each.place: each.message for each in findings},
    )  # fmt: skip
    return page, status or (422 if findings or any(each.has_errors for each in given.values()) else 200)


def _names(found: OpenedRound) -> bool:
    """Whether the page lists who could be named: while experts are missing, or where somebody asks for more."""
    sitting = [each for each in found.round.experts if each.state is not DeskState.CONFLICTED]
    return "naming" in request.args or len(sitting) < found.proposal.topic.experts_per_proposal


def _kept(found: OpenedRound) -> dict[str, tuple[str, str]]:
    rows = {each.criterion.code: each for each in found.round.scores}
    return {
        each.code: (
            plain_number(row.score) if (row := rows.get(each.code)) and row.score is not None else "",
            row.comment if row else "",
        )
        for each in found.criteria
    }


def _typed(found: OpenedRound) -> dict[str, tuple[str, str]]:
    """Scores and comments of the request, by criterion."""
    given = request.form
    return {
        each.code: (given.get(f"scores.{each.code}.score", ""), given.get(f"scores.{each.code}.comment", "")[:20_000])
        for each in found.criteria
    }


def _opened(number: int) -> OpenedRound:
    return queries.opened_round(guards.staff(Role.MANAGER), number, locked=True)


@bp.post("/manage/redress/<int:number>/round/experts")
def experts(number: int) -> ResponseReturnValue:
    """Name an expert, or take one out."""
    expert_id, remove = whole(request.form.get("expert_id")), request.form.get("do") == "remove"
    do = rounds.remove_expert if remove else rounds.name_expert
    try:
        with transaction():
            do(_opened(number), expert_id, actor=guards.actor(), now=guards.received_at())
    except Invalid as problem:
        return _page(number, findings=problem.findings)
    flash("The expert is taken out." if remove else "The expert is named, and told by a letter.", "success")
    return redirect(url_for(".one", number=number) + "#experts")


@bp.post("/manage/redress/<int:number>/round/scores")
def scores(number: int) -> ResponseReturnValue:
    """Keep the new scores as they are typed."""
    form, texts = forms.RoundForm(), None
    try:
        with transaction():
            found = _opened(number)
            texts = _typed(found)
            rounds.save_scores(
                found, texts, agreement=form.agreement.data or "", seen=form.seen, actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        return _page(number, findings=problem.findings, texts=texts, form=form)
    except Stale as problem:
        return _stale(number, problem, form=form, texts=texts)
    flash("The scores are kept. They count when two managers have said so.", "success")
    return redirect(url_for(".one", number=number) + "#supplement")


def _stale(number: int, problem: Stale, *, texts: Any = None, **given: Any) -> ResponseReturnValue:
    """The page with what was typed, over the version of now."""
    flash(CHANGED, "error")
    for form in given.values():
        form.version.data = str(problem.version)
    return _page(number, texts=texts, status=409, **given)


@bp.post("/manage/redress/<int:number>/round/result")
def propose(number: int) -> ResponseReturnValue:
    """Propose scores and decision to a second manager."""
    form = forms.ResultForm()
    decision = Decision(form.decision.data) if form.decision.data in set(Decision) else None
    try:
        with transaction():
            rounds.propose_result(
                _opened(number), decision, reason=form.reason.data or "", seen=form.seen, actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(number, result=form, findings=form.findings)
    except Stale as problem:
        return _stale(number, problem, result=form)
    flash("It is proposed. Another manager of the programme is asked to confirm it.", "success")
    return redirect(url_for(".one", number=number))


@bp.post("/manage/redress/<int:number>/round/result/confirm")
def confirm(number: int) -> ResponseReturnValue:
    """The second pair of eyes."""
    try:
        with transaction():
            rounds.confirm_result(
                _opened(number), seen=whole(request.form.get("version")), actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        return _page(number, findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
        return redirect(url_for(".one", number=number))
    flash("It is confirmed, and the main contact is told.", "success")
    return redirect(url_for(".one", number=number))


@bp.post("/manage/redress/<int:number>/round/result/send-back")
def send_back(number: int) -> ResponseReturnValue:
    form = forms.SendBackForm()
    try:
        with transaction():
            rounds.send_back_result(
                _opened(number), reason=form.reason.data or "", actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as problem:
        form.show(problem.findings)
        return _page(number, back=form)
    flash("It is sent back.", "success")
    return redirect(url_for(".one", number=number))
