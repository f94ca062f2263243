"""A finding: one thing that is wrong or worth knowing, with its place and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a finding stops the action."""

    BLOCKS = "blocks"
    WARNS = "warns"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    ``code`` never changes and is what tests and machines compare; ``place`` is the field's name
    (``acronym``, ``budget.3.A``) or empty for the whole; ``message`` is one sentence for people.
    ``source`` cites the rule.
    """

    code: str
    message: str
    place: str = ""
    severity: Severity = Severity.BLOCKS
    source: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the action cannot go on."""
        return self.severity is Severity.BLOCKS

    def as_json(self) -> dict[str, Any]:
        """For JSON columns and answers."""
        return {
            "code": self.code,
            "message": self.message,
            "place": self.place,
            "severity": self.severity.value,
        }


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop the action, in their order."""
    return [finding for finding in findings if finding.blocks]
