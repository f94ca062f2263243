"""Officers set up panels: all of a topic at a glance, and the page of one with members, proposals and meetings."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.accounts.queries import managers_of
from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, Stale
from grants.kernel.numbers import whole
from grants.panels import access, facts, forms, rules
from grants.panels.queries import meetings, panels
from grants.panels.services import meetings as planning
from grants.panels.services import panels as services
from grants.panels.views.blueprint import CHANGED, bp, check, instant_of, numbers_of
from grants.proposals.models import Proposal
from grants.web import guards, listing
from grants.web.filters import plural


def _topic(identifier: str) -> Topic:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_manage(actor, programme=topic.call.programme.code).require()
    return topic


@bp.route("/manage/topics/<identifier>/panels", methods=["GET", "POST"])
def overview(identifier: str) -> ResponseReturnValue:
    """All panels of a topic for officers who watch; POST makes one more."""
    topic, form = _topic(identifier), forms.PanelForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.make_panel(
                    topic, name=form.name.data or "", remote=form.remote.data == "remote",
                    place=form.place.data or "", actor=guards.actor(), now=guards.received_at(),
                )  # fmt: skip
            flash("The panel is made. Say who sits on it.", "success")
            return redirect(url_for(".panel", panel_id=made.id))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "panels/overview.html", topic=topic, form=form, panels=panels.monitor(topic.id), zone=topic.call.zone
    )
    return page, 422 if form.has_errors else 200


@bp.route("/manage/panels/<int:panel_id>", methods=["GET", "POST"])
def panel(panel_id: int) -> ResponseReturnValue:
    """One panel; POST changes its name, place and chair."""
    form, actor = forms.PanelForm(), guards.staff(Role.MANAGER)
    if not form.is_submitted():
        return _page(panel_id)
    try:
        check(form)
        with transaction():
            services.change_panel(
                panels.managed(actor, panel_id, locked=True), name=form.name.data or "",
                remote=form.remote.data == "remote", place=form.place.data or "", seen=form.seen,
                chair_id=whole(form.chair.data) or None, actor=actor, now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, form=form)
    except Stale:
        flash(CHANGED, "error")
    else:
        flash("Kept.", "success")
    return redirect(url_for(".panel", panel_id=panel_id))


def _page(panel_id: int, **given: Any) -> ResponseReturnValue:
    """``given``: forms with what was typed, by their name on the page."""
    opened = panels.managed(guards.staff(Role.MANAGER), panel_id)
    found, topic = opened.panel, opened.topic
    experts = [each.expert for each in found.members]
    seats = facts.seats(found, experts)
    form = given.get("form") or forms.PanelForm(
        formdata=None,
        data={
            "name": found.name, "remote": "remote" if found.remote else "on_site", "place": found.place,
            "chair": str(found.chair_id or ""), "version": str(found.version),
        },
    )  # fmt: skip
    officers = {each.id: each.name for each in managers_of(opened.access.programme)}
    members = {each.account_id: each.account.name for each in experts}
    form.chair.choices = [("", "Nobody yet"), *((str(key), name) for key, name in (members | officers).items())]
    member = given.get("member") or forms.MemberForm(formdata=None)
    member.expert.choices = [(str(each.id), each.account.name) for each in panels.candidates(found)]
    rows = listing.page(
        panels.proposals(found.id), [Proposal.number], scalars=False, after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    page = render_template(
        "panels/panel.html", panel=found, topic=topic, zone=topic.call.zone, form=form, member=member, page=rows,
        rows=[panels.Row(*row[:6]) for row in rows.rows], meetings=meetings.of_panel(found.id),
        adding=given.get("adding") or forms.ProposalsForm(formdata=None),
        meeting=given.get("meeting") or forms.MeetingForm(formdata=None),
        warnings=rules.over_limits(seats, facts.limits(topic), year=facts.year_of(topic)),
    )  # fmt: skip
    return page, 422 if any(each.has_errors for each in given.values()) else 200


@bp.post("/manage/panels/<int:panel_id>/members")
def members(panel_id: int) -> ResponseReturnValue:
    """Name a member, or take one off."""
    form, actor, now = forms.MemberForm(), guards.staff(Role.MANAGER), guards.received_at()
    try:
        check(form)
        with transaction():
            opened = panels.managed(actor, panel_id, locked=True)
            if request.form.get("do") == "remove":
                services.remove_member(opened, whole(request.form.get("member_id")), actor=actor, now=now)
            else:
                services.name_member(
                    opened, whole(form.expert.data), reason=form.reason.data or "", actor=actor, now=now
                )
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, member=form)
    flash("The member is taken off." if request.form.get("do") == "remove" else "Sits on the panel now.", "success")
    return redirect(url_for(".panel", panel_id=panel_id, _anchor="members"))


@bp.post("/manage/panels/<int:panel_id>/proposals")
def proposals(panel_id: int) -> ResponseReturnValue:
    """Give proposals to the panel, or take one from it."""
    form, actor, now = forms.ProposalsForm(), guards.staff(Role.MANAGER), guards.received_at()
    try:
        check(form)
        with transaction():
            opened = panels.managed(actor, panel_id, locked=True)
            if request.form.get("do") == "remove":
                services.remove_proposal(opened, whole(request.form.get("number")), actor=actor, now=now)
                words = "The proposal is taken from the panel."
            else:
                by_number = form.which.data == "numbers"
                count = services.add_proposals(
                    opened, numbers=_numbers(form) if by_number else (), consensus=form.which.data == "consensus",
                    actor=actor, now=now,
                )  # fmt: skip
                words = f"{plural(count, 'proposal')} added."
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, adding=form)
    flash(words, "success")
    return redirect(url_for(".panel", panel_id=panel_id, _anchor="proposals"))


def _numbers(form: forms.ProposalsForm) -> list[int]:
    """What was typed; a number that is none where nothing was, so that it does not mean all."""
    return numbers_of(form.numbers.data) or [0]


@bp.post("/manage/panels/<int:panel_id>/meetings")
def plan(panel_id: int) -> ResponseReturnValue:
    """Plan a meeting."""
    form, actor, now = forms.MeetingForm(), guards.staff(Role.MANAGER), guards.received_at()
    try:
        check(form)
        with transaction():
            opened = panels.managed(actor, panel_id, locked=True)
            made = planning.plan_meeting(
                opened, starts_at=instant_of(form, "starts_at", opened.topic) or now, place=form.place.data or "",
                actor=actor, now=now,
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(panel_id, meeting=form)
    flash("The meeting is planned. Make its agenda, then send the invitations.", "success")
    return redirect(url_for(".meeting", meeting_id=made.id))
