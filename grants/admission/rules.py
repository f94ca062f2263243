"""Which rules are open for an officer, and what may be decided on a proposal. Pure. Source: domain.md 4 and 8.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grants.kernel.findings import Finding


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule of a submitted version: what it found itself, and what an officer found over it (None: nothing)."""

    key: str
    words: str
    citation: str
    severity: str
    met: bool | None
    why: str
    officer: bool | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is met: the officer's word counts before its own. A warning never keeps a proposal out."""
        if self.officer is not None:
            return self.officer
        return self.met is not False or self.severity == "warns"

    @property
    def is_open(self) -> bool:
        """Whether an officer still has to say something: it is not met by itself and nobody decided on it."""
        return self.met is False and self.severity != "warns" and self.officer is None


def judged(outcomes: Sequence[Mapping[str, Any]], decisions: Mapping[str, tuple[bool, str]]) -> list[Judged]:
    """The rules of a version with the officers' decisions on them. ``outcomes``: as the version keeps them."""
    found = []
    for each in outcomes:
        officer, reason = decisions.get(each["key"], (None, ""))
        found.append(
            Judged(
                key=each["key"], words=each["words"], citation=each["citation"], severity=each["severity"],
                met=each["met"], why=each["why"], officer=officer, reason=reason,
            )
        )  # fmt: skip
    return found


def admission_findings(rules: Sequence[Judged], *, admit: bool, reason: str) -> list[Finding]:
    """Why a proposal cannot be admitted, or excluded, as things stand.

    It is admitted when every rule is met, by itself or by an officer's decision; it is excluded with a reason that
    its applicants are told.
    """
    if not admit:
        return [] if reason.strip() else [_wrong("no-reason", "Say why: the applicants are told.", "reason")]
    found = [
        _wrong("rule-open", f"Decide first on the rule “{each.words}”", "admit") for each in rules if each.is_open
    ]
    broken = [each for each in rules if not each.holds and not each.is_open]
    return found + [_wrong("rule-broken", f"This rule is not met: {each.words}", "admit") for each in broken]


def _wrong(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, source="domain.md 4")
