"""What later stages keep about an organisation: they say what it is and re-point it when two entries are merged.

Organisations lie below proposals, experts, projects and partners; ``grants/registry.py`` connects them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from grants.kernel.findings import Finding


@dataclass(frozen=True, slots=True)
class Holding:
    """One row that refers to an organisation: ``table`` and ``id`` for the audit trail, ``words`` for the page."""

    table: str
    id: int
    words: str


class Holder(Protocol):
    """A capability with rows that refer to organisations."""

    def held(self, organisation_id: int) -> Sequence[Holding]:
        """The rows that refer to this organisation."""
        ...

    def clashes(self, kept_id: int, merged_id: int) -> Sequence[Finding]:
        """Why the two cannot become one: sentences that name the things that both stand in."""
        ...

    def move(self, kept_id: int, merged_id: int) -> None:
        """Let the rows refer to the organisation that stays. Does not commit."""
        ...


_HOLDERS: list[Holder] = []


def register(holder: Holder) -> None:
    """Add what a capability holds."""
    _HOLDERS.append(holder)


def holders() -> Sequence[Holder]:
    """All that were registered."""
    return tuple(_HOLDERS)
