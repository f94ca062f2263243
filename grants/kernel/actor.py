"""Who acts: the signed-in person (or the system), with what access decisions need to know and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What an administrator grants to a person. Everybody who is signed in is an applicant."""

    EVALUATOR = "evaluator"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request or a command.

    ``programmes``: codes of the programmes that the person manages; roles other than manager have no scope.
    ``organisations``: identities of the organisations that the person acts for.
    ``address``: network address, kept in the audit trail; None for commands and jobs.
    """

    id: int | None
    name: str
    email: str | None = None
    roles: frozenset[Role] = frozenset()
    programmes: frozenset[str] = frozenset()
    organisations: frozenset[int] = frozenset()
    address: str | None = None
    timezone: str | None = None
    session_id: int | None = field(default=None, compare=False)

    @property
    def signed_in(self) -> bool:
        """Whether this is a person with an account."""
        return self.id is not None

    def has(self, role: Role) -> bool:
        """Whether an administrator granted ``role``."""
        return role in self.roles

    def manages(self, programme: str) -> bool:
        """Whether the person is a programme manager of the programme with this code."""
        return Role.MANAGER in self.roles and programme in self.programmes


ANONYMOUS = Actor(id=None, name="Visitor")
SYSTEM = Actor(id=None, name="System")
