"""The life of a run: a proposal of the program who evaluates what in one topic, until a manager takes it over."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class RunState(StrEnum):
    """``done``: its answer can be looked at; ``taking``: being taken over; ``taken``: the assignments are made."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TAKING = "taking"
    TAKEN = "taken"


RUN = Machine(
    "assignment_run",
    RunState,
    Transition(RunState.WAITING, "begin", RunState.RUNNING, "worker"),
    Transition(RunState.WAITING, "cancel", RunState.CANCELLED, "programme manager"),
    Transition(RunState.RUNNING, "begin", RunState.RUNNING, "worker, after another one was killed"),
    Transition(RunState.RUNNING, "finish", RunState.DONE, "worker"),
    Transition(RunState.RUNNING, "fail", RunState.FAILED, "worker"),
    Transition(RunState.RUNNING, "cancel", RunState.CANCELLED, "programme manager"),
    Transition(RunState.DONE, "take_over", RunState.TAKING, "programme manager"),
    Transition(RunState.TAKING, "finish_taking", RunState.TAKEN, "worker"),
    final=(RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.TAKEN),
)
#: A run in one of these is still at work.
UNDER_WAY = (RunState.WAITING, RunState.RUNNING, RunState.TAKING)
