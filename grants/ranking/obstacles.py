"""What later stages hold against a decision: each gives findings while something of theirs is still open.

``grants/registry.py`` connects them: ranking knows none of the stages that come after the evaluation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from grants.calls.models import Topic
from grants.kernel.findings import Finding

_ASKED: list[Callable[[Topic, datetime | None], list[Finding]]] = []


def register(asked: Callable[[Topic, datetime | None], list[Finding]]) -> None:
    """Ask this before a list is prepared; twice the same is once. ``asked``: given topic and cut-off of the list."""
    if asked not in _ASKED:
        _ASKED.append(asked)


def of(topic: Topic, cut_off: datetime | None) -> list[Finding]:
    """Everything that stands against preparing this list."""
    return [each for asked in _ASKED for each in asked(topic, cut_off)]
