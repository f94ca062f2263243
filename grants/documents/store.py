"""The store as this capability uses it: the port, the scanner, the largest file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grants.documents.rules import KINDS
from uploads.checks import Policy
from uploads.kinds import EXTENSIONS
from uploads.port import Storage
from uploads.scanner import ClamdScanner, Scanner


@dataclass(frozen=True, slots=True)
class Limit:
    """What the installation takes of one kind of file. ``most_pages``: None where any number is taken."""

    most_bytes: int
    most_pages: int | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """``most_bytes``: no file may be larger. ``limits``: less for files of some kinds. ``clamd_url``: empty where no
    scanner is configured."""

    storage: Storage
    most_bytes: int
    clamd_url: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    scanner: Scanner | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scanner", ClamdScanner(self.clamd_url) if self.clamd_url else None)

    def policy(self, kind: str) -> Policy:
        """What is wanted of a file of this kind."""
        allowed = frozenset(EXTENSIONS[ending] for ending in KINDS[kind].endings)
        limit = self.limit(kind)
        return Policy(
            allowed=allowed, max_size=limit.most_bytes, measured=KINDS[kind].measured, most_pages=limit.most_pages
        )

    def limit(self, kind: str) -> Limit:
        """The most that is taken of a file of this kind."""
        return self.limits.get(kind, Limit(self.most_bytes))

    def prepare(self) -> None:
        """Make bucket or folders."""
        self.storage.prepare()

    def check_health(self) -> None:
        """Raises StoreUnavailable with the reason."""
        self.storage.check_health()
