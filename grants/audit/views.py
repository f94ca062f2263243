"""The page of the audit trail."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from grants.audit import queries
from grants.audit.models import AuditEvent
from grants.kernel.actor import Role
from grants.web import guards, listing

bp = Blueprint("audit", __name__)


@bp.get("/audit")
def trail() -> ResponseReturnValue:
    guards.staff(Role.AUDITOR, Role.ADMINISTRATOR)
    text, kind = request.args.get("q", "").strip(), request.args.get("kind", "").strip()
    page = listing.page(
        queries.events(text=text, kind=kind), [AuditEvent.number], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("audit/trail.html", page=page, text=text, kind=kind, head=queries.head())
