"""Papers of an organisation: added and handed in by its people, decided on by an officer."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.rules import KINDS
from grants.documents.views import begin, take
from grants.kernel.errors import Invalid
from grants.organisations import access, forms, queries, services
from grants.organisations.models import Organisation
from grants.organisations.states import VALIDATION
from grants.organisations.views.blueprint import bp, load
from grants.web import guards


@bp.get("/organisations/<pic>/papers")
def papers(pic: str) -> ResponseReturnValue:
    organisation = load(pic)
    access.may_see_papers(guards.actor(), organisation.id).require()
    return _page(organisation, forms.ReasonForm())


def _page(organisation: Organisation, form: forms.ReasonForm) -> ResponseReturnValue:
    actor = guards.actor()
    page = render_template(
        "organisations/papers.html", organisation=organisation, papers=queries.papers_of(organisation), form=form,
        kind=KINDS[queries.PAPER],
        may_change=access.may_change_papers(actor, organisation.id, organisation.state),
        may_decide=access.may_validate(actor, organisation.id),
        open_decision=VALIDATION.allows(organisation.state, "validate"),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


def _own(pic: str) -> Organisation:
    """An organisation whose papers the person may change."""
    organisation = load(pic)
    access.may_change_papers(guards.actor(), organisation.id, organisation.state).require()
    return organisation


@bp.post("/organisations/<pic>/papers/ticket")
def paper_ticket(pic: str) -> ResponseReturnValue:
    return begin(_own(pic).papers(), queries.PAPER)


@bp.post("/organisations/<pic>/papers")
def upload_paper(pic: str) -> ResponseReturnValue:
    """The whole file through the app, for browsers without JavaScript."""
    organisation = _own(pic)
    take(organisation.papers(), queries.PAPER, done="is one of the papers. Hand them in when all are there.")
    return redirect(url_for(".papers", pic=organisation.pic))


@bp.post("/organisations/<pic>/papers/<uuid:document_id>/remove")
def remove_paper(pic: str, document_id: UUID) -> ResponseReturnValue:
    organisation = _own(pic)
    paper = queries.paper_of(organisation, document_id)
    with transaction():
        services.remove_paper(organisation, paper, actor=guards.actor(), now=guards.received_at())
    flash(f"{paper.name} is removed.", "success")
    return redirect(url_for(".papers", pic=organisation.pic))


@bp.post("/organisations/<pic>/papers/hand-in")
def hand_in(pic: str) -> ResponseReturnValue:
    organisation = _own(pic)
    try:
        with transaction():
            services.hand_in(organisation, actor=guards.actor(), now=guards.received_at())
        flash("The papers are handed in. You get a letter when the funder has decided.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(url_for(".papers", pic=organisation.pic))


@bp.post("/organisations/<pic>/papers/decide")
def decide(pic: str) -> ResponseReturnValue:
    actor, organisation, now = guards.actor(), load(pic), guards.received_at()
    access.may_validate(actor, organisation.id).require()
    form = forms.ReasonForm()
    if request.form.get("decision") == "validate":
        with transaction():
            services.validate(organisation, actor=actor, now=now)
        flash(f"{organisation.legal_name} is validated.", "success")
        return redirect(url_for(".waiting"))
    if not form.validate_on_submit():
        return _page(organisation, form)
    with transaction():
        services.refuse(organisation, reason=form.reason.data or "", actor=actor, now=now)
    flash("The papers are refused; the organisation's people get a letter with your reason.", "success")
    return redirect(url_for(".waiting"))
