"""The store as this capability uses it: the port, the scanner, the largest file."""

from __future__ import annotations

from dataclasses import dataclass, field

from grants.documents.rules import KINDS
from uploads.checks import Policy
from uploads.kinds import EXTENSIONS
from uploads.port import Storage
from uploads.scanner import ClamdScanner, Scanner


@dataclass(frozen=True, slots=True)
class Store:
    """``most_bytes``: no file may be larger. ``clamd_url``: empty where no scanner is configured."""

    storage: Storage
    most_bytes: int
    clamd_url: str = ""
    scanner: Scanner | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scanner", ClamdScanner(self.clamd_url) if self.clamd_url else None)

    def policy(self, kind: str) -> Policy:
        """What is wanted of a file of this kind."""
        allowed = frozenset(EXTENSIONS[ending] for ending in KINDS[kind].endings)
        return Policy(allowed=allowed, max_size=self.most_bytes, measured=KINDS[kind].measured)

    def prepare(self) -> None:
        """Make bucket or folders."""
        self.storage.prepare()

    def check_health(self) -> None:
        """Raises StoreUnavailable with the reason."""
        self.storage.check_health()
