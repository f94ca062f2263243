"""The main contact's request for a review; the funder's list of requests, and the page of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls.models import Topic
from grants.db import transaction
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, Stale
from grants.kernel.numbers import whole
from grants.proposals.models import Proposal
from grants.proposals.queries import last_submission
from grants.proposals.states import MemberRole, ProposalState
from grants.ranking.models import Ranking
from grants.ranking.queries import versions
from grants.redress import access, forms, queries, rules, services
from grants.redress.models import Request
from grants.redress.queries import Own
from grants.redress.states import ON_ADMISSIBILITY, OUTCOMES, RequestState, RoundState, Says
from grants.web import guards, listing
from grants.web.filters import short_instant

bp = Blueprint("redress", __name__)
_STAFF = (Role.MANAGER, Role.AUDITOR)
CHANGED = "This was changed elsewhere since you opened it. Look at it as it is now, then go on."


def result_slot(*, opened: Any, actor: Actor, now: datetime, **_: Any) -> str:
    """On the page of a result: the way to ask for a review, or to what was asked. For the main contact."""
    if opened.access.member is not MemberRole.MAIN_CONTACT:
        return ""
    own = queries.own(actor, opened.proposal.number, now=now)
    return render_template("redress/_result.html", own=own, may_ask=_may_ask(own, now))


def proposal_slot(*, proposal: Proposal, now: datetime, actor: Actor, **_: Any) -> str:
    """On a proposal's overview, where it was excluded: there is no page of a result."""
    if proposal.decided_at or proposal.state is not ProposalState.SUBMITTED:
        return ""
    main = any(each.account_id == actor.id and each.role is MemberRole.MAIN_CONTACT for each in proposal.members)
    notice = queries.notice_of(proposal) if main else None
    if notice is None:
        return ""
    own = Own(proposal, MemberRole.MAIN_CONTACT, notice, queries.request_of(proposal.id))
    return render_template("redress/_result.html", own=own, may_ask=_may_ask(own, now))


def ranking_slot(*, ranking: Ranking, topic: Topic, **_: Any) -> str:
    """On a ranked list whose letters are sent: what is under review, and how much money that is about."""
    if ranking.informed_at is None:
        return ""
    count, requested = queries.under_review(topic.id)
    return render_template("redress/_ranking.html", count=count, requested=requested) if count else ""


def home_slot(*, actor: Actor, **_: Any) -> str:
    """On the first page of managers: requests that wait."""
    found = queries.open_requests(actor) if actor.has(Role.MANAGER) else ()
    return render_template("redress/_home.html", requests=found) if found else ""


def _may_ask(own: Own, now: datetime) -> Any:
    return access.may_ask(own.member, notice=own.notice, state=own.request.state if own.request else None, now=now)


def _own(number: int) -> Own:
    return queries.own(guards.actor(), number, now=guards.received_at())


@bp.route("/proposals/<int:number>/review", methods=["GET", "POST"])
def ask(number: int) -> ResponseReturnValue:
    """Write a request for a review, or read what became of it. POST saves without a script."""
    own, form = _own(number), forms.RequestForm()
    if form.validate_on_submit():
        try:
            _save(own, form)
            flash("Saved.", "success")
            return redirect(url_for(".ask", number=number))
        except Stale as problem:
            return _asking(own, form, conflict=problem)
    return _asking(own, form)


def _save(own: Own, form: forms.RequestForm) -> Request:
    with transaction():
        return services.save_request(
            own, form.values(), seen=form.seen, actor=guards.actor(), now=guards.received_at()
        )


