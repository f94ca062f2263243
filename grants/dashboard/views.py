"""The first page, and the pages about this site."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distributions

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.accounts import queries as accounts
from grants.accounts import services as account_services
from grants.accounts.views import enter
from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.calls.views import phase_of
from grants.db import transaction
from grants.kernel.errors import NotFound
from grants.web import guards, listing

bp = Blueprint("dashboard", __name__)
SHOWN = 8


@bp.get("/")
def home() -> ResponseReturnValue:
    actor, now = guards.visitor(), guards.received_at()
    people = accounts.demo_accounts() if current_app.extensions["settings"].demo and not actor.signed_in else []
    open_topics = listing.page(
        calls.public_topics(calls.TopicFilter(status="open"), now=now), [Topic.deadline, Topic.id], size=SHOWN
    )
    return render_template(
        "dashboard/home.html", actor=actor, now=now, topics=open_topics.rows, phase_of=phase_of,
        counts=calls.counts_by_phase(now), people=people, roles=accounts.roles_of([each.id for each in people]),
    )  # fmt: skip


@bp.post("/demo/sign-in/<int:account_id>")
def demo_sign_in(account_id: int) -> ResponseReturnValue:
    """One click in a demonstration; elsewhere there is no such page."""
    account = accounts.account(account_id)
    if not current_app.extensions["settings"].demo or account is None or not account.demo:
        raise NotFound
    with transaction():
        token = account_services.open_session(
            account, now=guards.received_at(), address=request.remote_addr, browser=request.user_agent.string
        )
    enter(account, token)
    return redirect(url_for(".home"))


@bp.get("/about")
def about() -> ResponseReturnValue:
    return render_template("dashboard/about.html")


@bp.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    return render_template("dashboard/accessibility.html")


@bp.get("/licences")
def licences() -> ResponseReturnValue:
    """Everything that is shipped, with its licence."""
    return render_template("dashboard/licences.html", rows=_shipped())


@cache
def _shipped() -> list[tuple[str, str, str]]:
    """Name, version and licence of each package: read once, for a hundred files take half a second."""
    rows = set()
    for each in distributions():
        metadata = each.metadata
        rows.add((metadata["Name"], metadata["Version"], _licence(metadata)))
    return sorted(rows, key=lambda row: row[0].lower())


def _licence(metadata: object) -> str:
    get = getattr(metadata, "get")  # noqa: B009 the metadata is a message, whose stubs differ by version
    text = str(get("License-Expression") or get("License") or "see its own files").strip().splitlines()
    return text[0][:80] if text else "see its own files"
