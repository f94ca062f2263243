"""Every message with its state, for administrators."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import NotFound
from grants.notifications import queries
from grants.notifications.models import Letter
from grants.web import guards, listing

bp = Blueprint("notifications", __name__)


@bp.get("/admin/letters")
def letters() -> ResponseReturnValue:
    guards.staff(Role.ADMINISTRATOR)
    text, state = request.args.get("q", "").strip(), request.args.get("state", "")
    page = listing.page(
        queries.letters(state=state, text=text), [Letter.id], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("notifications/letters.html", page=page, text=text, state=state, counts=queries.counts())


@bp.get("/admin/letters/<int:letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    guards.staff(Role.ADMINISTRATOR)
    found = db.session.get(Letter, letter_id)
    if found is None:
        raise NotFound
    return render_template("notifications/letter.html", letter=found)
