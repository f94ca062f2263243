"""Who acts for an organisation, who controls it, and its bank accounts."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.errors import Invalid, Refused
from grants.organisations import access, forms, queries, services
from grants.organisations.models import Organisation
from grants.organisations.views.blueprint import bp, load
from grants.web import guards

_EMPTY_OWNERS = 2


@bp.route("/organisations/<pic>/people", methods=["GET", "POST"])
def people(pic: str) -> ResponseReturnValue:
    """Who acts for it; POST asks one more person."""
    actor, organisation, form = guards.actor(), load(pic), forms.InviteForm()
    access.may_change(actor, organisation.id).require()
    if form.validate_on_submit():
        try:
            with transaction():
                services.invite(organisation, form.email.data or "", actor=actor, now=guards.received_at())
            flash("A letter asks the person. They act for the organisation once they agree.", "success")
            return redirect(url_for(".people", pic=organisation.pic))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "organisations/people.html", organisation=organisation, form=form,
        people=queries.representatives_of(organisation.id), asked=queries.invitations_of(organisation.id),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/organisations/<pic>/people/<int:account_id>/remove")
def remove_person(pic: str, account_id: int) -> ResponseReturnValue:
    actor, organisation = guards.actor(), load(pic)
    access.may_change(actor, organisation.id).require()
    try:
        with transaction():
            services.remove_representative(organisation, account_id, actor=actor, now=guards.received_at())
        flash("The person no longer acts for the organisation.", "success")
    except Refused as problem:
        if problem.status != 409:
            raise
        flash(problem.message, "error")
    myself = account_id == actor.id and organisation.id not in queries.with_organisations(actor).organisations
    return redirect(url_for(".find" if myself else ".people", pic=None if myself else organisation.pic))


@bp.post("/organisations/<pic>/people/asked/<int:asked_id>/withdraw")
def withdraw_invitation(pic: str, asked_id: int) -> ResponseReturnValue:
    organisation = load(pic)
    with transaction():
        services.withdraw_invitation(organisation, asked_id, actor=guards.actor(), now=guards.received_at())
    flash("The person is no longer asked.", "success")
    return redirect(url_for(".people", pic=organisation.pic))


@bp.post("/organisations/<pic>/answer")
def answer(pic: str) -> ResponseReturnValue:
    """The answer of a person who was asked to act for the organisation."""
    actor, organisation = guards.actor(), load(pic)
    agreed = request.form.get("agree") == "1"
    answered = services.accept_invitation if agreed else services.decline_invitation
    with transaction():
        answered(organisation, actor=actor, now=guards.received_at())
    said = f"You act for {organisation.legal_name}." if agreed else f"You do not act for {organisation.legal_name}."
    flash(said, "success")
    return redirect(url_for(".one", pic=organisation.pic) if agreed else url_for(".find"))


@bp.route("/organisations/<pic>/control", methods=["GET", "POST"])
def control(pic: str) -> ResponseReturnValue:
    """The ownership control declaration."""
    actor, organisation = guards.actor(), load(pic)
    access.may_change(actor, organisation.id).require()
    form = forms.ControlForm(data=_declared(organisation))
    if form.validate_on_submit():
        owners = [(each.form.name.data, each.form.country.data) for each in form.owners if each.form.name.data]
        try:
            with transaction():
                services.declare_control(
                    organisation, controlled_outside_eu=form.controlled_outside_eu.data == "yes", owners=owners,
                    actor=actor, now=guards.received_at(),
                )  # fmt: skip
            flash("The declaration is saved.", "success")
            return redirect(url_for(".one", pic=organisation.pic))
        except Invalid as problem:
            form.findings.extend(problem.findings)
    page = render_template("organisations/control.html", organisation=organisation, form=form)
    return page, 422 if form.has_errors else 200


def _declared(organisation: Organisation) -> dict[str, Any]:
    """The declaration as it stands, with rows for more owners."""
    known = organisation.controlled_outside_eu
    owners = [{"name": each.name, "country": each.country} for each in organisation.owners]
    answer = "" if known is None else "yes" if known else "no"
    return {"controlled_outside_eu": answer, "owners": owners + [{}] * _EMPTY_OWNERS}


@bp.route("/organisations/<pic>/bank", methods=["GET", "POST"])
def bank(pic: str) -> ResponseReturnValue:
    """Whole account numbers, for those who may see them; reading by staff is written down."""
    actor, organisation, now = guards.actor(), load(pic), guards.received_at()
    access.may_see_bank(actor, organisation.id).require()
    may_change, form = access.may_change_bank(actor, organisation.id), forms.BankForm()
    if request.method == "POST":
        may_change.require()
    else:
        with transaction():
            services.bank_shown(organisation, actor=actor, now=now)
    if form.validate_on_submit():
        try:
            with transaction():
                services.add_bank_account(
                    organisation, iban=form.iban.data or "", bic=form.bic.data or "", holder=form.holder.data or "",
                    actor=actor, now=now,
                )  # fmt: skip
            flash("The account is added. Everybody who acts for the organisation gets a letter.", "success")
            return redirect(url_for(".bank", pic=organisation.pic))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "organisations/bank.html", organisation=organisation, form=form, may_change=may_change,
        accounts=queries.bank_accounts_of(organisation.id),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/organisations/<pic>/bank/<int:bank_id>/remove")
def remove_bank_account(pic: str, bank_id: int) -> ResponseReturnValue:
    organisation = load(pic)
    with transaction():
        services.remove_bank_account(organisation, bank_id, actor=guards.actor(), now=guards.received_at())
    flash("The account is removed. No money goes there any more.", "success")
    return redirect(url_for(".bank", pic=organisation.pic))
