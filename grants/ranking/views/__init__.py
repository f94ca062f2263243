"""Pages of ranked lists and results."""

from __future__ import annotations

from grants.ranking.views import deciding, information, letters, lists, results
from grants.ranking.views.blueprint import bp

call_slot = lists.call_slot
home_slot = lists.home_slot
result_slot = results.result_slot

__all__ = ["bp", "call_slot", "deciding", "home_slot", "information", "letters", "lists", "result_slot", "results"]
