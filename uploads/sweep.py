"""Clearing away what nobody will come back for: uploads never finished, checks that broke off.

Accepted objects (``objects/``) are never touched here: whether they are still needed is a question of
meaning and of retention, which this package cannot answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from uploads.port import CHECKING, INCOMING, Storage


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep did. ``freed``: bytes of removed objects (parts of aborted uploads are not counted)."""

    removed: int = 0
    freed: int = 0
    aborted: int = 0
    kept: int = 0
    temporaries: int = 0


def sweep(storage: Storage, *, in_use: Callable[[str], bool], older_than: datetime) -> SweepReport:
    """Remove orphans last written before ``older_than``, and abort multipart uploads begun before it.

    ``in_use(key)`` is asked with the *incoming* key, also for a private copy made from it, immediately before
    each removal; True keeps the object. ``older_than`` must lie further back than the longest upload and
    check take. May be repeated, and run twice at once; raises StoreUnavailable in the middle, with what was
    done until then done.
    """
    removed = freed = aborted = kept = 0
    for upload in storage.list_uploads(older_than=older_than):
        if in_use(upload.key):
            kept += 1
            continue
        storage.abort(upload.key, upload.upload_id)
        aborted += 1
    for prefix in (INCOMING, CHECKING):
        for stored in storage.list(prefix, older_than=older_than):
            if in_use(_owner(stored.key)):
                kept += 1
                continue
            storage.delete(stored.key)
            removed, freed = removed + 1, freed + stored.size
    temporaries = storage.clear_temporaries(older_than=older_than)
    return SweepReport(removed=removed, freed=freed, aborted=aborted, kept=kept, temporaries=temporaries)


def _owner(key: str) -> str:
    """The incoming key that the caller knows; a copy under ``checking/`` carries it in its name."""
    return INCOMING + key.partition("/")[2].partition(".")[0]
