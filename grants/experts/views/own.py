"""What experts do themselves: their profile, and answers to invitations."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.accounts import queries as accounts
from grants.db import transaction
from grants.experts import access, forms, queries, services
from grants.experts.rules import LANGUAGES, terms
from grants.experts.views.blueprint import bp
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.organisations import queries as organisations
from grants.web import guards
from grants.web.filters import language_name


@bp.route("/evaluation/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    actor = guards.actor()
    access.may_have_profile(actor).require()
    known, conflict = queries.own_profile(actor.id or 0), None
    form = forms.ProfileForm(obj=None if request.method == "POST" else known)
    form.languages.choices = [(code, language_name(code)) for code in LANGUAGES]
    if request.method == "GET" and known is not None:
        form.expertise.data = ", ".join(known.expertise)
        form.pic.data = organisations.pic_of(known.employer_id) if known.employer_id else ""
        form.version.data = str(known.profile_version)
    if form.validate_on_submit():
        account = accounts.account(actor.id or 0)
        employer = organisations.by_pic(form.pic.data) if form.pic.data else None
        if account is None:
            raise NotFound
        if form.pic.data and employer is None:
            form.pic.errors = ["No organisation has this PIC. Leave it empty and give the name."]
        else:
            try:
                with transaction():
                    services.register_expert(
                        account, employer=employer, employer_name=form.employer_name.data or "",
                        country=form.country.data or "", expertise=(form.expertise.data or "").split(","),
                        languages=form.languages.data or [], gender=form.gender.data or "", seen=form.seen,
                        actor=actor, now=guards.received_at(),
                    )  # fmt: skip
                flash("Your profile is saved.", "success")
                return redirect(url_for("evaluation.own"))
            except Invalid as problem:
                form.show(problem.findings)
            except Stale as problem:
                conflict, form.version.data = problem, str(problem.version)
    page = render_template("experts/profile.html", form=form, expert=known, conflict=conflict)
    return page, 409 if conflict else 422 if form.has_errors else 200


@bp.route("/evaluation/invitations/<int:invitation_id>", methods=["GET", "POST"])
def answer(invitation_id: int) -> ResponseReturnValue:
    """What is asked of the expert, with both answers."""
    actor, now = guards.actor(), guards.received_at()
    found = queries.own_invitation(actor, invitation_id)
    verdict = access.may_answer(actor, expert_account=found.expert.account_id, state=found.state)
    if request.method == "GET" and verdict.hidden:
        verdict.require()
    accept, decline = forms.AcceptForm(), forms.DeclineForm()
    if request.method == "GET":
        accept.takes.data = found.max_load
    if accept.validate_on_submit():
        accepts = request.form.get("answer") == "accept"
        try:
            with transaction():
                services.answer_invitation(
                    found, accept=accepts, declared=bool(accept.declared.data), trained=bool(accept.trained.data),
                    takes=accept.takes.data,
                    reason=decline.reason.data or "", actor=actor, now=now,
                )  # fmt: skip
            flash("Thank you. You will get a letter for each proposal." if accepts else "You declined.", "success")
            return redirect(url_for("evaluation.own"))
        except Invalid as problem:
            accept.show(problem.findings)
    page = render_template(
        "experts/invitation.html",
        invitation=found,
        topic=found.topic,
        terms=found.terms or found.topic.expert_terms or terms.USUAL,
        accept=accept,
        decline=decline,
        verdict=verdict,
    )
    return page, 422 if accept.has_errors else 200
