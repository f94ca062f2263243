"""What an access function returns: allowed, or not with the reason that the page shows."""

from __future__ import annotations

from dataclasses import dataclass

from grants.kernel.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """``hidden``: the actor must not even learn that the thing exists."""

    allowed: bool
    code: str = ""
    reason: str = ""
    hidden: bool = False

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise Refused (or NotFound where hidden) unless allowed."""
        if self.allowed:
            return
        if self.hidden:
            raise NotFound
        raise Refused(self.code, self.reason, status=403)


ALLOWED = Verdict(allowed=True)
HIDDEN = Verdict(
    allowed=False, code="not-found", reason="There is no such page, or it is not open to you.", hidden=True
)


def refused(code: str, reason: str) -> Verdict:
    """Not allowed, with a stable code and a sentence that says what to do."""
    return Verdict(allowed=False, code=code, reason=reason)
