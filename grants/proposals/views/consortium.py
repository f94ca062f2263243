"""The participants of a proposal."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import queries as organisations
from grants.proposals import access, forms, representing, services
from grants.proposals.states import ParticipantRole
from grants.proposals.views.common import bp, open_proposal, proposal_page
from grants.web import guards


@bp.route("/proposals/<int:number>/consortium", methods=["GET", "POST"])
def consortium(number: int) -> ResponseReturnValue:
    opened, actor, now = open_proposal(number), guards.actor(), guards.received_at()
    if request.method == "POST":
        access.may_edit(actor, opened.access, now=now).require()
    form = forms.AddParticipantForm()
    text = request.args.get("q", "").strip()
    if form.validate_on_submit():
        organisation = organisations.by_pic(form.pic.data or "")
        if organisation is None:
            raise NotFound
        try:
            with transaction():
                services.add_participant(
                    opened, organisation, role=ParticipantRole(form.role.data), actor=actor, now=now
                )
            flash(f"{organisation.legal_name} is in the consortium.", "success")
            return redirect(url_for(".consortium", number=number))
        except Invalid as problem:
            form.show(problem.findings)
    found = organisations.find(text) if text else []
    page = proposal_page(
        "proposals/consortium.html", opened, form=form, text=text, found=found,
        refusals=representing.refusals_to(opened.proposal),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/proposals/<int:number>/consortium/<int:participant_id>/remove")
def remove_participant(number: int, participant_id: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    with transaction():
        services.remove_participant(opened, participant_id, actor=guards.actor(), now=guards.received_at())
    flash("The organisation is out of the consortium.", "success")
    return redirect(url_for(".consortium", number=number))


@bp.post("/proposals/<int:number>/consortium/<int:participant_id>/coordinator")
def make_coordinator(number: int, participant_id: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    with transaction():
        services.make_coordinator(opened, participant_id, actor=guards.actor(), now=guards.received_at())
    flash("The coordinator is changed.", "success")
    return redirect(url_for(".consortium", number=number))
