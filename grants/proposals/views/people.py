"""Who works on a proposal: the page of its people, invitations, and what organisations say about being named."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import queries as organisations
from grants.organisations.models import Organisation
from grants.proposals import access, people, representing
from grants.proposals.models import Proposal
from grants.proposals.people_forms import InviteForm, StopForm
from grants.proposals.queries import Opened
from grants.proposals.views.common import bp, open_proposal, proposal_page
from grants.web import guards, listing


def organisation_slot(*, organisation: Organisation, actor: Actor, **_: Any) -> str:
    """On an organisation's page, for those who act for it: the way to proposals in its name."""
    if organisation.id not in actor.organisations:
        return ""
    return render_template("proposals/_named.html", organisation=organisation)


def _member(number: int) -> Opened:
    """A proposal as one of its people opens it; nobody else sees them."""
    opened = open_proposal(number, part=None)
    access.is_member(opened.access).require()
    return opened


@bp.route("/proposals/<int:number>/people", methods=["GET", "POST"])
def members(number: int) -> ResponseReturnValue:
    """Everybody with role and organisation; POST invites one more."""
    opened, actor = _member(number), guards.actor()
    manages = access.may_manage_people(opened.access)
    if request.method == "POST":
        manages.require()
    form = InviteForm()
    form.offer([(row.id, row.organisation.legal_name) for row in opened.proposal.participants])
    if form.validate_on_submit():
        role, participant = form.chosen()
        try:
            with transaction():
                people.invite(
                    opened, form.email.data or "", role, participant_id=participant, actor=actor,
                    now=guards.received_at(),
                )  # fmt: skip
            flash("A letter asks the person. They work on the proposal once they agree.", "success")
            return redirect(url_for(".members", number=number))
        except Invalid as problem:
            form.show(problem.findings)
    page = proposal_page(
        "proposals/people.html", opened, form=form, manages=manages, people=people.seen_by(opened), actor_id=actor.id,
        asked=people.invitations_of(opened.proposal) if manages else [],
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


def _back(number: int, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for(".members", number=number))


@bp.post("/proposals/<int:number>/people/partners")
def show_partners(number: int) -> ResponseReturnValue:
    opened, everything = _member(number), request.form.get("everything") == "1"
    with transaction():
        people.show_partners(opened, everything=everything, actor=guards.actor(), now=guards.received_at())
    return _back(number, "Contacts of partners read everything." if everything else "Partners read their own part.")


@bp.post("/proposals/<int:number>/people/<int:member_id>/remove")
def remove_member(number: int, member_id: int) -> ResponseReturnValue:
    opened = _member(number)
    with transaction():
        people.remove(opened, member_id, actor=guards.actor(), now=guards.received_at())
    return _back(number, "The person no longer works on the proposal.")


@bp.post("/proposals/<int:number>/people/leave")
def leave(number: int) -> ResponseReturnValue:
    opened = _member(number)
    with transaction():
        people.leave(opened, actor=guards.actor(), now=guards.received_at())
    flash("You no longer work on the proposal.", "success")
    return redirect(url_for(".own"))


@bp.post("/proposals/<int:number>/people/<int:member_id>/offer")
def offer_role(number: int, member_id: int) -> ResponseReturnValue:
    opened = _member(number)
    with transaction():
        people.offer(opened, member_id, actor=guards.actor(), now=guards.received_at())
    return _back(number, "A letter asks the person. You stay the main contact until they agree.")


@bp.post("/proposals/<int:number>/people/offer/back")
def take_back_role(number: int) -> ResponseReturnValue:
    opened = _member(number)
    with transaction():
        people.take_back(opened, actor=guards.actor(), now=guards.received_at())
    return _back(number, "You stay the main contact.")


@bp.post("/proposals/<int:number>/people/offer/answer")
def answer_role(number: int) -> ResponseReturnValue:
    opened, agreed = _member(number), request.form.get("agree") == "1"
    with transaction():
        people.answer_offer(opened, agreed=agreed, actor=guards.actor(), now=guards.received_at())
    return _back(number, "You are the main contact now." if agreed else "Nothing changes.")


@bp.post("/proposals/<int:number>/people/asked/<int:invitation_id>/withdraw")
def withdraw_member_invitation(number: int, invitation_id: int) -> ResponseReturnValue:
    opened = _member(number)
    with transaction():
        people.withdraw_invitation(opened, invitation_id, actor=guards.actor(), now=guards.received_at())
    return _back(number, "The invitation is withdrawn.")


@bp.route("/proposals/invitations/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """The link of the letter: whoever opens it signs in, sees who asks, and answers. A click answers, not the
    opening: mail scanners open links."""
    actor, now = guards.actor(), guards.received_at()
    if request.method == "GET":
        asked = people.invitation_by_token(token, now=now)
        return render_template("proposals/invitation.html", asked=asked, proposal=asked.proposal, token=token)
    if request.form.get("agree") != "1":
        with transaction():
            people.decline(token, actor=actor, now=now)
        flash("You declined. The link is used up.", "success")
        return redirect(url_for("dashboard.home"))
    with transaction():
        joined: Proposal = people.accept(token, actor=actor, now=now)
    flash("You work on this proposal now.", "success")
    return redirect(url_for(".overview", number=joined.number))


@bp.post("/proposals/<int:number>/consortium/consent")
def ask_consent(number: int) -> ResponseReturnValue:
    """Ask an organisation that said "not in our name" once more."""
    opened = open_proposal(number)
    with transaction():
        representing.ask_consent(opened, request.form.get("pic", ""), actor=guards.actor(), now=guards.received_at())
    flash("A letter asks the organisation's people. You can add it once they agree.", "success")
    return redirect(url_for(".consortium", number=number))


def _organisation(pic: str) -> Organisation:
    found = organisations.by_pic(pic)
    if found is None:
        raise NotFound
    return found


@bp.get("/organisations/<pic>/proposals")
def named(pic: str) -> ResponseReturnValue:
    """Proposals in the organisation's name, for those who act for it."""
    actor, organisation = guards.actor(), _organisation(pic)
    page = listing.page(
        representing.in_name_of(organisation, actor=actor), [Proposal.number], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")), scalars=False,
    )  # fmt: skip
    return render_template(
        "proposals/named.html", organisation=organisation, page=page, now=guards.received_at(),
        stopped=representing.refused_by(organisation, actor=actor),
    )  # fmt: skip


@bp.route("/organisations/<pic>/proposals/<int:number>/stop", methods=["GET", "POST"])
def stop(pic: str, number: int) -> ResponseReturnValue:
    """ "Not in our name", with a reason."""
    actor, organisation, form = guards.actor(), _organisation(pic), StopForm()
    if not representing.is_named(organisation, number, actor=actor):
        raise NotFound
    if form.validate_on_submit():
        try:
            with transaction():
                representing.stop(
                    organisation, number, reason=form.reason.data or "", actor=actor, now=guards.received_at()
                )
            flash(f"{organisation.legal_name} is out of the draft. Its main contact gets a letter.", "success")
            return redirect(url_for(".named", pic=organisation.pic))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template("proposals/stop.html", organisation=organisation, number=number, form=form)
    return page, 422 if form.has_errors else 200


@bp.post("/organisations/<pic>/proposals/<int:number>/agree")
def agree(pic: str, number: int) -> ResponseReturnValue:
    organisation = _organisation(pic)
    with transaction():
        representing.agree(organisation, number, actor=guards.actor(), now=guards.received_at())
    flash("The proposal may name the organisation again. Its main contact gets a letter.", "success")
    return redirect(url_for(".named", pic=organisation.pic))
