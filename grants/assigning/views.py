"""The managers' pages of the assignment: ask for it, watch it, look at it, take it over."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.assigning import access, forms, queries, replacing, services
from grants.assigning.rules import Options
from grants.assigning.states import UNDER_WAY
from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.evaluation import queries as evaluation
from grants.evaluation.models import Assignment
from grants.experts import queries as experts
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.numbers import whole
from grants.web import guards

bp = Blueprint("assigning", __name__)
#: Teams on one page.
ROWS = 50
_LAST_PAGE = 1_000_000


def _topic(actor: Actor, identifier: str) -> Topic:
    topic = calls.topic_for_work(actor, identifier)
    access.may_assign(actor, programme=topic.call.programme.code).require()
    return topic


@bp.get("/manage/topics/<identifier>/assignment")
def assignment(identifier: str) -> ResponseReturnValue:
    return _page(_topic(guards.staff(Role.MANAGER), identifier))


def _page(topic: Topic, *, form: Any = None, note: Any = None) -> ResponseReturnValue:
    run = queries.last_run(topic.id, whole=True)
    number = max(1, min(whole(request.args.get("page"), 1), _LAST_PAGE))
    shown = queries.teams(run, first=(number - 1) * ROWS, count=ROWS) if run else []
    note = note or forms.NoteForm(formdata=None)
    desks = evaluation.loads(topic.id)
    note.expert.choices = [(str(each.expert.id), each.expert.account.name) for each in desks]
    options = Options(**run.options) if run else Options()
    page = render_template(
        "assigning/assignment.html", topic=topic, run=run, teams=shown, number=number,
        pages=-(-len(run.teams) // ROWS) if run else 0, under_way=run is not None and run.state in UNDER_WAY,
        form=form or forms.RunForm(formdata=None, data=options.as_json()), note=note, experts=len(desks),
        notes=queries.notes_of(topic.id), places=sum(each.max_load for each in desks), now=guards.received_at(),
    )  # fmt: skip
    wrong = (form is not None and form.has_errors) or note.has_errors
    return page, 422 if wrong else 200


def _back(identifier: str) -> ResponseReturnValue:
    return redirect(url_for(".assignment", identifier=identifier))


@bp.post("/manage/topics/<identifier>/assignment/run")
def ask(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic, form = _topic(actor, identifier), forms.RunForm()
    if not form.validate_on_submit():
        return _page(topic, form=form)
    options = Options(
        size=topic.experts_per_proposal, per_country=form.per_country.data or 1, gender=form.gender.data,
        lead_share=form.lead_share.data or 50,
    )  # fmt: skip
    with transaction():
        services.ask_for_run(topic, options, actor=actor, now=guards.received_at())
    flash("The assignment is being computed. This page shows how far it is.", "success")
    return _back(identifier)


@bp.post("/manage/topics/<identifier>/assignment/<int:run_id>/stop")
def stop(identifier: str, run_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = _topic(actor, identifier)
    with transaction():
        services.stop_run(queries.run_of(topic.id, run_id), actor=actor, now=guards.received_at())
    flash("It stops at its next step.", "success")
    return _back(identifier)


@bp.post("/manage/topics/<identifier>/assignment/<int:run_id>/take-over")
def take_over(identifier: str, run_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = _topic(actor, identifier)
    with transaction():
        services.take_over(queries.run_of(topic.id, run_id), actor=actor, now=guards.received_at())
    flash("The experts are asked now, proposal by proposal. Each gets a letter.", "success")
    return _back(identifier)


@bp.post("/manage/topics/<identifier>/assignment/pairs")
def say(identifier: str) -> ResponseReturnValue:
    """What a manager says of one pair."""
    actor = guards.staff(Role.MANAGER)
    topic, form = _topic(actor, identifier), forms.NoteForm()
    form.expert.choices = [(str(each.expert.id), "") for each in evaluation.loads(topic.id)]
    if not form.validate_on_submit():
        return _page(topic, note=form)
    proposal = queries.competing(topic.id, form.number.data or 0)
    (expert,) = experts.experts_by_id([int(form.expert.data)])
    try:
        with transaction():
            services.note_pair(
                proposal, expert, fit=form.fit.data, forbidden=bool(form.forbidden.data), actor=actor,
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(topic, note=form)
    flash("It counts from the next computation on.", "success")
    return _back(identifier)


@bp.post("/manage/topics/<identifier>/assignment/pairs/<int:note_id>/forget")
def forget(identifier: str, note_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = _topic(actor, identifier)
    with transaction():
        services.forget(topic.id, note_id, actor=actor, now=guards.received_at())
    flash("It does not count any more.", "success")
    return _back(identifier)


def _given(number: int, assignment_id: int) -> Assignment:
    """An assignment of a proposal that the actor manages. Raises NotFound."""
    proposal = evaluation.managed_proposal(guards.staff(Role.MANAGER), number, now=guards.received_at())
    for each in evaluation.assignments_of(proposal.id):
        if each.id == assignment_id:
            return each
    raise NotFound


@bp.get("/manage/proposals/<int:number>/evaluation/<int:assignment_id>/replace")
def others(number: int, assignment_id: int) -> ResponseReturnValue:
    """Who could take this expert's place, the best first."""
    given = _given(number, assignment_id)
    found = replacing.others(given, now=guards.received_at())
    return render_template("assigning/replace.html", assignment=given, topic=given.proposal.topic, others=found)


@bp.post("/manage/proposals/<int:number>/evaluation/<int:assignment_id>/replace")
def replace(number: int, assignment_id: int) -> ResponseReturnValue:
    given = _given(number, assignment_id)
    found = experts.experts_by_id([whole(request.form.get("expert"))])
    if not found:
        flash("Choose one of these experts.", "error")
        return redirect(url_for(".others", number=number, assignment_id=assignment_id))
    try:
        with transaction():
            replacing.replace(given, found[0], actor=guards.actor(), now=guards.received_at())
        flash(f"{found[0].account.name} is asked instead. Both get a letter.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
        return redirect(url_for(".others", number=number, assignment_id=assignment_id))
    return redirect(url_for("evaluation.proposal", number=number))
