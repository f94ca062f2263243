"""The jobs: thin, each one service call that returns counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask

from grants.accounts import services as accounts
from grants.documents import services as documents
from grants.evaluation import services as evaluation
from grants.proposals import blindness, presence
from grants.proposals import services as proposals
from grants.reminders import services as reminders
from grants.similarity import services as similarity

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


def _receipts(_app: Flask, now: datetime) -> Counts:
    counts: Counts = proposals.ask_for_missing_receipts(now=now)
    return counts


def _words(_app: Flask, now: datetime) -> Counts:
    counts: Counts = blindness.ask_for_missing_words(now=now)
    return counts


def _offline_forms(_app: Flask, now: datetime) -> Counts:
    counts: Counts = evaluation.drop_forgotten_forms(now=now)
    return counts


def _alike_texts(_app: Flask, now: datetime) -> Counts:
    counts: Counts = similarity.ask_for_comparisons(now=now)
    return counts


JOBS = (
    Job("reminders", 60, "Finds reminders that are due and puts them into the outbox", _reminders),
    Job("files", 3600, "Removes uploads that were never finished", _sweep_files),
    Job("receipts", 600, "Asks again for signed receipts that are not there after ten minutes", _receipts),
    Job("names in Part B", 600, "Has each Part B of a blind evaluation read that is not read yet", _words),
    Job("offline forms", 3600, "Forgets offline forms of reports that nobody confirmed in a day", _offline_forms),
    Job("alike texts", 300, "Has what was submitted compared, once its deadline has passed", _alike_texts),
    Job("sign-in tries", 3600, "Forgets failed sign-ins after a day", _sweep_tries),
    Job("presence", 600, "Forgets who had a draft open", _sweep_presence),
)
