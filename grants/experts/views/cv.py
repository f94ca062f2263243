"""The expert's CV: uploaded, replaced, removed."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.rules import KINDS
from grants.documents.views import begin, store, take
from grants.experts import queries, services
from grants.experts.views.background import own_expert
from grants.experts.views.blueprint import bp
from grants.web import guards


@bp.get("/evaluation/cv")
def cv() -> ResponseReturnValue:
    """The CV that counts, with the way to another one."""
    expert = own_expert(guards.actor())
    return render_template(
        "experts/cv.html", expert=expert, document=queries.cv_of(expert), kind=KINDS[queries.CV],
        limit=store().limit(queries.CV),
    )  # fmt: skip


@bp.post("/evaluation/cv/ticket")
def cv_ticket() -> ResponseReturnValue:
    return begin(own_expert(guards.actor()).papers(), queries.CV)


@bp.post("/evaluation/cv")
def upload_cv() -> ResponseReturnValue:
    """The whole file through the app, for browsers without JavaScript."""
    take(own_expert(guards.actor()).papers(), queries.CV, done="is your CV now.")
    return redirect(url_for(".cv"))


@bp.post("/evaluation/cv/remove")
def remove_cv() -> ResponseReturnValue:
    actor = guards.actor()
    expert = own_expert(actor)
    with transaction():
        services.remove_cv(expert, actor=actor, now=guards.received_at())
    flash("Your CV is removed.", "success")
    return redirect(url_for(".cv"))
