"""Doing: the plan of a project and its agreement; deliverables and reports from upload to acceptance."""

from __future__ import annotations

from grants.reporting.services.agreement import DeliverableRow, MilestoneRow, confirm_agreement, save_whole_plan
from grants.reporting.services.handing_in import accept, attach, hand_in, reach, save_summary, send_back

__all__ = [
    "DeliverableRow",
    "MilestoneRow",
    "accept",
    "attach",
    "confirm_agreement",
    "hand_in",
    "reach",
    "save_summary",
    "save_whole_plan",
    "send_back",
]
