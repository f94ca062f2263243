"""The registry as a table: written for officers as it is filtered, sent in by administrators."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.rules import KINDS
from grants.documents.views import take
from grants.experts import access, queries, services
from grants.experts.rules import sheet as table
from grants.experts.views.blueprint import bp
from grants.experts.views.registry import officer, wanted_of
from grants.kernel.links import Ref
from grants.web import guards


@bp.get("/manage/experts/tables")
def sheets() -> ResponseReturnValue:
    """The last table of each kind, with what is to be done about it."""
    actor = officer()
    return render_template(
        "experts/sheets.html", sheets=queries.last_sheets(actor.id or 0), may_import=access.may_import(actor),
        kind=KINDS["expert_import"], headings=table.HEADINGS, ignored=table.IGNORED, zone=actor.timezone or "UTC",
    )  # fmt: skip


@bp.post("/manage/experts/export")
def export() -> ResponseReturnValue:
    """The registry with the filters of the page, as CSV or XLSX."""
    actor = officer()
    with transaction():
        services.ask_for_export(
            wanted_of(request.form).as_json(), as_csv=request.form.get("format") == "csv", actor=actor,
            now=guards.received_at(),
        )  # fmt: skip
    return redirect(url_for(".sheets"))


@bp.post("/manage/experts/import")
def upload_sheet() -> ResponseReturnValue:
    """Checked like every file, then read by the worker; nothing is changed yet."""
    actor = guards.actor()
    access.may_import(actor).require()
    take(Ref("expert_sheet", str(actor.id)), "expert_import", done="has arrived and is read now.")
    return redirect(url_for(".sheets"))


@bp.post("/manage/experts/import/<int:sheet_id>/take-over")
def take_over_sheet(sheet_id: int) -> ResponseReturnValue:
    """Do what the preview says."""
    actor = guards.actor()
    access.may_import(actor).require()
    with transaction():
        services.take_over_sheet(queries.own_sheet(actor, sheet_id), actor=actor, now=guards.received_at())
    return redirect(url_for(".sheets"))
