"""The pool of experts of a topic: who is invited and who can be."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.experts import access, forms, pool_queries, queries, services
from grants.experts.models import Expert, Likeness
from grants.experts.rules import SECTORS, balance
from grants.experts.states import InvitationState
from grants.experts.views.blueprint import bp
from grants.kernel.actor import Actor, Role
from grants.kernel.numbers import whole
from grants.vocabulary import queries as vocabulary
from grants.web import guards, listing
from grants.web.filters import country_choices


def topic_of(actor: Actor, identifier: str) -> Topic:
    """The topic, for its programme's managers."""
    found = calls.topic_alone(actor, identifier)
    access.may_invite(actor, programme=found.call.programme.code).require()
    return found


@bp.get("/manage/topics/<identifier>/experts")
def pool(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = topic_of(actor, identifier)
    text, country = request.args.get("q", "").strip(), request.args.get("country", "")
    concept, of_topic = whole(request.args.get("keyword")), request.args.get("fits") == "1"
    compared = pool_queries.comparison(topic.id)
    by_likeness = request.args.get("order") == "likeness" and compared is not None
    page = _found(
        queries.find(topic.id, text=text, country=country, concept=concept, of_topic=of_topic), topic,
        by_likeness=by_likeness,
    )  # fmt: skip
    invited = pool_queries.pool(topic)
    accepted = [each.seat for each in invited if each.invitation.state is InvitationState.ACCEPTED]
    today = guards.received_at().date()
    return render_template(
        "experts/pool.html", topic=topic, page=page, text=text, country=country, countries=country_choices(),
        invited=[each.invitation for each in invited], form=forms.InviteForm(max_load=services.USUAL_LOAD),
        away={each.invitation.expert_id: [days for days in each.away if days[1] >= today] for each in invited},
        balance=balance(accepted, wanted=topic.newcomer_share), sectors=SECTORS,
        counts={state: sum(each.invitation.state is state for each in invited) for state in InvitationState},
        concept=concept, concepts=vocabulary.choices(), of_topic=of_topic, wanted=queries.topic_concepts(topic.id),
        filtered=bool(text or country or concept or of_topic or by_likeness), by_likeness=by_likeness,
        compared=compared, closed=topic.first_deadline <= guards.received_at(),
        rows=[(row[0], row[1] if by_likeness else None) for row in page.rows],
    )  # fmt: skip


def _found(statement: Select[Expert], topic: Topic, *, by_likeness: bool) -> listing.Page[Any]:
    """A page of experts, those first who are most like the topic's proposals where that is asked for."""
    where: dict[str, Any] = {
        "after": request.args.get("after"), "before": request.args.get("before"),
        "size": listing.size_of(request.args.get("size")), "scalars": False,
    }  # fmt: skip
    if by_likeness:
        columns = [Likeness.fit, Likeness.expert_id]
        return listing.page(pool_queries.alike(statement, topic.id), columns, descending=True, **where)
    return listing.page(statement, [Expert.id], **where)


@bp.post("/manage/topics/<identifier>/experts/compare")
def compare(identifier: str) -> ResponseReturnValue:
    """Have the worker look which experts are like the proposals."""
    actor = guards.staff(Role.MANAGER)
    topic = topic_of(actor, identifier)
    with transaction():
        services.ask_for_likeness(topic, actor=actor, now=guards.received_at())
    flash("The experts are being compared with the proposals.", "success")
    return redirect(url_for(".pool", identifier=identifier, order="likeness"))


@bp.post("/manage/topics/<identifier>/experts/invite")
def invite(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.InviteForm()
    topic = topic_of(actor, identifier)
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
    topic = topic_of(actor, identifier)
    with transaction():
        found = queries.invitation(topic.id, invitation_id)
        services.cancel_invitation(found, actor=actor, now=guards.received_at())
    flash(f"The invitation of {found.expert.account.name} is taken back.", "success")
    return redirect(url_for(".pool", identifier=identifier))


@bp.post("/manage/topics/<identifier>/experts/<int:invitation_id>/again")
def again(identifier: str, invitation_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = topic_of(actor, identifier)
    with transaction():
        found = queries.invitation(topic.id, invitation_id)
        services.invite_again(found, actor=actor, now=guards.received_at())
    flash(f"{found.expert.account.name} is asked again.", "success")
    return redirect(url_for(".pool", identifier=identifier))
