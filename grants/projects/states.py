"""The life of a project from grant preparation on."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class ProjectState(StrEnum):
    """``preparation``: both sides must confirm before it runs."""

    PREPARATION = "preparation"
    RUNNING = "running"
    CLOSED = "closed"
    ENDED_EARLY = "ended_early"


PROJECT = Machine(
    "project",
    ProjectState,
    Transition(ProjectState.PREPARATION, "start", ProjectState.RUNNING, "both sides, by the second confirmation"),
    Transition(ProjectState.PREPARATION, "give_up", ProjectState.ENDED_EARLY, "programme manager"),
    Transition(ProjectState.RUNNING, "close", ProjectState.CLOSED, "programme manager"),
    Transition(ProjectState.RUNNING, "terminate", ProjectState.ENDED_EARLY, "programme manager"),
    final=(ProjectState.CLOSED, ProjectState.ENDED_EARLY),
)


class Side(StrEnum):
    """Who confirms the grant agreement."""

    COORDINATOR = "coordinator"
    FUNDER = "funder"