def _asking(own: Own, form: forms.RequestForm, *, conflict: Stale | None = None) -> ResponseReturnValue:
    now, found, topic = guards.received_at(), own.request, own.proposal.topic
    form.criterion.choices = [("", "Choose one"), *((each.code, each.name) for each in topic.criteria)]
    if request.method == "GET" and found is not None:
        form.subject.data, form.criterion.data, form.text.data = found.subject, found.criterion, found.text
    form.version.data = str(conflict.version if conflict else found.version if found else 0)
    page = render_template(
        "redress/ask.html", own=own, form=form, may_ask=_may_ask(own, now), topic=topic, now=now,
        version=last_submission(own.proposal.id), conflict=conflict, zone=topic.call.zone,
        rulings=queries.confirmed_rulings(found.id) if found and found.sent_at else (),
        may_withdraw=access.may_withdraw(own.member, found.state) if found else None,
        saved=f"Saved {short_instant(found.changed_at, guards.actor().timezone or 'UTC')}" if found else "",
    )  # fmt: skip
    return page, 409 if conflict else 422 if form.has_errors else 200


@bp.post("/proposals/<int:number>/review/save")
def save_by_itself(number: int) -> ResponseReturnValue:
    made = _save(_own(number), forms.RequestForm())
    at = guards.received_at().astimezone(ZoneInfo(guards.actor().timezone or "UTC")).strftime("%H:%M:%S")
    return jsonify(version=made.version, saved_at=at, by=guards.actor().name, fragments={})


@bp.post("/proposals/<int:number>/review/send")
def send(number: int) -> ResponseReturnValue:
    own, form, conflict = _own(number), forms.RequestForm(), None
    if form.validate():
        try:
            with transaction():
                services.send_request(
                    own, form.values(), seen=form.seen, actor=guards.actor(), now=guards.received_at()
                )
            flash("Your request is sent. The receipt is on its way by e-mail.", "success")
            return redirect(url_for(".ask", number=number))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale as problem:
            conflict = problem
    return _asking(_own(number), form, conflict=conflict)


