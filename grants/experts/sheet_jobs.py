"""The worker's part of tables of experts: writing one, reading one that came, taking it over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from grants.accounts.models import Account
from grants.accounts.queries import actor_now
from grants.db import db
from grants.documents.models import Document
from grants.documents.services import keep_generated, store_answers
from grants.documents.store import Store
from grants.experts import access, queries, workbook
from grants.experts.models import Expert, ExpertSheet
from grants.experts.rules import SECTORS, sheet
from grants.experts.services import import_experts, plan_import
from grants.experts.states import EXPERT_SHEET, SheetState
from grants.kernel.actor import SYSTEM, Actor, Role
from grants.kernel.errors import DomainError, Invalid
from grants.kernel.findings import Finding
from uploads.kinds import CSV, XLSX

#: Rows of a preview that are kept; the counts are of all.
SHOWN = 200


def export(sheet_id: int, *, store: Store, now: datetime) -> None:
    """Write the table that was asked for, as whoever asked may see it now. Repeating is harmless."""
    asked = _in(sheet_id, SheetState.WAITING)
    if asked is None:
        return
    actor = actor_now(asked.asked_by_id)
    if not access.may_see_registry(actor):  # who asked is no officer any more
        _refuse(asked, [Finding("not-allowed", "You may not see the registry.")], now=now)
        return
    grid = table_of(queries.Wanted.of(asked.wanted), actor)
    content = sheet.to_csv(grid).encode() if asked.as_csv else workbook.write(grid)
    name, media_type = ("Experts.csv", CSV) if asked.as_csv else ("Experts.xlsx", XLSX)
    asked.document = keep_generated(
        asked.papers(), "expert_export", name=name, content=content, now=now, store=store, media_type=media_type
    )
    asked.done_at, asked.counts = now, {"rows": len(grid) - 1}
    EXPERT_SHEET.go(asked, "finish", actor=SYSTEM, now=now, rows=len(grid) - 1, columns=list(grid[0]))
    db.session.flush()


def table_of(wanted: queries.Wanted, actor: Actor) -> list[list[str]]:
    """The filtered registry with what its pages show to this officer; addresses for administrators alone."""
    rows = db.session.scalars(queries.registry(wanted).order_by(Account.name, Expert.id)).all()
    labels = queries.labels_of(each.id for each in rows)
    columns = [*(["email"] if actor.has(Role.ADMINISTRATOR) else []), *sheet.EXPORTED]
    cells = ({**_cells(each), "concepts": "; ".join(labels.get(each.id, ()))} for each in rows)
    return [[sheet.HEADINGS[name] for name in columns], *([row[name] for name in columns] for row in cells)]


def _cells(expert: Expert) -> dict[str, str]:
    return {
        "email": expert.account.email, "name": expert.account.name, "employer_name": expert.employer_name,
        "country": expert.country, "nationality": expert.nationality,
        "sector": expert.sector if expert.sector in SECTORS else "", "expertise": "; ".join(expert.expertise),
        "languages": "; ".join(expert.languages), "orcid": expert.orcid, "state": expert.state.value,
        "declared": expert.declared_at.date().isoformat() if expert.declared_at else "",
    }  # fmt: skip


def read(sheet_id: int, *, store: Store, now: datetime) -> None:
    """Say what a table that came would change, or every wrong cell. Repeating is harmless."""
    asked = _in(sheet_id, SheetState.WAITING)
    if asked is None:
        return

    def plan() -> None:
        found = plan_import(_grid(asked, store), actor=actor_now(asked.asked_by_id))
        if found.findings:
            raise Invalid(found.findings)
        asked.counts, asked.preview = found.counts, found.preview[:SHOWN]
        EXPERT_SHEET.go(asked, "check", actor=SYSTEM, now=now, counts=found.counts)

    _tried(asked, plan, now=now)


def take_over(sheet_id: int, *, store: Store, now: datetime) -> None:
    """Do what the preview said, with the facts as they are now: all of it, or nothing. Repeating is harmless."""
    asked = _in(sheet_id, SheetState.TAKING)
    if asked is None:
        return

    def take() -> None:
        asked.counts = import_experts(_grid(asked, store), actor=actor_now(asked.asked_by_id), now=now)
        asked.done_at = now
        EXPERT_SHEET.go(asked, "finish", actor=SYSTEM, now=now, counts=asked.counts)

    _tried(asked, take, now=now)


def _tried(asked: ExpertSheet, act: Callable[[], None], *, now: datetime) -> None:
    try:
        with db.session.begin_nested():
            act()
    except DomainError as problem:
        found = problem.findings if isinstance(problem, Invalid) else [Finding(problem.code, problem.message)]
        _refuse(asked, found, now=now)
    db.session.flush()


def _refuse(asked: ExpertSheet, found: list[Finding], *, now: datetime) -> None:
    asked.findings, asked.done_at = [each.as_json() for each in found], now
    EXPERT_SHEET.go(asked, "refuse", actor=SYSTEM, now=now, wrong=len(found))
    db.session.flush()


def _in(sheet_id: int, state: SheetState) -> ExpertSheet | None:
    found = db.session.get(ExpertSheet, sheet_id, with_for_update=True)
    return found if found is not None and found.state is state else None


def _grid(asked: ExpertSheet, store: Store) -> list[list[str]]:
    document: Document | None = asked.document
    if document is None or document.object_key is None:
        raise Invalid(Finding("gone", "The file is kept for a day and is gone. Send it again."))
    with store_answers(), store.storage.open(document.object_key) as source:
        return workbook.read(source.read() or b"", as_csv=asked.as_csv)
