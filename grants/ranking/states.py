"""The life of a ranked list."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class RankingState(StrEnum):
    """``decided`` freezes the list; ``informed``: the letters are out."""

    DRAFT = "draft"
    DECIDED = "decided"
    INFORMED = "informed"


RANKING = Machine(
    "ranking",
    RankingState,
    Transition(RankingState.DRAFT, "decide", RankingState.DECIDED, "programme manager"),
    Transition(RankingState.DECIDED, "reopen", RankingState.DRAFT, "programme manager, before the letters"),
    Transition(RankingState.DECIDED, "inform", RankingState.INFORMED, "programme manager"),
    final=(RankingState.INFORMED,),
)


class Decision(StrEnum):
    """What was decided on a proposal. Source: domain.md 8.5."""

    MAIN = "main"
    RESERVE = "reserve"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """In words."""
        return {"main": "Main list", "reserve": "Reserve list", "rejected": "Rejected"}[self.value]
