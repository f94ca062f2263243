"""Pages of panels: officers', members', applicants' and observers'."""

from __future__ import annotations

from grants.panels.views import hearings, meetings, observing, proposals, setting_up, shown
from grants.panels.views.blueprint import bp

home_slot = shown.home_slot
topic_slot = shown.topic_slot
proposal_slot = shown.proposal_slot
figures_slot = shown.figures_slot

__all__ = [
    "bp", "figures_slot", "hearings", "home_slot", "meetings", "observing", "proposal_slot", "proposals",
    "setting_up", "shown", "topic_slot",
]  # fmt: skip
