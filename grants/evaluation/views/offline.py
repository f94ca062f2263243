"""Reports as an offline form: an expert's open reports in a topic go out as a spreadsheet and come back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls.models import Topic
from grants.db import transaction
from grants.documents.views import serve, take
from grants.evaluation import forms, offline_facts, queries, services
from grants.evaluation.models import ReportForm, form_owner
from grants.evaluation.offline import Change, Form, changes, reports_of
from grants.evaluation.queries import Opened
from grants.evaluation.states import FormKind, FormState
from grants.evaluation.views.blueprint import bp
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.numbers import whole
from grants.web import guards

_PAGE = "/evaluation/topics/<identifier>/offline"


def _own(identifier: str) -> tuple[Topic, list[Opened]]:
    """The topic, and the expert's reports in it. A conflict found since closes a proposal before it is shown.

    Raises NotFound where the expert evaluates nothing in the topic.
    """
    actor, now = guards.staff(Role.EVALUATOR), guards.received_at()
    found = queries.open_reports(actor, identifier, now=now)
    if not found:
        raise NotFound
    topic = found[0].assignment.proposal.topic
    fine, closed = offline_facts.without_conflicts(found, now=now)
    if closed:
        with transaction():
            for each in closed:
                services.close_conflicted(each, now=now)
    return topic, fine


@bp.get(_PAGE)
def offline(identifier: str) -> ResponseReturnValue:
    topic, opened = _own(identifier)
    actor, now = guards.actor(), guards.received_at()
    reports = offline_facts.to_write(actor, opened)
    return render_template(
        "evaluation/offline.html", topic=topic, reports=reports, now=now,
        titles=queries.titles([each.assignment.proposal_id for each in reports]),
        sheets=offline_facts.last_forms(actor, topic.id, since=now - offline_facts.AGE),
    )  # fmt: skip


@bp.post(f"{_PAGE}/forms")
def ask_for_form(identifier: str) -> ResponseReturnValue:
    """A form of one report, or of all that are open."""
    _, opened = _own(identifier)
    actor, one = guards.actor(), whole(request.form.get("assignment_id"))
    wanted = offline_facts.to_write(actor, opened)
    if one:
        wanted = [each for each in wanted if each.assignment.id == one]
    with transaction():
        services.ask_for_form(wanted, actor=actor, now=guards.received_at())
    return redirect(url_for(".offline", identifier=identifier, _anchor="form"))


@bp.get(f"{_PAGE}/forms/<int:form_id>")
def offline_form(identifier: str, form_id: int) -> ResponseReturnValue:
    """The file, while each report in it is the expert's to write."""
    _, opened = _own(identifier)
    actor = guards.actor()
    form = offline_facts.own_form(actor, identifier, form_id, FormKind.EXPORT, now=guards.received_at())
    open_now = {each.assignment.id for each in offline_facts.to_write(actor, opened)}
    if form.document is None or not open_now.issuperset(form.assignments):
        raise NotFound
    return serve(form.document, actor, inline=False)


@bp.post(f"{_PAGE}/uploads")
def upload_form(identifier: str) -> ResponseReturnValue:
    """A filled-in form: checked like every file, then read by the worker."""
    topic, opened = _own(identifier)
    if not opened:
        raise NotFound
    take(form_owner(topic.id, opened[0].assignment.expert_id), "report_import", done="has arrived and is read now.")
    return redirect(url_for(".offline", identifier=identifier, _anchor="upload"))


@dataclass(frozen=True, slots=True)
class Shown:
    """One report on the page of what would change. ``elsewhere``: it was changed here after the form was made."""

    form: Form
    changes: list[Change]
    elsewhere: bool


@bp.get(f"{_PAGE}/uploads/<int:upload_id>")
def look_at_form(identifier: str, upload_id: int) -> ResponseReturnValue:
    """What would change, before anything counts."""
    topic, opened = _own(identifier)
    return _look(topic, opened, _sent_in(identifier, upload_id))


def _sent_in(identifier: str, upload_id: int) -> ReportForm:
    """What the expert sent in and has not confirmed. Raises NotFound."""
    actor, now = guards.actor(), guards.received_at()
    form = offline_facts.own_form(actor, identifier, upload_id, FormKind.IMPORT, now=now)
    if form.state is not FormState.READ:
        raise NotFound
    return form


def _look(
    topic: Topic, opened: list[Opened], form: ReportForm, *, problem: forms.EmptyForm | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = guards.actor()
    known = offline_facts.forms_of(offline_facts.to_write(actor, opened))
    given = dict(reports_of(form.given))
    shown = [
        Shown(report, changes(report, given[key]), elsewhere=report.version != given[key].version)
        for key, report in known.items() if key in given
    ]  # fmt: skip
    page = render_template(
        "evaluation/offline_look.html", topic=topic, sent=form, shown=shown, form=problem or forms.EmptyForm(),
        locked=len(form.assignments) - len(shown),
    )  # fmt: skip
    return page, status


@bp.post(f"{_PAGE}/uploads/<int:upload_id>")
def take_over_form(identifier: str, upload_id: int) -> ResponseReturnValue:
    """The ticked fields, into the reports as the expert saw them."""
    topic, opened = _own(identifier)
    form, problem = _sent_in(identifier, upload_id), forms.EmptyForm()
    chosen: dict[int, set[str]] = defaultdict(set)
    for each in request.form.getlist("take"):
        key, _, place = each.partition(":")
        chosen[whole(key)].add(place)
    seen = {key: whole(request.form.get(f"version.{key}")) for key in chosen}
    try:
        with transaction():
            count = services.take_over_form(
                form, opened, chosen, seen=seen, actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as wrong:
        problem.findings = wrong.findings
        return _look(topic, opened, form, problem=problem, status=422)
    except Stale:
        flash("A report was changed elsewhere since you opened this page. Look at it as it is now.", "error")
        return redirect(url_for(".look_at_form", identifier=identifier, upload_id=upload_id))
    words = "one report" if count == 1 else f"{count} reports"
    flash(f"Taken over into {words}. Hand each in when it is done.", "success")
    return redirect(url_for(".offline", identifier=identifier))


@bp.post(f"{_PAGE}/uploads/<int:upload_id>/drop")
def drop_form(identifier: str, upload_id: int) -> ResponseReturnValue:
    _own(identifier)
    form = _sent_in(identifier, upload_id)
    with transaction():
        services.drop_form(form, actor=guards.actor(), now=guards.received_at())
    flash("Nothing was taken over, and what you sent in is forgotten.", "success")
    return redirect(url_for(".offline", identifier=identifier))
