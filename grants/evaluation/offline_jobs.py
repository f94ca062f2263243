"""The worker's part of offline forms: making one, and reading one that came back, or nothing of it.

Rights are those of the moment in which the worker comes to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.accounts.queries import actor_now
from grants.db import db
from grants.documents.models import Document
from grants.documents.services import keep_generated, store_answers
from grants.documents.store import Store
from grants.evaluation import offline, offline_book, offline_facts, queries
from grants.evaluation.models import ReportForm
from grants.evaluation.queries import Opened
from grants.evaluation.states import REPORT_FORM, FormKind, FormState
from grants.kernel.actor import SYSTEM, Actor
from grants.kernel.findings import Finding
from grants.proposals.workbook import Unreadable
from uploads.kinds import XLSX


def export(form_id: int, *, store: Store, now: datetime) -> None:
    """Make the form that was asked for, of the reports that are still the expert's to write. Repeating is harmless.

    Raises Unavailable; the queue tries again.
    """
    form = _waiting(form_id, FormKind.EXPORT)
    if form is None:
        return
    actor, opened = _own(form, now=now)
    wanted = [each for each in offline_facts.to_write(actor, opened) if each.assignment.id in form.assignments]
    if not wanted:
        form.done_at = now
        REPORT_FORM.go(form, "refuse", actor=SYSTEM, now=now, kind=form.kind.value)
        return
    content = offline_book.write(list(offline_facts.forms_of(wanted).values()))
    first, one = wanted[0].assignment.proposal, len(wanted) == 1
    name = f"Report {first.number}" if one else f"Reports {form.topic.identifier}"
    made = keep_generated(
        form.ref(), "report_export", name=f"{name}.xlsx", content=content, now=now, store=store, media_type=XLSX
    )
    form.document, form.assignments, form.done_at = made, [each.assignment.id for each in wanted], now
    REPORT_FORM.go(form, "finish", actor=SYSTEM, now=now, kind=form.kind.value, reports=len(wanted))
    db.session.flush()


def take_in(form_id: int, *, store: Store, now: datetime) -> None:
    """Read a form that was sent in: it waits for the expert's word, or every wrong cell is kept with it. No report is
    touched. Repeating is harmless. Raises Unavailable; the queue tries again."""
    form = _waiting(form_id, FormKind.IMPORT)
    if form is None:
        return
    assert form.document is not None
    given = _read(form, _content(form.document, store=store), now=now)
    form.done_at = now
    if given.findings:
        form.findings = [each.as_json() for each in given.findings]
        REPORT_FORM.go(form, "refuse", actor=SYSTEM, now=now, kind=form.kind.value, wrong=len(given.findings))
    else:
        form.given = offline.reports_json(given.reports)
        form.assignments = [*given.reports, *given.skipped]
        REPORT_FORM.go(form, "read", actor=SYSTEM, now=now, kind=form.kind.value, reports=len(given.reports))
    db.session.flush()


def _read(form: ReportForm, content: bytes, *, now: datetime) -> offline.Read:
    actor, opened = _own(form, now=now)
    to_write = offline_facts.to_write(actor, opened)
    open_ids = {each.assignment.id for each in to_write}
    forms = offline_facts.forms_of(to_write)
    longest = max((len(each.fields) for each in forms.values()), default=0)
    try:
        cells = offline_book.read(content, sheets=len(opened) + 1, rows=longest)
    except Unreadable:
        message = "This workbook cannot be read. Save it again as XLSX."
        return offline.Read(findings=(Finding("unreadable", message),))
    locked = frozenset(each.assignment.id for each in opened) - open_ids
    return offline.read(cells, forms, locked=locked)


def _waiting(form_id: int, kind: FormKind) -> ReportForm | None:
    form = db.session.get(ReportForm, form_id, with_for_update=True)
    return form if form is not None and (form.kind, form.state) == (kind, FormState.WAITING) else None


def _own(form: ReportForm, *, now: datetime) -> tuple[Actor, Sequence[Opened]]:
    """The expert as of now, with the reports in the topic that no conflict closes."""
    actor = actor_now(form.expert.account_id)
    opened = queries.open_reports(actor, form.topic.identifier, now=now)
    return actor, offline_facts.without_conflicts(opened, now=now)[0]


def _content(document: Document, *, store: Store) -> bytes:
    assert document.object_key is not None
    with store_answers(), store.storage.open(document.object_key) as source:
        return source.read() or b""
