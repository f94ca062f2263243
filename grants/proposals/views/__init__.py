"""Pages of a proposal: its people's, and those that check a receipt."""

from __future__ import annotations

from grants.proposals.views import budget, consortium, drafts, files, history, papers, part_a, people, submitting
from grants.proposals.views.common import bp

__all__ = ["bp", "budget", "consortium", "drafts", "files", "history", "papers", "part_a", "people", "submitting"]
