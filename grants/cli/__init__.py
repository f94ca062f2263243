"""``grants …``: each command calls one service. Errors are one line on stderr; see ``--help`` of each."""

from __future__ import annotations

from grants.cli.root import main

__all__ = ["main"]
