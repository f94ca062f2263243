"""Pages about organisations."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import access, queries, services
from grants.organisations.forms import OrganisationForm
from grants.organisations.models import Organisation
from grants.organisations.states import OrganisationKind
from grants.web import guards

bp = Blueprint("organisations", __name__)


@bp.get("/organisations")
def find() -> ResponseReturnValue:
    actor = guards.actor()
    text = request.args.get("q", "").strip()
    found = queries.find(text) if text else []
    own = queries.of_account(actor.id or 0)
    return render_template("organisations/find.html", text=text, found=found, own=own)


@bp.route("/organisations/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    form = OrganisationForm()
    if request.method == "GET":
        form.legal_name.data = request.args.get("name", "")
    if form.validate_on_submit():
        try:
            with transaction():
                added = services.add_organisation(
                    **_data(form), despite_same_name=form.despite_same_name.data, actor=actor, now=now
                )
            flash(f"{added.legal_name} is in the registry with PIC {added.pic}. You act for it.", "success")
            return redirect(guards.local_path(request.args.get("next")) or url_for(".one", pic=added.pic))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("organisations/edit.html", form=form, organisation=None), 422 if form.has_errors else 200


@bp.get("/organisations/<pic>")
def one(pic: str) -> ResponseReturnValue:
    actor = guards.actor()
    organisation = _load(pic)
    return render_template(
        "organisations/one.html", organisation=organisation, may_change=access.may_change(actor, organisation.id),
        people=queries.representatives_of(organisation.id) if organisation.id in actor.organisations else [],
    )  # fmt: skip


@bp.route("/organisations/<pic>/edit", methods=["GET", "POST"])
def edit(pic: str) -> ResponseReturnValue:
    actor = guards.actor()
    organisation = _load(pic)
    access.may_change(actor, organisation.id).require()
    form = OrganisationForm(obj=organisation)
    if form.validate_on_submit():
        with transaction():
            services.change_organisation(organisation, **_data(form), actor=actor, now=guards.received_at())
        flash("The organisation is saved.", "success")
        return redirect(url_for(".one", pic=pic))
    page = render_template("organisations/edit.html", form=form, organisation=organisation)
    return page, 422 if form.has_errors else 200


def _data(form: OrganisationForm) -> dict[str, Any]:
    names = ("legal_name", "short_name", "country", "city", "website", "sme")
    return {
        **{name: form[name].data or "" for name in names},
        "sme": bool(form.sme.data),
        "kind": OrganisationKind(form.kind.data),
    }


def _load(pic: str) -> Organisation:
    organisation = queries.by_pic(pic)
    if organisation is None:
        raise NotFound
    return organisation
