"""Meetings: the officer's page with agenda and conflicts, the members' agenda, attendance, minutes."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.numbers import whole
from grants.panels import access, facts, forms, rules
from grants.panels.queries import meetings as queries
from grants.panels.queries import proposals as item_queries
from grants.panels.queries.meetings import Item, OpenedMeeting
from grants.panels.services import agendas
from grants.panels.services import meetings as services
from grants.panels.states import MeetingState
from grants.panels.views.blueprint import CHANGED, bp, check, instant_of, local_of, numbers_of
from grants.web import guards


@bp.route("/manage/panels/meetings/<int:meeting_id>", methods=["GET", "POST"])
def meeting(meeting_id: int) -> ResponseReturnValue:
    """One meeting for officers; POST changes its time and place."""
    form, actor, now = forms.MeetingForm(), guards.staff(Role.MANAGER), guards.received_at()
    if not form.is_submitted():
        return _page(meeting_id)
    try:
        check(form)
        with transaction():
            opened = queries.managed(actor, meeting_id, locked=True)
            services.change_meeting(
                opened, starts_at=instant_of(form, "starts_at", opened.topic) or now, place=form.place.data or "",
                seen=form.seen, actor=actor, now=now,
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(meeting_id, form=form)
    except Stale:
        flash(CHANGED, "error")
    else:
        flash("Kept. Who was invited is told.", "success")
    return redirect(url_for(".meeting", meeting_id=meeting_id))


def _page(meeting_id: int, *, findings: Any = (), typed: Any = None, **given: Any) -> ResponseReturnValue:
    """``given``: forms with what was typed; ``typed``: attendance as typed."""
    opened = queries.managed(guards.staff(Role.MANAGER), meeting_id)
    found, items, now = opened.meeting, queries.items(meeting_id), guards.received_at()
    noted = queries.noted(meeting_id) if found.state is not MeetingState.PLANNED else []
    page = render_template(
        "panels/meeting.html", opened=opened, meeting=found, panel=opened.panel, topic=opened.topic, items=items,
        zone=opened.topic.call.zone, times=_times(opened, items), leaving=_leaving(opened, items, noted, now=now),
        there={each.member_id: each for each in noted if each.proposal_id is None}, findings=findings,
        form=given.get("form") or forms.MeetingForm(
            formdata=None,
            data={"starts_at": local_of(found.starts_at, opened.topic), "place": found.place,
                  "version": str(found.version)},
        ),
        adding=given.get("adding") or forms.ItemsForm(formdata=None),
        pause=given.get("pause") or forms.BreakForm(formdata=None), reason=forms.ReasonForm(formdata=None),
        may_edit=queries.is_editable(found), typed=typed or {}, now=now,
        may_approve=access.may_approve_minutes(guards.actor(), opened.access, found.state),
    )  # fmt: skip
    return page, 422 if findings or any(each.has_errors for each in given.values()) else 200


def _times(opened: OpenedMeeting, items: list[Item]) -> dict[int, Any]:
    starts = rules.times(opened.meeting.starts_at, [each.minutes for each in items])
    return {each.id: at for each, at in zip(items, starts, strict=True)}


def _leaving(
    opened: OpenedMeeting, items: list[Item], noted: list[queries.Noted], *, now: Any
) -> dict[int, list[tuple[str, facts.Tie, int]]]:
    """Who leaves for which proposal, why, and the expert: as it would be now, or as it is recorded once it sat."""
    members = opened.panel.members
    found: dict[int, list[tuple[str, facts.Tie, int]]] = {}
    if opened.meeting.state is MeetingState.PLANNED:
        names = {each.expert_id: each.expert.account.name for each in members}
        ids = [each.proposal_id for each in items if each.proposal_id is not None]
        tied = facts.ties([each.expert for each in members], ids, opened.topic, now=now)
        rows = [(proposal, names[expert], tie, expert) for (proposal, expert), tie in tied.items()]
    else:
        by_member = {each.id: each.expert.account.name for each in members}
        rows = [
            (each.proposal_id, by_member[each.member_id], facts.Tie(each.reason), 0)
            for each in noted if each.proposal_id
        ]  # fmt: skip
    for proposal, name, tie, expert in rows:
        found.setdefault(proposal, []).append((name, tie, expert))
    return found


@bp.post("/manage/panels/meetings/<int:meeting_id>/agenda")
def agenda(meeting_id: int) -> ResponseReturnValue:
    """Every change of an agenda: ``do`` says which."""
    actor, now, do = guards.staff(Role.MANAGER), guards.received_at(), request.form.get("do", "add")
    adding, pause, item = forms.ItemsForm(), forms.BreakForm(), whole(request.form.get("item_id"))
    try:
        if do in {"add", "add_all", "break"}:
            check(pause if do == "break" else adding)
        with transaction():
            opened = queries.managed(actor, meeting_id, locked=True)
            match do:
                case "add" | "add_all":
                    numbers = (numbers_of(adding.numbers.data) or [0]) if do == "add" else []
                    minutes = adding.minutes.data or 15
                    agendas.add_items(opened, numbers=numbers, minutes=minutes, actor=actor, now=now)
                case "break":
                    title, minutes = pause.title.data or "", pause.minutes.data or 15
                    agendas.add_break(opened, title=title, minutes=minutes, actor=actor, now=now)
                case "up" | "down":
                    agendas.move(opened, item, up=do == "up", actor=actor, now=now)
                case "by_total" | "by_number":
                    agendas.suggest_order(opened, by=do.removeprefix("by_"), actor=actor, now=now)
                case "minutes":
                    minutes = whole(request.form.get("minutes"))
                    agendas.set_minutes(opened, item, minutes, actor=actor, now=now)
                case "remove":
                    agendas.remove_item(opened, item, actor=actor, now=now)
                case _:
                    raise NotFound
    except Invalid as problem:
        if do == "break":
            pause.show(problem.findings)
            return _page(meeting_id, pause=pause)
        adding.show(problem.findings)
        return _page(meeting_id, adding=adding, findings=adding.findings)
    return redirect(url_for(".meeting", meeting_id=meeting_id, _anchor="agenda"))


@bp.post("/manage/panels/meetings/<int:meeting_id>/invite")
def invite(meeting_id: int) -> ResponseReturnValue:
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    try:
        with transaction():
            services.invite(queries.managed(actor, meeting_id, locked=True), actor=actor, now=now)
    except Invalid as problem:
        return _page(meeting_id, findings=problem.findings)
    flash("The invitations are sent.", "success")
    return redirect(url_for(".meeting", meeting_id=meeting_id))


@bp.post("/manage/panels/meetings/<int:meeting_id>/conflicts")
def decide_conflict(meeting_id: int) -> ResponseReturnValue:
    """Allow a member with a manageable conflict to stay, or forbid it."""
    actor, now, form = guards.staff(Role.MANAGER), guards.received_at(), forms.ReasonForm()
    try:
        check(form)
        with transaction():
            services.decide_conflict(
                queries.managed(actor, meeting_id), whole(request.form.get("proposal_id")),
                whole(request.form.get("expert_id")), allow=request.form.get("decision") == "allow",
                reason=form.reason.data or "", actor=actor, now=now,
            )  # fmt: skip
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash("Your decision is kept.", "success")
    return redirect(url_for(".meeting", meeting_id=meeting_id, _anchor="agenda"))


@bp.post("/manage/panels/meetings/<int:meeting_id>/cancel")
def cancel(meeting_id: int) -> ResponseReturnValue:
    """Call a planned meeting off, or let a closed one go on: ``do`` says which."""
    actor, now, form = guards.staff(Role.MANAGER), guards.received_at(), forms.ReasonForm()
    again = request.form.get("do") == "reopen"
    do = services.reopen_meeting if again else services.cancel
    try:
        check(form)
        with transaction():
            opened = queries.managed(actor, meeting_id, locked=True)
            do(opened, reason=form.reason.data or "", actor=actor, now=now)
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash("The meeting goes on." if again else "The meeting is cancelled. Who was invited is told.", "success")
    return redirect(url_for(".meeting", meeting_id=meeting_id))


@bp.get("/panels/meetings/<int:meeting_id>")
def agenda_of(meeting_id: int) -> ResponseReturnValue:
    """The agenda as members and chair see it: what they have a conflict with is an item without a name."""
    return _agenda(meeting_id)


def _agenda(meeting_id: int, *, findings: Any = (), typed: Any = None) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    opened = queries.opened(actor, meeting_id)
    items, leads = queries.items(meeting_id), bool(access.may_lead(actor, opened.access))
    noted = queries.noted(meeting_id) if leads and opened.meeting.state is not MeetingState.PLANNED else []
    page = render_template(
        "panels/agenda.html", opened=opened, meeting=opened.meeting, panel=opened.panel, topic=opened.topic,
        items=items, hidden=_hidden(opened, items), zone=opened.topic.call.zone, times=_times(opened, items),
        leads=leads, there={each.member_id: each for each in noted if each.proposal_id is None}, findings=findings,
        leaving=_names(opened, noted), typed=typed or {}, now=now,
        may_approve=access.may_approve_minutes(actor, opened.access, opened.meeting.state),
    )  # fmt: skip
    return page, 422 if findings else 200


def _hidden(opened: OpenedMeeting, items: list[Item]) -> set[int]:
    """Proposals that their page does not show the actor: those with a conflict, and those whose result is out."""
    me = opened.member(guards.actor().id)
    if guards.actor().manages(opened.access.programme):
        return set()
    over = {each.proposal_id for each in items if each.decided and each.proposal_id is not None}
    if me is None:
        return over
    ids = [each.proposal_id for each in items if each.proposal_id is not None]
    return over | {proposal for proposal, _ in facts.ties([me.expert], ids, opened.topic, now=guards.received_at())}


def _unwritten(opened: OpenedMeeting, items: list[Item]) -> set[int]:
    """Proposals that the chair evaluates and has not handed in a report on: nothing found on them is shown before."""
    ids = [each.proposal_id for each in items if each.proposal_id is not None]
    manages = guards.actor().manages(opened.access.programme)
    return set() if manages else item_queries.without_report(guards.actor(), ids)


def _names(opened: OpenedMeeting, noted: list[queries.Noted]) -> dict[int, list[str]]:
    """Who left for which proposal, without the reason: for chair and minutes."""
    names = {each.id: each.expert.account.name for each in opened.panel.members}
    found: dict[int, list[str]] = {}
    for each in noted:
        if each.proposal_id is not None:
            found.setdefault(each.proposal_id, []).append(names[each.member_id])
    return found


def _shown(meeting_id: int, **more: Any) -> ResponseReturnValue:
    """The page that the actor works on: officers have their own."""
    opened = queries.opened(guards.actor(), meeting_id)
    if guards.actor().manages(opened.access.programme):
        return _page(meeting_id, **more)
    return _agenda(meeting_id, **more)


def _back(opened: OpenedMeeting) -> ResponseReturnValue:
    page = ".meeting" if guards.actor().manages(opened.access.programme) else ".agenda_of"
    return redirect(url_for(page, meeting_id=opened.meeting.id))


@bp.post("/panels/meetings/<int:meeting_id>/state")
def sit(meeting_id: int) -> ResponseReturnValue:
    """Open or close the meeting: officers and the chair."""
    actor, now, closes = guards.actor(), guards.received_at(), request.form.get("do") == "close"
    do = services.close_meeting if closes else services.open_meeting
    try:
        with transaction():
            opened = queries.opened(actor, meeting_id, locked=True)
            do(opened, actor=actor, now=now)
    except Invalid as problem:
        return _shown(meeting_id, findings=problem.findings)
    flash("The meeting is closed. The chair approves the minutes." if closes else "The panel sits.", "success")
    return _back(opened)


@bp.post("/panels/meetings/<int:meeting_id>/attendance")
def attendance(meeting_id: int) -> ResponseReturnValue:
    """Who is there, and what the minutes say besides."""
    actor, now = guards.actor(), guards.received_at()
    try:
        with transaction():
            opened = queries.opened(actor, meeting_id, locked=True)
            said = {
                each.id: (given == "yes", request.form.get(f"reason-{each.id}", "")[:2000])
                for each in opened.panel.members if (given := request.form.get(f"present-{each.id}")) in {"yes", "no"}
            }  # fmt: skip
            note = request.form.get("note", "")[:20_000]
            services.note_attendance(opened, said, note=note, actor=actor, now=now)
    except Invalid as problem:
        return _shown(meeting_id, findings=problem.findings, typed=request.form)
    flash("Noted.", "success")
    return _back(opened)


@bp.get("/panels/meetings/<int:meeting_id>/minutes")
def minutes(meeting_id: int) -> ResponseReturnValue:
    """The minutes, for officers and the chair; what the chair has a conflict with is an item without a name."""
    actor = guards.actor()
    opened = queries.opened(actor, meeting_id)
    access.may_lead(actor, opened.access).require()
    if opened.meeting.opened_at is None:
        raise NotFound
    items, noted = queries.items(meeting_id), queries.noted(meeting_id)
    there = {each.member_id: each for each in noted if each.proposal_id is None}
    sat = [each for each in opened.panel.members if opened.meeting.closed_at is None or each.id in there]
    outcomes: dict[int, list[Any]] = {}
    for each in queries.outcomes(meeting_id):
        outcomes.setdefault(each.proposal_id, []).append(each)
    return render_template(
        "panels/minutes.html", opened=opened, meeting=opened.meeting, panel=opened.panel, topic=opened.topic,
        items=items, hidden=_hidden(opened, items), leaving=_names(opened, noted), zone=opened.topic.call.zone,
        there=there, members=sat, outcomes=outcomes, unwritten=_unwritten(opened, items),
        chair=opened.meeting.approved_by if opened.meeting.approved_at else opened.panel.chair,
        may_approve=access.may_approve_minutes(actor, opened.access, opened.meeting.state),
        manages=actor.manages(opened.access.programme),
    )  # fmt: skip


@bp.post("/panels/meetings/<int:meeting_id>/minutes")
def approve_minutes(meeting_id: int) -> ResponseReturnValue:
    """The chair signs."""
    actor, now = guards.actor(), guards.received_at()
    with transaction():
        opened = queries.opened(actor, meeting_id, locked=True)
        services.approve_minutes(opened, actor=actor, now=now)
    flash("The minutes are approved.", "success")
    return redirect(url_for(".minutes", meeting_id=meeting_id))