@bp.post("/proposals/<int:number>/review/withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    with transaction():
        services.withdraw_request(_own(number), actor=guards.actor(), now=guards.received_at())
    flash("Your request is withdrawn.", "success")
    return redirect(url_for(".ask", number=number))


@bp.get("/manage/redress")
def requests() -> ResponseReturnValue:
    """All requests that the actor may see."""
    actor, state = guards.staff(*_STAFF), request.args.get("state", "")
    state = state if state in set(RequestState) else ""
    page = listing.page(
        queries.requests(actor, state=state), [Request.sent_at, Request.id], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template(
        "redress/requests.html",
        page=page,
        state=state,
        states=list(RequestState)[1:],
        now=guards.received_at(),
        due_of=queries.answer_due,
    )


@bp.get("/manage/redress/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """One request with its committee, rulings and what is next."""
    return _page(number)


def _page(number: int, *, findings: Any = (), **given: Any) -> ResponseReturnValue:
    """``given``: forms with what was typed, by their name on the page."""
    actor = guards.staff(*_STAFF)
    found = queries.opened(actor, number)
    proposal, facts, topic = found.request.proposal, found.access, found.request.proposal.topic
    standing, names = queries.standing_of(proposal), {each.code: each.name for each in topic.criteria}
    possible = ON_ADMISSIBILITY if found.request.state is RequestState.SENT else OUTCOMES
    ruling = given.get("ruling") or forms.RulingForm(formdata=None)
    ruling.says.choices = [(each.value, each.label) for each in possible]
    ruling.criteria.choices = list(names.items())
    may_name = access.may_name_members(actor, facts)
    page = render_template(
        "redress/one.html", opened=found, request_=found.request, proposal=proposal, topic=topic, names=names,
        findings=findings, ruling=ruling, zone=topic.call.zone, notice=queries.notice_of(proposal),
        chances=[(each.name, rules.could_change(standing, {each.code})) for each in standing.criteria],
        whole=rules.could_change(standing, set(names)), candidates=_candidates(found) if may_name else (),
        opinion=given.get("opinion") or forms.OpinionForm(
            formdata=None, data={"opinion": found.request.opinion, "version": str(found.request.version)}
        ),
        back=given.get("back") or forms.SendBackForm(formdata=None), may_name=may_name,
        may_rule=access.may_rule(actor, facts), may_confirm=access.may_confirm(actor, facts),
        may_send_back=access.may_send_back(actor, facts), may_note=access.may_note_opinion(actor, facts),
        version=versions([proposal.id])[proposal.id], due_of=queries.answer_due,
        round_=found.request.round if _shows_round(actor, found) else None,
    )  # fmt: skip
    wrong = findings or any(each.has_errors for each in given.values())
    return page, 422 if wrong else 200


def _shows_round(actor: Actor, found: queries.Opened) -> bool:
    """Whether the page names the new round: there is one after some outcomes, and not every member may see it."""
    rounds = access.RoundAccess(programme=found.access.programme, state=RoundState.OPEN)
    return found.request.state is RequestState.DECIDED and bool(access.may_see_round(actor, rounds))


def _candidates(found: queries.Opened) -> list[tuple[Any, str]]:
    """Managers with what stands against each, those already on the committee left out."""
    known = queries.involvement(found.request.proposal)
    return [
        (each, rules.involved_as(each.id, known)) for each in queries.managers()
        if each.id not in found.access.committee
    ]  # fmt: skip


def _opened(number: int) -> queries.Opened:
    return queries.opened(guards.staff(Role.MANAGER), number, locked=True)


@bp.post("/manage/redress/<int:number>/ruling")
def propose(number: int) -> ResponseReturnValue:
    form = forms.RulingForm()
    says = Says(form.says.data) if form.says.data in set(Says) else None
    try:
        with transaction():
            services.propose_ruling(
                _opened(number), says, criteria=form.criteria.data or [], reason=form.reason.data or "",
                actor=guards.actor(), now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(number, ruling=form, findings=form.findings)
    flash("It is proposed. Another manager of the programme is asked to confirm it.", "success")
    return redirect(url_for(".one", number=number))


@bp.post("/manage/redress/<int:number>/ruling/confirm")
def confirm(number: int) -> ResponseReturnValue:
    """The second pair of eyes."""
    try:
        with transaction():
            services.confirm_ruling(_opened(number), actor=guards.actor(), now=guards.received_at())
    except Invalid as problem:
        return _page(number, findings=problem.findings)
    flash("It is confirmed, and the applicants are told.", "success")
    return redirect(url_for(".one", number=number))


@bp.post("/manage/redress/<int:number>/ruling/send-back")
def send_back(number: int) -> ResponseReturnValue:
    form = forms.SendBackForm()
    try:
        with transaction():
            services.send_back_ruling(
                _opened(number), reason=form.reason.data or "", actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as problem:
        form.show(problem.findings)
        return _page(number, back=form)
    flash("It is sent back.", "success")
    return redirect(url_for(".one", number=number))


@bp.post("/manage/redress/<int:number>/committee")
def committee(number: int) -> ResponseReturnValue:
    """Name a member, or take one off."""
    account_id, remove = whole(request.form.get("account_id")), request.form.get("do") == "remove"
    do = services.remove_member if remove else services.name_member
    try:
        with transaction():
            do(_opened(number), account_id, actor=guards.actor(), now=guards.received_at())
    except Invalid as problem:
        return _page(number, findings=problem.findings)
    flash("The member is taken off." if remove else "The member is named, and told by a letter.", "success")
    return redirect(url_for(".one", number=number) + "#committee")


@bp.post("/manage/redress/<int:number>/opinion")
def opinion(number: int) -> ResponseReturnValue:
    form = forms.OpinionForm()
    try:
        with transaction():
            services.note_opinion(
                _opened(number), form.opinion.data or "", seen=form.seen, actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(number, opinion=form)
    except Stale as problem:
        flash(CHANGED, "error")
        form.version.data = str(problem.version)
        return _page(number, opinion=form)
    flash("The opinion is kept.", "success")
    return redirect(url_for(".one", number=number))
