"""The registry of experts for officers: who is there, one profile, validated or returned."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.accounts.models import Account
from grants.db import transaction
from grants.experts import access, forms, queries, services
from grants.experts.models import Expert
from grants.experts.rules import LANGUAGES, SECTORS, TIES, USUAL_MONTHS, declaration_is_valid, months_after
from grants.experts.states import ProfileState
from grants.experts.views.blueprint import bp
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.numbers import whole
from grants.vocabulary import queries as vocabulary
from grants.web import guards, listing
from grants.web.filters import country_choices, language_name

#: How the page of the registry words the states of a profile.
STATES = {"entered": "Waits for validation", "validated": "Validated", "returned": "Returned"}

#: What the page filters by, as its address says it.
FILTERS = ("q", "country", "sector", "language", "state", "newcomer", "outdated", "keyword")


def officer() -> Actor:
    """The signed-in officer; for others the registry does not exist."""
    actor = guards.actor()
    access.may_see_registry(actor).require()
    return actor


def wanted_of(given: Mapping[str, str]) -> queries.Wanted:
    """The filters of an address or a form; a state that does not exist filters nothing."""
    asked = {
        name: given.get(name, "").strip() for name in ("q", "country", "sector", "language", "state")
    }  # fmt: skip
    outdated = given.get("outdated") == "1"
    return queries.Wanted(
        text=asked["q"], country=asked["country"], sector=asked["sector"], language=asked["language"],
        concept=whole(given.get("keyword")),
        state=asked["state"] if asked["state"] in set(ProfileState) else "",
        newcomer=given.get("newcomer") == "1",
        undeclared_since=months_after(guards.received_at(), -USUAL_MONTHS) if outdated else None,
    )  # fmt: skip


@bp.get("/manage/experts")
def registry() -> ResponseReturnValue:
    """Everybody who can be invited, by name."""
    actor = officer()
    wanted = wanted_of(request.args)
    page = listing.page(
        queries.registry(wanted), [Account.name, Expert.id], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template(
        "experts/registry.html", page=page, wanted=wanted, countries=country_choices(), sectors=list(SECTORS.items()),
        languages=[(code, language_name(code)) for code in LANGUAGES], states=STATES, months=USUAL_MONTHS,
        asked={name: request.args[name] for name in FILTERS if request.args.get(name)},
        filtered=wanted != queries.Wanted(), concepts=vocabulary.choices(), may_import=access.may_import(actor),
    )  # fmt: skip


@bp.get("/manage/experts/<int:expert_id>")
def one(expert_id: int) -> ResponseReturnValue:
    """One profile with what an officer compares."""
    actor = officer()
    return _page(actor, queries.one(expert_id), forms.ReturnForm())


def _page(actor: Actor, expert: Expert, form: forms.ReturnForm) -> ResponseReturnValue:
    page = render_template(
        "experts/one.html", expert=expert, form=form, actor=actor, states=STATES, sectors=SECTORS, ties=TIES,
        cv=queries.cv_of(expert),
        declared=declaration_is_valid(expert.declared_at, months=USUAL_MONTHS, now=guards.received_at()),
        verdict=access.may_validate(actor, expert_account=expert.account_id),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/manage/experts/<int:expert_id>/validate")
def validate(expert_id: int) -> ResponseReturnValue:
    actor = officer()
    with transaction():
        expert = queries.one(expert_id)
        services.validate_profile(expert, actor=actor, now=guards.received_at())
    flash(f"The profile of {expert.account.name} is validated.", "success")
    return redirect(url_for(".one", expert_id=expert_id))


@bp.post("/manage/experts/<int:expert_id>/return")
def give_back(expert_id: int) -> ResponseReturnValue:
    """Returned with a reason; the page again where none is given."""
    actor, form = officer(), forms.ReturnForm()
    expert = queries.one(expert_id)
    if form.validate_on_submit():
        try:
            with transaction():
                services.return_profile(
                    expert, reason=form.reason.data or "", actor=actor, now=guards.received_at()
                )  # fmt: skip
            flash(f"{expert.account.name} gets a letter.", "success")
            return redirect(url_for(".one", expert_id=expert_id))
        except Invalid as problem:
            form.show(problem.findings)
    return _page(actor, expert, form)
