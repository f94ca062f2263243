"""Projects over all: the first page, one's own, the officers' portfolio."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from grants.kernel.actor import Actor, Role
from grants.projects import queries as projects
from grants.projects.models import Project
from grants.projects.states import ProjectState
from grants.reporting import queries
from grants.reporting.queries import PortfolioFilter
from grants.reporting.views.common import bp
from grants.web import guards, listing
from grants.web.filters import country

_HOME_ROWS = 8
_FUNDERS_ZONE = ZoneInfo("Europe/Brussels")


def home_slot(*, actor: Actor, now: datetime) -> str:
    """On the first page: what waits for the officer's answer, or the person's projects with what is due next."""
    if not actor.signed_in or actor.has(Role.AUDITOR):
        return ""
    if actor.has(Role.MANAGER):
        waiting = queries.waiting_for_officers(actor, limit=_HOME_ROWS)
        return render_template("reporting/_home_manager.html", waiting=waiting) if waiting else ""
    page = listing.page(projects.running(actor), [Project.number], descending=True, size=5)
    if not page.rows:
        return ""
    ids = [each.id for each in page.rows]
    return render_template(
        "reporting/_home.html", projects=page.rows, dues=queries.dues(ids, now.astimezone(_FUNDERS_ZONE).date())
    )


@bp.get("/projects")
def own() -> ResponseReturnValue:
    """Projects that the person may see, the newest first."""
    return _listed("reporting/own.html", guards.actor())


@bp.get("/portfolio")
def portfolio() -> ResponseReturnValue:
    """The same for those who look after many: with figures and charts."""
    actor = guards.staff(Role.MANAGER, Role.AUDITOR)
    wanted, today = _wanted(), _day()
    return _listed("reporting/portfolio.html", actor, figures=queries.figures(actor, wanted, today=today))


def _wanted() -> PortfolioFilter:
    args = request.args
    return PortfolioFilter(
        text=args.get("q", "").strip(), call=args.get("call", ""), country=args.get("country", ""),
        state=args.get("state", ""), overdue=args.get("overdue") == "1",
    )  # fmt: skip


def _day() -> date:
    """Today for lists over many calls, whose zones may differ."""
    return guards.received_at().astimezone(_FUNDERS_ZONE).date()


def _listed(template: str, actor: Actor, **more: Any) -> str:
    wanted, today, args = _wanted(), _day(), request.args
    page = listing.page(
        queries.portfolio(actor, wanted, today=today), [Project.number], descending=True, after=args.get("after"),
        before=args.get("before"), size=listing.size_of(args.get("size")),
    )  # fmt: skip
    ids = [each.id for each in page.rows]
    calls, countries = queries.choices(actor)
    return render_template(
        template, page=page, wanted=wanted, states=list(ProjectState), calls=calls, dues=queries.dues(ids, today),
        countries=sorted(((code, country(code)) for code in countries), key=lambda pair: pair[1]),
        coordinators=projects.coordinators(ids), **more,
    )  # fmt: skip
