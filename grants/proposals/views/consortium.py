"""The participants of a proposal."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.errors import Invalid, NotFound, Refused
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
        "proposals/consortium.html", opened, form=form, text=text, found=found, roles=list(ParticipantRole),
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


@bp.post("/proposals/<int:number>/consortium/<int:participant_id>/role")
def change_role(number: int, participant_id: int) -> ResponseReturnValue:
    opened, form = open_proposal(number), forms.RoleForm()
    access.may_edit(guards.actor(), opened.access, now=guards.received_at()).require()
    if not form.validate():
        raise Refused("role", "Choose one of the roles.", status=422)
    role = ParticipantRole(form.role.data)
    with transaction():
        row = services.change_role(opened, participant_id, role, actor=guards.actor(), now=guards.received_at())
    flash(f"{row.organisation.legal_name} is {role.with_article} now.", "success")
    return redirect(url_for(".consortium", number=number))
