"""Reports as offline forms: asked for, sent in, taken over after a look, or dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from grants.db import db, refresh_locked
from grants.documents.models import Document
from grants.evaluation import access, offline_facts
from grants.evaluation.models import ReportForm
from grants.evaluation.offline import reports_of
from grants.evaluation.queries import Opened
from grants.evaluation.services.report import save_report
from grants.evaluation.states import REPORT_FORM, FormKind, FormState
from grants.kernel.actor import SYSTEM, Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.queue import AWAITED, defer

#: Forms that one run of the sweep drops.
AT_ONCE = 500


def ask_for_form(opened: Sequence[Opened], *, actor: Actor, now: datetime) -> ReportForm:
    """Have the worker make a form of these reports, all of one topic. Asking again while one is made gives that one.

    Raises NotFound where there is none, Refused for a report that is not to be written any more.
    """
    if not opened:
        raise NotFound
    for each in opened:
        access.may_write_report(actor, each.access).require()
    first = opened[0].assignment
    waiting = offline_facts.waiting_export(first.expert_id, first.proposal.topic_id)
    if waiting is not None:
        return waiting
    form = ReportForm(
        expert_id=first.expert_id, topic_id=first.proposal.topic_id, kind=FormKind.EXPORT, asked_at=now,
        assignments=[each.assignment.id for each in opened],
    )  # fmt: skip
    return _queued(form, "export_reports")


def form_received(document: Document, *, now: datetime) -> None:
    """A file passed the checks of files: the worker reads it. What waited for the expert's word is dropped."""
    topic_id, expert_id = (int(part) for part in document.owner_key.split("."))
    for earlier in offline_facts.read_forms(expert_id, topic_id):
        _drop(earlier, actor=SYSTEM, now=now)
    form = ReportForm(
        expert_id=expert_id, topic_id=topic_id, kind=FormKind.IMPORT, asked_at=now, document_id=document.id
    )
    _queued(form, "import_reports")


def _queued(form: ReportForm, task: str) -> ReportForm:
    db.session.add(form)
    db.session.flush()
    defer(task, lock=f"reports of {form.expert_id}", priority=AWAITED, form_id=form.id)
    return form


def take_over_form(
    form: ReportForm, opened: Sequence[Opened], chosen: Mapping[int, set[str]], *, seen: Mapping[int, int],
    actor: Actor, now: datetime,
) -> int:  # fmt: skip
    """Save the chosen fields, by assignment, of what was sent in, into the reports as they were ``seen``; how many
    reports were changed. All of them, or none.

    ``opened``: the expert's reports in the topic that no conflict closes. Raises Refused where one is handed in or
    gone or the form is not waiting, Stale where one was changed since the expert looked, Invalid where nothing is
    chosen.
    """
    refresh_locked(form)
    if form.state is not FormState.READ:
        raise Refused("not-waiting", "This form does not wait for your word any more.", status=409)
    own, given = {each.assignment.id: each for each in opened}, dict(reports_of(form.given))
    if not any(chosen.values()):
        raise Invalid(Finding("nothing-chosen", "Tick what shall be taken over, or drop the form."))
    changed = [key for key in sorted(chosen) if chosen[key]]
    for key in changed:
        if key not in own or key not in given:
            raise NotFound
        values = {place: given[key].texts[place] for place in chosen[key] if place in given[key].texts}
        save_report(own[key], values, seen=seen.get(key, 0), actor=actor, now=now)
    form.given = {}
    REPORT_FORM.go(form, "take", actor=actor, now=now, reports=len(changed))
    db.session.flush()
    return len(changed)


def drop_form(form: ReportForm, *, actor: Actor, now: datetime) -> None:
    """Take nothing over; what the form said is forgotten. Raises Refused."""
    refresh_locked(form)
    if form.state is not FormState.READ:
        raise Refused("not-waiting", "This form does not wait for your word any more.", status=409)
    _drop(form, actor=actor, now=now)
    db.session.flush()


def drop_forgotten_forms(*, now: datetime) -> dict[str, int]:
    """Forget what nobody confirmed within a day: it holds texts of reports."""
    found = offline_facts.forgotten(before=now - offline_facts.AGE, limit=AT_ONCE)
    for each in found:
        _drop(each, actor=SYSTEM, now=now)
    db.session.flush()
    return {"dropped": len(found)}


def _drop(form: ReportForm, *, actor: Actor, now: datetime) -> None:
    form.given = {}
    REPORT_FORM.go(form, "drop", actor=actor, now=now)
