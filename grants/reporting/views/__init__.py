"""Pages of one project: overview, plan and agreement, deliverables, reports; the portfolio over all."""

from __future__ import annotations

from grants.reporting.views import handing_in, lists, overview, preparation
from grants.reporting.views.common import bp
from grants.reporting.views.lists import home_slot

__all__ = ["bp", "handing_in", "home_slot", "lists", "overview", "preparation"]
