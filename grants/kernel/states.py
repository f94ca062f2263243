"""States and the only door between them.

A machine is a table of transitions. ``Machine.go`` is the only code that writes a ``state`` attribute; it hands
every change to the recorder, which the audit trail sets at start (the kernel knows no database).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from grants.kernel.actor import Actor
from grants.kernel.errors import Refused
from grants.kernel.links import Ref

S = TypeVar("S", bound=StrEnum)


class Stateful(Protocol):
    """What can move: it has a state and a reference for the audit trail."""

    state: Any

    def ref(self) -> Ref:
        """How the audit trail names it."""
        ...


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """``by`` names who may, in words, for diagrams; the decision itself is made by ``access``."""

    source: S
    action: str
    target: S
    by: str


class Recorder(Protocol):
    """Writes the audit event of a change of state."""

    def __call__(
        self, ref: Ref, action: str, *, actor: Actor, now: datetime, reason: str, facts: dict[str, Any]
    ) -> None: ...


def _no_recorder(ref: Ref, action: str, **_: Any) -> None:
    raise RuntimeError(f"no audit recorder is set, {action} of {ref} would leave no trace")


_recorder: Recorder = _no_recorder
_machines: dict[str, Machine[Any]] = {}


def set_recorder(recorder: Recorder) -> None:
    """Say who writes the audit event of each change of state. Called once, by the audit capability."""
    global _recorder
    _recorder = recorder


def machines() -> dict[str, Machine[Any]]:
    """All machines by name: for the walk test and the diagrams."""
    return dict(_machines)


class Machine(Generic[S]):
    """A named table of transitions over one enum; its first member is the initial state."""

    def __init__(self, name: str, states: type[S], *transitions: Transition[S], final: tuple[S, ...] = ()) -> None:
        self.name, self.states, self.transitions, self.final = name, states, transitions, final
        self._table = {(move.source, move.action): move.target for move in transitions}
        if len(self._table) != len(transitions):
            raise ValueError(f"{name}: two transitions share a source and an action")
        _machines[name] = self

    @property
    def initial(self) -> S:
        """Where every object starts."""
        return next(iter(self.states))

    def allows(self, state: S, action: str) -> bool:
        """Whether ``action`` leads anywhere from ``state``."""
        return (state, action) in self._table

    def actions(self, state: S) -> Iterator[str]:
        """What may happen in ``state``."""
        return (move.action for move in self.transitions if move.source == state)

    def go(
        self, thing: Stateful, action: str, *, actor: Actor, now: datetime, reason: str = "", **facts: Any
    ) -> None:
        """Move ``thing``. Raises Refused (code ``wrong-state``) when the action does not start from its state."""
        target = self._table.get((thing.state, action))
        if target is None:
            raise Refused(
                "wrong-state",
                f"This is {thing.state.value.replace('_', ' ')} now, so that step is not possible. Reload the page.",
                status=409,
            )
        before, thing.state = thing.state, target
        _recorder(
            thing.ref(),
            f"{self.name}.{action}",
            actor=actor,
            now=now,
            reason=reason,
            facts={"from": before.value, "to": target.value, **facts},
        )


def reachable(machine: Machine[Any]) -> set[Any]:
    """The states that can be reached from the initial one."""
    seen, todo = set(), [machine.initial]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo.extend(move.target for move in machine.transitions if move.source == state)
    return seen
