"""Finding, adding and changing entries."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import access, queries, rules, services
from grants.organisations.forms import SECTIONS, OrganisationForm
from grants.organisations.states import OrganisationKind
from grants.organisations.views.blueprint import bp, load
from grants.web import guards
from grants.web.forms import Form

_NEW = ("legal_name", "original_name", "short_name", "country", "city", "website", "sme")


@bp.get("/organisations")
def find() -> ResponseReturnValue:
    actor = guards.actor()
    text = request.args.get("q", "").strip()
    return render_template(
        "organisations/find.html", text=text, found=queries.find(text) if text else [],
        own=queries.of_account(actor.id or 0), asked=queries.invitations_to(actor),
    )  # fmt: skip


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
                    **_values(form, _NEW), despite_same_name=bool(form.despite_same_name.data), actor=actor, now=now
                )
            flash(f"{added.legal_name} is in the registry with PIC {added.pic}. You act for it.", "success")
            return redirect(guards.local_path(request.args.get("next")) or url_for(".one", pic=added.pic))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("organisations/new.html", form=form), 422 if form.has_errors else 200


@bp.get("/organisations/<pic>")
def one(pic: str) -> ResponseReturnValue:
    actor, organisation = guards.actor(), load(pic)
    if organisation.pic != pic:
        flash(f"PIC {pic} was merged into this organisation.", "success")
        return redirect(url_for(".one", pic=organisation.pic))
    insider = bool(access.may_see_papers(actor, organisation.id))
    accounts = queries.bank_accounts_of(organisation.id) if insider else []
    return render_template(
        "organisations/one.html", organisation=organisation, may_change=access.may_change(actor, organisation.id),
        insider=insider, taken_over=queries.taken_over(organisation.id),
        asked=queries.own_invitation(actor, organisation.id),
        people=queries.representatives_of(organisation.id) if organisation.id in actor.organisations else [],
        accounts=[(rules.masked_iban(each.iban), each.holder) for each in accounts],
        may_see_bank=access.may_see_bank(actor, organisation.id),
    )  # fmt: skip


@bp.route("/organisations/<pic>/edit/<section>", methods=["GET", "POST"])
def edit(pic: str, section: str) -> ResponseReturnValue:
    actor, organisation = guards.actor(), load(pic)
    if section not in SECTIONS:
        raise NotFound
    access.may_change(actor, organisation.id).require()
    title, kind = SECTIONS[section]
    form = kind(obj=organisation)
    if form.validate_on_submit():
        names = tuple(name for name in form.data if name != "csrf_token")
        try:
            with transaction():
                services.change_organisation(
                    organisation, values=_values(form, names), actor=actor, now=guards.received_at()
                )
            flash("The organisation is saved.", "success")
            return redirect(url_for(".one", pic=organisation.pic))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "organisations/section.html", form=form, organisation=organisation, section=section, section_title=title
    )
    return page, 422 if form.has_errors else 200


def _values(form: Form, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: form[name].data or "" for name in names if name != "kind"}
    return values | ({"kind": OrganisationKind(form["kind"].data)} if "kind" in form else {})
