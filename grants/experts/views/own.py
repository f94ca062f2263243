"""What experts do themselves: their profile, background and declaration, and answers to invitations."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.accounts import queries as accounts
from grants.db import transaction
from grants.experts import access, forms, queries, services
from grants.experts.models import Expert
from grants.experts.rules import LANGUAGES, lines, terms
from grants.experts.views.blueprint import bp
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.organisations import queries as organisations
from grants.web import guards
from grants.web.filters import language_name


@bp.route("/evaluation/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    actor = guards.actor()
    access.may_have_profile(actor).require()
    known = queries.own_profile(actor.id or 0)
    form = forms.ProfileForm(obj=None if request.method == "POST" else known)
    form.languages.choices = [(code, language_name(code)) for code in LANGUAGES]
    if request.method == "GET" and known is not None:
        form.expertise.data = ", ".join(known.expertise)
        form.pic.data = organisations.pic_of(known.employer_id) if known.employer_id else ""
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
                        languages=form.languages.data or [], gender=form.gender.data or "", actor=actor,
                        now=guards.received_at(),
                    )  # fmt: skip
                flash("Your profile is saved.", "success")
                return redirect(url_for("evaluation.own"))
            except Invalid as problem:
                form.show(problem.findings)
    return render_template("experts/profile.html", form=form, expert=known), 422 if form.has_errors else 200


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


def _own_expert(actor: Actor) -> Expert:
    """The actor's profile. A person without one describes themselves first."""
    access.may_have_profile(actor).require()
    found = queries.own_profile(actor.id or 0)
    if found is None:
        raise Refused("no-profile", "First fill in your profile as an expert.", status=409)
    return found


@bp.route("/evaluation/background", methods=["GET", "POST"])
def background() -> ResponseReturnValue:
    """Dated employers and publications."""
    actor = guards.actor()
    expert = _own_expert(actor)
    form = forms.BackgroundForm(obj=None if request.method == "POST" else expert)
    if request.method == "GET":
        form.jobs.data, form.publications.data = _job_lines(expert), _publication_lines(expert)
    elif form.validate():
        jobs, wrong_jobs = lines.jobs(form.jobs.data or "")
        publications, wrong_publications = lines.publications(form.publications.data or "")
        try:
            if wrong_jobs or wrong_publications:
                raise Invalid([*wrong_jobs, *wrong_publications])
            with transaction():
                services.change_background(
                    expert, nationality=form.nationality.data or "", sector=form.sector.data or "",
                    orcid=form.orcid.data or "", jobs=jobs, publications=publications, actor=actor,
                    now=guards.received_at(),
                )  # fmt: skip
            flash("Your employers and publications are saved.", "success")
            return redirect(url_for(".background"))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("experts/background.html", form=form), 422 if form.has_errors else 200


def _job_lines(expert: Expert) -> str:
    pics = {each.id: organisations.pic_of(each.organisation_id) for each in expert.jobs if each.organisation_id}
    return "\n".join(
        f"{each.began_on} | {each.ended_on or ''} | {each.name} | {each.department} | {pics.get(each.id, '')}"
        for each in expert.jobs
    )


def _publication_lines(expert: Expert) -> str:
    return "\n".join(
        f"{each.year} | {each.title} | {each.doi} | {'; '.join(each.authors)}" for each in expert.publications
    )


@bp.route("/evaluation/interests", methods=["GET", "POST"])
def interests() -> ResponseReturnValue:
    """The yearly declaration."""
    actor = guards.actor()
    expert = _own_expert(actor)
    form = forms.InterestsForm()
    if request.method == "GET":
        form.ties.data = "\n".join(f"{each.kind} | {each.name}" for each in expert.ties)
    elif form.validate():
        ties, wrong = lines.ties(form.ties.data or "")
        try:
            if wrong:
                raise Invalid(wrong)
            with transaction():
                services.declare_interests(
                    expert, ties, declared=bool(form.declared.data), actor=actor, now=guards.received_at()
                )
            flash("Your declaration is kept.", "success")
            return redirect(url_for(".interests"))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template("experts/interests.html", form=form, expert=expert)
    return page, 422 if form.has_errors else 200


@bp.route("/evaluation/availability", methods=["GET", "POST"])
def availability() -> ResponseReturnValue:
    """Days when the expert is away."""
    actor = guards.actor()
    expert = _own_expert(actor)
    form = forms.AvailabilityForm()
    if request.method == "GET":
        form.absences.data = "\n".join(f"{each.began_on} | {each.ended_on}" for each in expert.absences)
    elif form.validate():
        absences, wrong = lines.absences(form.absences.data or "")
        try:
            if wrong:
                raise Invalid(wrong)
            with transaction():
                services.change_absences(expert, absences, actor=actor, now=guards.received_at())
            flash("The days are saved.", "success")
            return redirect(url_for(".availability"))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("experts/availability.html", form=form), 422 if form.has_errors else 200
