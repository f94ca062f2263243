"""Requests for a review and what follows an upheld one. Pure.

``review``: what a request needs, committees, whether a new evaluation could change the result. ``rounds``: the new
round of experts. ``supplement``: the place that the new scores would have had in the announced list.
Source: domain.md 8.6.
"""

from __future__ import annotations

from grants.redress.rules.review import (
    SOURCE,
    Chance,
    Involvement,
    Standing,
    could_change,
    involved_as,
    outcome_findings,
    request_findings,
)
from grants.redress.rules.rounds import decision_findings, judged_findings, merged, why_not_named
from grants.redress.rules.supplement import Supplement, supplement

__all__ = [
    "SOURCE",
    "Chance",
    "Involvement",
    "Standing",
    "Supplement",
    "could_change",
    "decision_findings",
    "involved_as",
    "judged_findings",
    "merged",
    "outcome_findings",
    "request_findings",
    "supplement",
    "why_not_named",
]
