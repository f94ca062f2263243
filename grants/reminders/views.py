"""The page of jobs."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from grants.kernel.actor import Role
from grants.reminders import queries
from grants.web import guards

bp = Blueprint("reminders", __name__)


@bp.get("/admin/jobs")
def jobs() -> ResponseReturnValue:
    guards.staff(Role.ADMINISTRATOR)
    return render_template("reminders/jobs.html", runs=queries.job_runs(), now=guards.received_at())
