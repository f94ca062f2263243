"""Pages of the evaluation: experts' and managers'."""

from __future__ import annotations

from grants.evaluation.views import consensus, experts, managing, offline, second_stage, visibility
from grants.evaluation.views.blueprint import bp

home_slot = experts.home_slot
officer_slot = managing.officer_slot
topic_slot = managing.topic_slot

__all__ = [
    "bp", "consensus", "experts", "home_slot", "managing", "officer_slot", "offline", "second_stage", "topic_slot",
    "visibility",
]  # fmt: skip
