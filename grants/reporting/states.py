"""The lives of a deliverable and of a periodic report. Overdue is no state: it follows from the dates."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class DueState(StrEnum):
    """Shared by deliverables and periodic reports. Source: domain.md 10."""

    PENDING = "pending"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"


def _machine(name: str) -> Machine[DueState]:
    return Machine(
        name,
        DueState,
        Transition(DueState.PENDING, "submit", DueState.SUBMITTED, "coordinator"),
        Transition(DueState.SUBMITTED, "return", DueState.PENDING, "project officer, with reasons"),
        Transition(DueState.SUBMITTED, "accept", DueState.ACCEPTED, "project officer"),
        final=(DueState.ACCEPTED,),
    )


DELIVERABLE = _machine("deliverable")
PERIODIC_REPORT = _machine("periodic_report")
