"""Words for what happened in a project, and versions of texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

#: What the people of a project read of the audit trail. Who opened which file is not among it.
HAPPENED = {
    "project.prepared": "Grant preparation opened",
    "project.plan_changed": "Plan changed",
    "project.confirmed": "Agreement confirmed for the {side}",
    "project.start": "Project started",
    "project.give_up": "Preparation given up",
    "project.close": "Project closed",
    "project.terminate": "Project ended early",
    "milestone.reached": "Milestone {milestone} noted as reached",
    "deliverable.submit": "Deliverable {part} handed in",
    "deliverable.return": "Deliverable {part} returned",
    "deliverable.accept": "Deliverable {part} accepted",
    "periodic_report.submit": "Periodic report {part} handed in",
    "periodic_report.return": "Periodic report {part} returned",
    "periodic_report.accept": "Periodic report {part} accepted",
}


def happened(action: str, key: str, facts: Mapping[str, Any]) -> str:
    """An event of the audit trail in words. ``key``: of its object, such as ``101000001/D1.1``.

    >>> happened("deliverable.return", "101000001/D1.1", {})
    'Deliverable D1.1 returned'
    """
    known = {"side": facts.get("side", ""), "milestone": facts.get("milestone", ""), "part": key.partition("/")[2]}
    if action == "milestone.reached" and not facts.get("day"):
        return f"Milestone {known['milestone']} noted as not reached"
    return HAPPENED[action].format(**known)


def text_version(text: str) -> int:
    """What a page remembers of a text that it shows, so that a save from an old page is noticed. Never 0."""
    return crc32(text.encode()) + 1
