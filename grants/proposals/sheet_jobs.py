"""The worker's part of budgets as spreadsheets: making one, and taking over one that came back, or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from grants.accounts.models import Account
from grants.db import db
from grants.documents.models import Document
from grants.documents.services import keep_generated, store_answers
from grants.documents.store import Store
from grants.kernel.actor import SYSTEM, Actor
from grants.kernel.errors import DomainError, Invalid, NotFound, Stale
from grants.kernel.findings import Finding, Severity
from grants.proposals import access, budgeting, facts, queries, sheets, workbook
from grants.proposals.models import BudgetSheet, Participant, Proposal
from grants.proposals.queries import Opened
from grants.proposals.states import BUDGET_SHEET, SheetKind, SheetState
from uploads.kinds import XLSX


def export(sheet_id: int, *, store: Store, now: datetime) -> None:
    """Make the spreadsheet that was asked for. Repeating is harmless. Raises Unavailable; the queue tries again."""
    sheet = _waiting(sheet_id, SheetKind.EXPORT)
    if sheet is None:
        return
    try:
        proposal = _opened(sheet, now=now).proposal
    except NotFound:  # who asked is not in the proposal any more
        sheet.done_at = now
        BUDGET_SHEET.go(sheet, "refuse", actor=SYSTEM, now=now, kind=sheet.kind.value)
        return
    content = workbook.write(layout_of(proposal), facts.rules_of(proposal))
    made = keep_generated(
        proposal.ref(), "budget_export", name=f"Budget {proposal.number}.xlsx", content=content, now=now, store=store,
        media_type=XLSX,
    )  # fmt: skip
    sheet.document, sheet.done_at = made, now
    BUDGET_SHEET.go(sheet, "finish", actor=SYSTEM, now=now, kind=sheet.kind.value, sha256=made.sha256)
    db.session.flush()


def take_over(sheet_id: int, *, store: Store, now: datetime) -> None:
    """Read a spreadsheet that was sent in. All rows that differ are saved, or none and every wrong cell is kept with
    it. Repeating is harmless. Raises Unavailable; the queue tries again."""
    sheet = _waiting(sheet_id, SheetKind.IMPORT)
    if sheet is None:
        return
    assert sheet.document is not None
    content = _content(sheet.document, store=store)
    try:
        with db.session.begin_nested():
            saved = _save(sheet, content, now=now)
    except DomainError as problem:
        found = problem.findings if isinstance(problem, Invalid) else [Finding(problem.code, problem.message)]
        sheet.findings, sheet.done_at = [each.as_json() for each in found], now
        BUDGET_SHEET.go(sheet, "refuse", actor=SYSTEM, now=now, kind=sheet.kind.value, wrong=len(found))
    else:
        words = ", ".join(saved) or "Nothing differed from what is here."
        said = Finding("saved", f"Changed: {words}." if saved else words, severity=Severity.WARNS)
        sheet.findings, sheet.done_at = [said.as_json()], now
        BUDGET_SHEET.go(sheet, "finish", actor=SYSTEM, now=now, kind=sheet.kind.value, rows=len(saved))
    db.session.flush()


def layout_of(proposal: Proposal) -> sheets.Layout:
    """The spreadsheet of the budget as it is now."""
    topic = proposal.topic
    rows = [
        sheets.Row(
            pic=row.organisation.pic, name=row.organisation.legal_name, version=row.version,
            texts=budgeting.budget_texts(row, topic),
        )
        for row in proposal.participants
    ]  # fmt: skip
    most = max(topic.funding_rate, topic.nonprofit_rate or topic.funding_rate)
    return sheets.layout(proposal.number, facts.rules_of(proposal), rows, most_rate=most)


def _save(sheet: BudgetSheet, content: bytes, *, now: datetime) -> list[str]:
    """The names of the participants whose rows were changed. Raises Invalid with every wrong cell, Refused."""
    opened = _opened(sheet, now=now)
    actor = _actor(sheet.asked_by)
    access.may_edit(actor, opened.access, now=now).require()
    made = layout_of(opened.proposal)
    try:
        given = sheets.read(workbook.read(content, made), made)
    except workbook.Unreadable:
        raise Invalid(Finding("unreadable", "This workbook cannot be read. Save it again as XLSX.")) from None
    if given.findings:
        raise Invalid(given.findings)
    before = {row.pic: row.texts for row in made.rows}
    changed = [row for row in opened.proposal.participants if _differs(row, given, before)]
    return [_save_row(opened, row, given, actor=actor, now=now) for row in changed]


def _differs(row: Participant, given: sheets.Read, before: Mapping[str, Mapping[str, str]]) -> bool:
    _, texts = given.rows[row.organisation.pic]
    known = before[row.organisation.pic]
    return any((known.get(name) or "") != text for name, text in texts.items() if known.get(name) or text != "0")


def _save_row(opened: Opened, row: Participant, given: sheets.Read, *, actor: Actor, now: datetime) -> str:
    version, texts = given.rows[row.organisation.pic]
    try:
        budgeting.save_budget_row(opened, row.id, texts, seen=version, actor=actor, now=now)
    except Stale:
        message = f"{row.organisation.legal_name} was changed here while the spreadsheet was read: make a new one."
        raise Invalid(Finding("changed-meanwhile", message)) from None
    return row.organisation.legal_name


def _waiting(sheet_id: int, kind: SheetKind) -> BudgetSheet | None:
    sheet = db.session.get(BudgetSheet, sheet_id, with_for_update=True)
    return sheet if sheet is not None and (sheet.kind, sheet.state) == (kind, SheetState.WAITING) else None


def _opened(sheet: BudgetSheet, *, now: datetime) -> Opened:
    """As whoever asked opens it."""
    return queries.open_proposal(_actor(sheet.asked_by), sheet.proposal.number, now=now)


def _actor(account: Account) -> Actor:
    return Actor(id=account.id, name=account.name, email=account.email)


def _content(document: Document, *, store: Store) -> bytes:
    assert document.object_key is not None
    with store_answers(), store.storage.open(document.object_key) as source:
        return source.read() or b""
