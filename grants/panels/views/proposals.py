"""One proposal before its panel: what members read, cross-reading, what the panel found, a declared conflict."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.views import serve
from grants.evaluation import facts as evaluated
from grants.evaluation import subject as subjects
from grants.evaluation.rules import plain_number
from grants.evaluation.visibility import Aspect
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Stale, Unavailable
from grants.kernel.numbers import whole
from grants.panels import access, forms
from grants.panels.queries import hearings, panels
from grants.panels.queries import meetings as sitting
from grants.panels.queries import proposals as queries
from grants.panels.queries.proposals import OpenedItem
from grants.panels.services import outcomes, reading
from grants.panels.states import TOLD, NoteState
from grants.panels.views.blueprint import CHANGED, bp, check, saved
from grants.web import guards


@bp.get("/panels")
def own() -> ResponseReturnValue:
    """The panels in which the actor sits."""
    return render_template("panels/own.html", panels=panels.own(guards.actor()))


@bp.get("/panels/<int:panel_id>")
def own_panel(panel_id: int) -> ResponseReturnValue:
    """One panel for its members: meetings that they were told of, what they cross-read."""
    actor, now = guards.actor(), guards.received_at()
    opened = panels.opened(actor, panel_id)
    me = next((each for each in opened.panel.members if each.expert.account_id == actor.id), None)
    told = [each for each in sitting.of_panel(panel_id) if each.invited_at is not None or each.opened_at is not None]
    readings = queries.readings_of(panel_id, me, opened.topic, now=now) if me else []
    return render_template(
        "panels/own_panel.html", panel=opened.panel, topic=opened.topic, zone=opened.topic.call.zone, meetings=told,
        readings=readings, leads=bool(access.may_lead(actor, opened.access)),
    )  # fmt: skip


def open_item(panel_id: int, number: int, *, locked: bool = False) -> OpenedItem:
    """The proposal as the actor may see it, or not found."""
    return queries.opened(guards.actor(), panel_id, number, now=guards.received_at(), locked=locked)


@bp.get("/panels/<int:panel_id>/proposals/<int:number>")
def proposal(panel_id: int, number: int) -> ResponseReturnValue:
    return _page(panel_id, number)


def _page(
    panel_id: int, number: int, *, findings: Any = (), typed: Any = None, status: int = 0, **given: Any
) -> ResponseReturnValue:
    """``given``: forms with what was typed; ``typed``: scores and marks as typed; ``status``: 0 takes 422 or 200."""
    actor, opened = guards.actor(), open_item(panel_id, number)
    facts, manages = opened.access, actor.manages(opened.access.panel.programme)
    read = subjects.of(opened.proposal, withheld=queries.withheld(opened, actor))
    if read is None:
        raise NotFound
    shows, early = queries.seen_of(opened, actor), facts.own_report_missing and not manages
    may_read = access.may_read_report(actor, facts)
    report = queries.judged(opened.consensus, shows) if may_read and opened.consensus else []
    note = given.get("note") or forms.NoteForm(
        formdata=None,
        data={"note": opened.note.note, "version": str(opened.note.version)} if opened.note else {},
    )
    page = render_template(
        "panels/proposal.html", opened=opened, panel=opened.panel, proposal=opened.proposal, topic=opened.topic,
        zone=opened.topic.call.zone, subject=read, manages=manages, report=report, may_read=may_read,
        scored=Aspect.SCORES in shows, worded=Aspect.TEXTS in shows, early=early,
        criteria=evaluated.criteria(opened.proposal), findings=findings,
        typed=typed or {}, wrong={each.place: each.message for each in findings}, note=note,
        names=queries.evaluators(opened.proposal.id) if Aspect.NAMES in shows else [],
        notes=[
            each for each in queries.notes(opened.proposal.id)
            if not early and _is_shown(each, opened, manages=manages)
        ],
        outcomes=[] if early else queries.outcomes(opened.proposal.id), number_of=plain_number,
        hearings=[
            each for each in hearings.of_proposal(opened.proposal.id)
            if manages or (each.state in TOLD and not early)
        ],
        outcome=given.get("outcome") or forms.OutcomeForm(formdata=None),
        back=given.get("back") or forms.ReasonForm(formdata=None),
        conflict=given.get("conflict") or forms.ReasonForm(formdata=None),
        members=panels.opened(actor, panel_id).panel.members if manages else [],
        may_record=access.may_record(actor, facts), may_confirm=access.may_confirm(actor, facts),
        may_send_back=access.may_send_back(actor, facts), may_write=access.may_write_note(actor, facts),
        may_declare=access.may_declare(actor, facts),
    )  # fmt: skip
    wrong = findings or any(each.has_errors for each in given.values())
    return page, status or (422 if wrong else 200)


def _is_shown(note: Any, opened: OpenedItem, *, manages: bool) -> bool:
    """Drafts are their writer's; others' notes are read after one's own is handed in."""
    own = opened.note is not None and note.id == opened.note.id
    if manages or own:
        return True
    ready = opened.note is None or opened.note.state is NoteState.SUBMITTED
    return ready and note.state is NoteState.SUBMITTED


def _back(panel_id: int, number: int, anchor: str = "") -> ResponseReturnValue:
    return redirect(url_for(".proposal", panel_id=panel_id, number=number, _anchor=anchor or None))


