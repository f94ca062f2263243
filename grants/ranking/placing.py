"""Writing the rows of a ranked list: places and suggestions of the rules, beside decisions that people noted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from grants.db import db
from grants.kernel.money import ZERO
from grants.ranking import queries, rules
from grants.ranking.models import Placement, Ranking
from grants.ranking.states import Decision


def replace(ranking: Ranking, placed: Sequence[rules.Placement], ids: Mapping[int, int]) -> None:
    """Put these places in the stead of what is there; decisions noted so far stay. ``ids``: by number."""
    noted = {
        row.proposal_id: (row.decision, row.decision_reason)
        for row in db.session.execute(
            select(Placement.proposal_id, Placement.decision, Placement.decision_reason).where(
                Placement.ranking_id == ranking.id
            )
        )
    }
    db.session.execute(delete(Placement).where(Placement.ranking_id == ranking.id))
    db.session.expire_all()
    rows = [_row(each, ids[each.number], noted.get(ids[each.number], (None, ""))) for each in placed]
    if rows:
        db.session.execute(insert(Placement), [{"ranking_id": ranking.id, **row} for row in rows])
    cumulate(ranking)


def _row(placed: rules.Placement, proposal_id: int, noted: tuple[Decision | None, str]) -> dict[str, Any]:
    decision, reason = noted
    return {
        "proposal_id": proposal_id, "place": placed.place, "total": placed.total,
        "ranking_score": placed.ranking_score, "requested": placed.requested, "cumulated": placed.cumulated,
        "offered": placed.offered if ZERO < placed.offered < placed.requested else None,
        "outcome": placed.outcome.value, "decided_by_key": placed.key, "reason": _why(placed),
        "decision": decision, "decision_reason": reason,
    }  # fmt: skip


def _why(placed: rules.Placement) -> str:
    """The sentences of a row: what it misses, or what puts it before the next, and what passed it over."""
    said = "; ".join(each.sentence for each in placed.failures) or placed.reason
    return " ".join(part for part in (said, placed.passed_over) if part)


def suggestion(placement: Placement) -> Decision:
    """What the rules suggest for a row."""
    if placement.outcome == rules.Outcome.MAIN.value:
        return Decision.MAIN
    return Decision.RESERVE if placement.outcome == rules.Outcome.RESERVE.value else Decision.REJECTED


def cumulate(ranking: Ranking) -> None:
    """Sum up the main list, decided or suggested, down the places; keep the figures of the whole list."""
    spent = ZERO
    for row in queries.all_placements(ranking.id):
        if (row.decision or suggestion(row)) is Decision.MAIN:
            spent += row.grant
        row.cumulated = spent
    db.session.flush()
    ranking.figures = queries.figures(ranking.id)
    db.session.flush()


def waiting() -> dict[str, Any]:
    """``Ranking.selection`` while the worker looks for the best set: the list says nothing of money yet."""
    return {"state": "waiting"}


def made(chosen: Collection[int], score: str) -> dict[str, Any]:
    """``Ranking.selection`` with its set. ``score``: the sum of ranking scores."""
    return {"state": "made", "chosen": sorted(chosen), "score": score}


def impossible(says: str) -> dict[str, Any]:
    """``Ranking.selection`` where no set keeps the rules."""
    return {"state": "impossible", "says": says}
