"""The three kinds of errors that people may see. Everything else is a bug.

Refused      you may not, or not now (403, 404, 409)
Invalid      what you gave is wrong, with findings at their places (422)
Unavailable  the store, mail or scanner is down; nothing is lost, try again (503)
"""

from __future__ import annotations

from collections.abc import Iterable

from grants.kernel.findings import Finding


class DomainError(Exception):
    """What the three kinds share: a code for tests and machines, a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Refused(DomainError):
    """The action is not allowed to this person, or not at this moment. ``status``: 403, 404 or 409."""

    def __init__(self, code: str, message: str, *, status: int = 403) -> None:
        super().__init__(code, message)
        self.status = status


class NotFound(Refused):
    """There is no such thing for this person: the same answer for what is missing and what is hidden."""

    def __init__(self) -> None:
        super().__init__("not-found", "There is no such page, or it is not open to you.", status=404)


class Stale(Refused):
    """Somebody else saved in between. ``current`` and ``yours`` map field to value, so both can be shown."""

    def __init__(self, *, current: dict[str, str], yours: dict[str, str], version: int, by: str = "") -> None:
        super().__init__("stale", "This was changed elsewhere since you opened it.", status=409)
        self.current, self.yours, self.version, self.by = current, yours, version, by


class Invalid(DomainError):
    """What was given is wrong: one or more findings."""

    def __init__(self, findings: Iterable[Finding] | Finding) -> None:
        self.findings = [findings] if isinstance(findings, Finding) else list(findings)
        super().__init__(self.findings[0].code, " ".join(finding.message for finding in self.findings))


class Unavailable(DomainError):
    """A part that we depend on does not answer. Nothing was lost; trying again later helps."""
