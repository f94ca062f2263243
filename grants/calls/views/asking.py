"""Questions and answers of a call, and who is invited to a topic that is by invitation only."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import access, forms, queries, services
from grants.calls.models import Call, CallQuestion, Topic
from grants.calls.views.blueprint import bp
from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import queries as organisations
from grants.web import guards, listing


@bp.route("/calls/<identifier>/questions", methods=["GET", "POST"])
def questions(identifier: str) -> ResponseReturnValue:
    """What was asked and answered, open to everybody; signed-in people ask here."""
    actor, now = guards.visitor(), guards.received_at()
    call = queries.call_page(actor, identifier)
    closing = queries.questions_closing(call)
    may_ask = access.may_ask(actor, state=call.state, until=closing, now=now)
    form = forms.QuestionForm()
    form.topic.choices = [("", "The whole call"), *((each.identifier, each.title) for each in call.topics)]
    if request.method == "POST" and guards.actor() and form.validate_on_submit():
        topic = next((each for each in call.topics if each.identifier == form.topic.data), None)
        try:
            with transaction():
                services.ask(call, form.text.data or "", topic=topic, actor=actor, now=now)
            flash("Your question is with the programme's managers. The answer comes by letter too.", "success")
            return redirect(url_for(".questions", identifier=identifier))
        except Invalid as problem:
            form.show(problem.findings)
    page = listing.page(
        queries.answered_questions(call.id), [CallQuestion.answered_at, CallQuestion.id], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template(
        "calls/questions.html", call=call, form=form, page=page, closing=closing, may_ask=may_ask,
        mine=queries.own_questions(actor, call.id) if actor.signed_in else [],
        may_manage=access.may_manage_call(actor, programme=call.programme.code),
    ), 422 if form.has_errors else 200  # fmt: skip


@bp.get("/manage/calls/<identifier>/questions")
def asked(identifier: str) -> ResponseReturnValue:
    call = _managed(identifier)
    page = listing.page(
        queries.asked_questions(call.id), [CallQuestion.id], descending=True, after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("calls/asked.html", call=call, page=page)


@bp.route("/manage/calls/<identifier>/questions/<int:question_id>", methods=["GET", "POST"])
def answer(identifier: str, question_id: int) -> ResponseReturnValue:
    call = _managed(identifier)
    question = queries.question_of(call, question_id)
    form = forms.AnswerForm(obj=None if request.method == "POST" else question)
    if form.validate_on_submit():
        publish = request.form.get("do") != "decline"
        try:
            with transaction():
                services.answer(
                    question, text=form.text.data or "", answer=form.answer.data or "", publish=publish,
                    actor=guards.actor(), now=guards.received_at(),
                )  # fmt: skip
            flash("The answer is public." if publish else "The asker is told why it is not published.", "success")
            return redirect(url_for(".asked", identifier=identifier))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template("calls/answer.html", call=call, question=question, form=form)
    return page, 422 if form.has_errors else 200


def _managed(identifier: str) -> Call:
    actor = guards.staff(Role.MANAGER)
    call = queries.call_page(actor, identifier)
    access.may_manage_call(actor, programme=call.programme.code).require()
    return call


@bp.route("/manage/topics/<identifier>/invited", methods=["GET", "POST"])
def invited(identifier: str) -> ResponseReturnValue:
    """Who may apply; POST invites an organisation by PIC or a person by address."""
    topic, form = _topic(identifier), forms.InvitedForm()
    if form.validate_on_submit():
        who = form.who.data or ""
        organisation = organisations.by_pic(who)
        try:
            if organisation is None and "@" not in who:
                form.who.errors = [*form.who.errors, "No organisation has this PIC. Find it in the registry first."]
            else:
                with transaction():
                    services.invite(
                        topic, organisation=organisation, email=who, actor=guards.actor(), now=guards.received_at()
                    )
                flash(f"{organisation.legal_name if organisation else who} is invited.", "success")
                return redirect(url_for(".invited", identifier=identifier))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template("calls/invited.html", topic=topic, form=form, invited=queries.invitations(topic.id))
    return page, 422 if form.has_errors else 200


@bp.post("/manage/topics/<identifier>/invited/<int:invitation_id>/remove")
def uninvite(identifier: str, invitation_id: int) -> ResponseReturnValue:
    topic = _topic(identifier)
    found = next((each for each in queries.invitations(topic.id) if each.id == invitation_id), None)
    if found is None:
        raise NotFound
    with transaction():
        services.uninvite(topic, found, actor=guards.actor(), now=guards.received_at())
    flash("The invitation is taken back.", "success")
    return redirect(url_for(".invited", identifier=identifier))


def _topic(identifier: str) -> Topic:
    actor = guards.staff(Role.MANAGER)
    topic = queries.topic_page(actor, identifier)
    access.may_manage_call(actor, programme=topic.call.programme.code).require()
    return topic
