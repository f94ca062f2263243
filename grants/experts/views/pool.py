"""The pool of experts of a topic: who is invited and who can be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.experts import access, forms, queries, services
from grants.experts.models import Expert, Invitation
from grants.experts.rules import SECTORS, balance
from grants.experts.states import InvitationState
from grants.experts.views.blueprint import bp
from grants.kernel.actor import Actor, Role
from grants.kernel.numbers import whole
from grants.web import guards, listing
from grants.web.filters import country_choices


def _topic(actor: Actor, identifier: str) -> Topic:
    found = calls.topic_page(actor, identifier)
    access.may_invite(actor, programme=found.call.programme.code).require()
    return found


@bp.get("/manage/topics/<identifier>/experts")
def pool(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = _topic(actor, identifier)
    text, country = request.args.get("q", "").strip(), request.args.get("country", "")
    page = listing.page(
        queries.find(topic.id, text=text, country=country), [Expert.id], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    invited = queries.pool(topic.id)
    return render_template(
        "experts/pool.html", topic=topic, page=page, text=text, country=country, countries=country_choices(),
        invited=invited, form=forms.InviteForm(max_load=services.USUAL_LOAD),
        away=_away(invited), balance=balance(queries.seats(topic), wanted=topic.newcomer_share), sectors=SECTORS,
        counts={state: sum(each.state is state for each in invited) for state in InvitationState},
    )  # fmt: skip


def _away(invited: Sequence[Invitation]) -> dict[int, list[tuple[date, date]]]:
    """Absences that are not over, by expert."""
    today = guards.received_at().date()
    found = queries.absences(each.expert_id for each in invited)
    return {key: [days for days in absences if days[1] >= today] for key, absences in found.items()}


@bp.post("/manage/topics/<identifier>/experts/invite")
def invite(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.InviteForm()
    topic = _topic(actor, identifier)
    chosen = queries.experts_by_id([whole(each) for each in request.form.getlist("ids")])
    if not form.validate_on_submit():
        flash("Give a number of proposals from 1 to 200.", "error")
    elif not chosen:
        flash("Tick at least one expert.", "error")
    else:
        with transaction():
            made = services.invite(
                topic, chosen, max_load=form.max_load.data or 1, actor=actor, now=guards.received_at()
            )
        flash(f"Invited: {', '.join(each.expert.account.name for each in made)}.", "success")
    return redirect(url_for(".pool", identifier=identifier))


@bp.post("/manage/topics/<identifier>/experts/<int:invitation_id>/cancel")
def cancel(identifier: str, invitation_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = _topic(actor, identifier)
    with transaction():
        found = queries.invitation(topic.id, invitation_id)
        services.cancel_invitation(found, actor=actor, now=guards.received_at())
    flash(f"The invitation of {found.expert.account.name} is taken back.", "success")
    return redirect(url_for(".pool", identifier=identifier))


@bp.post("/manage/topics/<identifier>/experts/<int:invitation_id>/again")
def again(identifier: str, invitation_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = _topic(actor, identifier)
    with transaction():
        found = queries.invitation(topic.id, invitation_id)
        services.invite_again(found, actor=actor, now=guards.received_at())
    flash(f"{found.expert.account.name} is asked again.", "success")
    return redirect(url_for(".pool", identifier=identifier))