def _typed(opened: OpenedItem, kind: str, *more: str) -> dict[str, Any]:
    """What was typed for each criterion."""
    given = request.form
    if not more:
        return {each.code: given.get(f"{kind}.{each.code}", "")[:20] for each in evaluated.criteria(opened.proposal)}
    return {
        each.code: tuple(given.get(f"{kind}.{each.code}.{part}", "")[:5000] for part in more)
        for each in evaluated.criteria(opened.proposal)
    }


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/outcome")
def record_outcome(panel_id: int, number: int) -> ResponseReturnValue:
    """What the panel found: an officer or the chair writes it down."""
    form = forms.OutcomeForm()
    try:
        check(form)
        with transaction():
            opened = open_item(panel_id, number, locked=True)
            made = outcomes.record_outcome(
                opened, _typed(opened, "scores", "score", "reason"), change=form.outcome.data == "change",
                remark=form.remark.data or "", actor=guards.actor(), now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, number, findings=problem.findings, typed=request.form, outcome=form)
    waits = "It is recorded. Another officer is asked to confirm the new scores."
    flash(waits if made.changes else "It is recorded: the scores stay.", "success")
    return _back(panel_id, number, "outcome")


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/outcome/confirm")
def confirm_outcome(panel_id: int, number: int) -> ResponseReturnValue:
    """The second pair of eyes."""
    with transaction():
        opened = open_item(panel_id, number, locked=True)
        outcomes.confirm_outcome(opened, actor=guards.actor(), now=guards.received_at())
    flash("The new scores count from now on.", "success")
    return _back(panel_id, number, "outcome")


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/outcome/send-back")
def send_back_outcome(panel_id: int, number: int) -> ResponseReturnValue:
    form = forms.ReasonForm()
    try:
        check(form)
        with transaction():
            opened = open_item(panel_id, number, locked=True)
            outcomes.send_back_outcome(
                opened, reason=form.reason.data or "", actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, number, back=form)
    flash("It is sent back: the scores stay.", "success")
    return _back(panel_id, number, "outcome")


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/readers")
def readers(panel_id: int, number: int) -> ResponseReturnValue:
    """Name a cross-reader, or ask one no more."""
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    member_id, remove = whole(request.form.get("member")), request.form.get("do") == "remove"
    try:
        with transaction():
            opened = open_item(panel_id, number)
            if remove:
                reading.remove_reader(opened, member_id, actor=actor, now=now)
            else:
                reading.name_reader(panels.managed(actor, panel_id), opened, member_id, actor=actor, now=now)
    except Invalid as problem:
        return _page(panel_id, number, findings=problem.findings)
    flash("Is asked no more." if remove else "Is asked to cross-read, by a letter.", "success")
    return _back(panel_id, number, "reading")


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/note")
def write_note(panel_id: int, number: int) -> ResponseReturnValue:
    """Save the own note, as its page does by itself, or hand it in: ``do`` says which."""
    form, submits = forms.NoteForm(), request.form.get("do") == "submit"
    if guards.wants_json():
        check(form)
        with transaction():
            opened = open_item(panel_id, number)
            kept = reading.save_note(
                opened, form.note.data or "", _typed(opened, "marks"), seen=form.seen, actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
        return saved(kept.version)
    do = reading.submit_note if submits else reading.save_note
    try:
        check(form)
        with transaction():
            opened = open_item(panel_id, number)
            do(
                opened, form.note.data or "", _typed(opened, "marks"), seen=form.seen, actor=guards.actor(),
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, number, findings=problem.findings, typed=request.form, note=form)
    except Stale as problem:
        flash(CHANGED, "error")
        form.version.data = str(problem.version)
        return _page(panel_id, number, typed=request.form, note=form, status=409)
    flash("Your note is handed in. It is locked now." if submits else "Saved.", "success")
    return _back(panel_id, number, "reading")


@bp.post("/panels/<int:panel_id>/proposals/<int:number>/conflict")
def declare(panel_id: int, number: int) -> ResponseReturnValue:
    """A member has a conflict: the proposal is closed to them."""
    form = forms.ReasonForm()
    try:
        check(form)
        with transaction():
            opened = open_item(panel_id, number)
            reading.declare_conflict(
                opened, reason=form.reason.data or "", actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, number, conflict=form)
    flash("Thank you. The proposal is closed to you now.", "success")
    return redirect(url_for(".own_panel", panel_id=panel_id))


@bp.get("/panels/<int:panel_id>/proposals/<int:number>/files/<uuid:document_id>")
def file(panel_id: int, number: int, document_id: UUID) -> ResponseReturnValue:
    """A file of the version that counts, as evaluators read it. Rights are checked each time it is asked for."""
    opened = open_item(panel_id, number)
    proposal, withheld = opened.proposal, queries.withheld(opened, guards.actor())
    read = subjects.of(proposal, withheld=withheld)
    paper = next((each for each in read.papers if each.id == document_id), None) if read else None
    if paper is None:
        raise NotFound
    shown = subjects.copy_for_experts(paper, proposal, withheld=withheld)
    if shown is None:
        with transaction():
            subjects.ask_for_copy(paper, proposal, withheld=withheld)
        raise Unavailable("copy-in-making", "The copy for experts is being made. Try again in a minute.")
    return serve(shown, guards.actor())
