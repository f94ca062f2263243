"""The jobs: thin, each one service call that returns counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask

from grants.accounts import services as accounts
from grants.documents import services as documents
from grants.proposals import presence
from grants.reminders import services as reminders

Counts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """``every``: seconds between two runs. ``do`` runs in a transaction."""

    name: str
    every: int
    says: str
    do: Callable[[Flask, datetime], Counts]


def _reminders(_app: Flask, now: datetime) -> Counts:
    counts: Counts = reminders.write_due(now=now)
    return counts


def _sweep_files(app: Flask, now: datetime) -> Counts:
    counts: Counts = documents.sweep(store=app.extensions["store"], now=now)
    return counts


def _sweep_tries(_app: Flask, now: datetime) -> Counts:
    return {"removed": accounts.sweep_tries(now=now)}


def _sweep_presence(_app: Flask, now: datetime) -> Counts:
    return {"removed": presence.sweep(now=now)}


JOBS = (
    Job("reminders", 60, "Finds reminders that are due and puts them into the outbox", _reminders),
    Job("files", 3600, "Removes uploads that were never finished", _sweep_files),
    Job("sign-in tries", 3600, "Forgets failed sign-ins after a day", _sweep_tries),
    Job("presence", 600, "Forgets who had a draft open", _sweep_presence),
)
