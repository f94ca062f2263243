"""Hearings: the officer's page, and the page of the applicants, who see nothing else of the panel."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, Stale
from grants.panels import access, forms
from grants.panels.models import Hearing
from grants.panels.queries import hearings as queries
from grants.panels.queries.hearings import OwnHearing
from grants.panels.queries.proposals import OpenedItem
from grants.panels.services import hearings as services
from grants.panels.services.hearings import Wanted
from grants.panels.states import HearingKind, HearingState
from grants.panels.views.blueprint import CHANGED, bp, check, instant_of, local_of, saved, seen
from grants.panels.views.proposals import open_item
from grants.proposals.queries import is_blind
from grants.web import guards


def _open(panel_id: int, number: int) -> OpenedItem:
    guards.staff(Role.MANAGER)
    opened = open_item(panel_id, number)
    access.may_manage(guards.actor(), programme=opened.access.panel.programme).require()
    return opened


@bp.get("/panels/<int:panel_id>/proposals/<int:number>/hearing")
def hearing(panel_id: int, number: int) -> ResponseReturnValue:
    """Prepare, send, change or cancel a hearing: officers."""
    return _page(panel_id, number)


def _page(panel_id: int, number: int, form: Any = None, *, status: int = 0) -> ResponseReturnValue:
    opened = _open(panel_id, number)
    found = queries.present(opened.proposal.id)
    form = form or forms.HearingForm(formdata=None, data=_data(found, opened))
    page = render_template(
        "panels/hearing.html", opened=opened, panel=opened.panel, proposal=opened.proposal, topic=opened.topic,
        zone=opened.topic.call.zone, hearing=found, form=form, slots=queries.slots(panel_id),
        reason=forms.ReasonForm(formdata=None), all=queries.of_proposal(opened.proposal.id),
    )  # fmt: skip
    return page, status or (422 if form.has_errors else 200)


def _data(found: Hearing | None, opened: OpenedItem) -> dict[str, Any]:
    if found is None:
        return {"version": "0", "kind": HearingKind.WRITING.value, "place": opened.panel.place}
    local = {
        name: local_of(getattr(found, name), opened.topic) for name in ("send_at", "answer_by", "starts_at")
    }  # fmt: skip
    return local | {
        "version": str(found.version), "kind": found.kind.value, "minutes": found.minutes, "place": found.place,
        "questions": "\n\n".join(each.text for each in found.questions),
    }  # fmt: skip


def _wanted(form: forms.HearingForm, opened: OpenedItem) -> Wanted:
    """As typed. Raises Invalid for a time that the clocks skip."""
    kind = form.kind.data if form.kind.data in set(HearingKind) else HearingKind.WRITING
    text = (form.questions.data or "").replace("\r", "")
    return Wanted(
        kind=HearingKind(kind), questions=[each.strip() for each in text.split("\n\n") if each.strip()],
        send_at=instant_of(form, "send_at", opened.topic), answer_by=instant_of(form, "answer_by", opened.topic),
        starts_at=instant_of(form, "starts_at", opened.topic), minutes=form.minutes.data, place=form.place.data or "",
    )  # fmt: skip


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/hearing")
def write_hearing(panel_id: int, number: int) -> ResponseReturnValue:
    """Save a draft, send it, or change one that was sent: ``do`` says which."""
    form, do, actor, now = forms.HearingForm(), request.form.get("do", ""), guards.actor(), guards.received_at()
    opened = _open(panel_id, number)
    try:
        check(form)
        with transaction():
            wanted = _wanted(form, opened)
            if do == "change":
                services.change_hearing(
                    opened, starts_at=wanted.starts_at, minutes=wanted.minutes, place=wanted.place,
                    answer_by=wanted.answer_by, seen=form.seen, actor=actor, now=now,
                )  # fmt: skip
            else:
                write = services.send_hearing if do == "send" else services.save_hearing
                write(opened, wanted, seen=form.seen, actor=actor, now=now)
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, number, form)
    except Stale as problem:
        flash(CHANGED, "error")
        form.version.data = str(problem.version)
        return _page(panel_id, number, form, status=409)
    words = {"send": "It is sent to the main contact.", "change": "It is changed. The main contact is told."}
    flash(words.get(do, "Saved. Nobody is told yet."), "success")
    return redirect(url_for(".hearing", panel_id=panel_id, number=number))


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/hearing/cancel")
def cancel_hearing(panel_id: int, number: int) -> ResponseReturnValue:
    form = forms.ReasonForm()
    try:
        check(form)
        with transaction():
            services.cancel_hearing(
                _open(panel_id, number), reason=form.reason.data or "", actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash("The hearing is cancelled.", "success")
    return redirect(url_for(".hearing", panel_id=panel_id, number=number))


@bp.get("/proposals/<int:number>/hearing")
def own_hearing(number: int) -> ResponseReturnValue:
    """Questions and slot as the people of the proposal see them."""
    return _own_page(number)


def _own_page(
    number: int, *, findings: Any = (), typed: Any = None, version: int = 0, status: int = 0
) -> ResponseReturnValue:
    now = guards.received_at()
    own = queries.own(guards.actor(), number, now=now)
    may_answer = access.may_answer(own.access, now=now)
    named = services.naming_findings(own, {each.id: each.answer for each in own.hearing.questions})
    page = render_template(
        "panels/own_hearing.html", own=own, hearing=own.hearing, proposal=own.proposal, topic=own.proposal.topic,
        zone=own.proposal.topic.call.zone, may_answer=may_answer, findings=findings,
        may_confirm=access.may_confirm_slot(own.access, now=now), typed=typed or {},
        wrong={each.place: each.message for each in findings}, seen=version or own.hearing.version,
        blind=is_blind(own.proposal), named=named if may_answer and not findings else [],
        writing=own.hearing.kind is HearingKind.WRITING, done=own.hearing.state is not HearingState.SENT,
    )  # fmt: skip
    return page, status or (422 if findings else 200)


@bp.post("/proposals/<int:number>/hearing")
def answer_hearing(number: int) -> ResponseReturnValue:
    """Save the answers, as the page does by itself, hand them in, or confirm the interview: ``do`` says which."""
    actor, now, do = guards.actor(), guards.received_at(), request.form.get("do", "")
    if guards.wants_json():
        with transaction():
            own = queries.own(actor, number, now=now, locked=True)
            version = services.save_answers(own, _answers(own), seen=seen(), actor=actor, now=now)
        return saved(version)
    try:
        with transaction():
            own = queries.own(actor, number, now=now, locked=True)
            if do == "confirm":
                services.confirm_slot(own, seen=seen(), actor=actor, now=now)
            else:
                write = services.hand_in_answers if do == "submit" else services.save_answers
                write(own, _answers(own), seen=seen(), actor=actor, now=now)
    except Invalid as problem:
        return _own_page(number, findings=problem.findings, typed=request.form)
    except Stale as problem:
        flash(CHANGED, "error")
        return _own_page(number, typed=request.form, version=problem.version, status=409)
    words = {"confirm": "You confirmed the interview.", "submit": "Your answers are handed in."}
    flash(words.get(do, "Saved. Hand the answers in before the time is over."), "success")
    return redirect(url_for(".own_hearing", number=number))


def _answers(own: OwnHearing) -> dict[int, str]:
    """What was typed for each question, with the line ends that are counted as people see them."""
    return {
        each.id: request.form.get(f"answer-{each.id}", each.answer).replace("\r\n", "\n")
        for each in own.hearing.questions
    }
