"""``grants …``: each command calls one service. Errors are one line on stderr; see ``--help`` of each."""

from __future__ import annotations

from grants.kernel.memory import starting

with starting():
    from grants.cli import checkup, loading, processes, proofs, templates, users
    from grants.cli.root import main

__all__ = ["checkup", "loading", "main", "processes", "proofs", "templates", "users"]
