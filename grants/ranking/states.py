"""The life of a ranked list."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class RankingState(StrEnum):
    """``prepared``: one manager proposes the decision; ``decided``: another one confirmed it, the list is frozen;
    ``informed``: the letters are out."""

    DRAFT = "draft"
    PREPARED = "prepared"
    DECIDED = "decided"
    INFORMED = "informed"


RANKING = Machine(
    "ranking",
    RankingState,
    Transition(RankingState.DRAFT, "prepare", RankingState.PREPARED, "programme manager"),
    Transition(RankingState.PREPARED, "send_back", RankingState.DRAFT, "programme manager"),
    Transition(RankingState.PREPARED, "decide", RankingState.DECIDED, "another programme manager"),
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
