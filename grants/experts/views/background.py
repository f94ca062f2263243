"""What only the expert knows and conflicts are found by: employers, publications, interests; and when they are away.

A save over what was changed elsewhere meanwhile is refused, and both are shown.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.experts import access, forms, queries, services, texts
from grants.experts.models import Expert
from grants.experts.rules import lines
from grants.experts.views.blueprint import bp
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused, Stale
from grants.kernel.findings import Finding
from grants.web import guards
from grants.web.forms import Versioned


def own_expert(actor: Actor) -> Expert:
    """The actor's profile. A person without one describes themselves first."""
    access.may_have_profile(actor).require()
    found = queries.own_profile(actor.id or 0)
    if found is None:
        raise Refused("no-profile", "First fill in your profile as an expert.", status=409)
    return found


def page(
    template: str, expert: Expert, form: Versioned, kept: dict[str, str], version: int, save: Callable[[], str]
) -> ResponseReturnValue:
    """One page with a form over ``kept``: shown, or saved by ``save``, which gives the words that tell of it."""
    conflict = None
    if request.method == "GET":
        for name, text in kept.items():
            form[name].data = text
        form.version.data = str(version)
    elif form.validate():
        try:
            with transaction():
                said = save()
            flash(said, "success")
            return redirect(url_for(request.endpoint or ""))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale as problem:
            conflict, form.version.data = problem, str(problem.version)
    shown = render_template(template, form=form, expert=expert, conflict=conflict)
    return shown, 409 if conflict else 422 if form.has_errors else 200


def _whole(*wrong: list[Finding]) -> None:
    """Raises Invalid where any line cannot be read."""
    if found := [each for part in wrong for each in part]:
        raise Invalid(found)


@bp.route("/evaluation/background", methods=["GET", "POST"])
def background() -> ResponseReturnValue:
    """Dated employers and publications."""
    actor, form = guards.actor(), forms.BackgroundForm()
    expert = own_expert(actor)

    def save() -> str:
        jobs, wrong_jobs = lines.jobs(form.jobs.data or "")
        publications, wrong_publications = lines.publications(form.publications.data or "")
        _whole(wrong_jobs, wrong_publications)
        services.change_background(
            expert, nationality=form.nationality.data or "", sector=form.sector.data or "",
            orcid=form.orcid.data or "", jobs=jobs, publications=publications, seen=form.seen, actor=actor,
            now=guards.received_at(),
        )  # fmt: skip
        return "Your employers and publications are saved."

    kept = texts.background(expert) if request.method == "GET" else {}
    return page("experts/background.html", expert, form, kept, expert.background_version, save)


@bp.route("/evaluation/interests", methods=["GET", "POST"])
def interests() -> ResponseReturnValue:
    """The yearly declaration."""
    actor, form = guards.actor(), forms.InterestsForm()
    expert = own_expert(actor)

    def save() -> str:
        ties, wrong = lines.ties(form.ties.data or "")
        _whole(wrong)
        services.declare_interests(
            expert, ties, declared=bool(form.declared.data), seen=form.seen, actor=actor, now=guards.received_at()
        )
        return "Your declaration is kept."

    kept = texts.interests(expert) if request.method == "GET" else {}
    return page("experts/interests.html", expert, form, kept, expert.interests_version, save)


@bp.route("/evaluation/availability", methods=["GET", "POST"])
def availability() -> ResponseReturnValue:
    """Days when the expert is away."""
    actor, form = guards.actor(), forms.AvailabilityForm()
    expert = own_expert(actor)

    def save() -> str:
        absences, wrong = lines.absences(form.absences.data or "")
        _whole(wrong)
        services.change_absences(expert, absences, seen=form.seen, actor=actor, now=guards.received_at())
        return "The days are saved."

    kept = texts.absences(expert) if request.method == "GET" else {}
    return page("experts/availability.html", expert, form, kept, expert.absences_version, save)
