"""Pages of the evaluation: experts' and managers'."""

from __future__ import annotations

from grants.evaluation.views import conflicts, consensus, experts, managing, offline, second_stage, visibility
from grants.evaluation.views.blueprint import bp

experts_slot = conflicts.experts_slot
home_slot = experts.home_slot
officer_slot = managing.officer_slot
topic_slot = managing.topic_slot

__all__ = [
    "bp", "conflicts", "consensus", "experts", "experts_slot", "home_slot", "managing", "officer_slot", "offline",
    "second_stage", "topic_slot", "visibility",
]  # fmt: skip
