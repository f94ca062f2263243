"""The worker's part of the calibration: reads single scores of a topic, estimates, keeps the figures.

The web never loads this module, nor the numbers library behind it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import func, select

from grants.audit.services import record
from grants.db import db
from grants.evaluation.models import Assignment, Report, ReportScore
from grants.evaluation.states import AssignmentState, ReportState
from grants.kernel.actor import SYSTEM
from grants.proposals.models import Proposal
from grants.ranking import queries
from grants.ranking.calibration.model import Fit, fit, intervals
from grants.ranking.models import Calibration
from grants.ranking.states import Decision

#: How often scores are drawn anew for an interval: enough for two digits.
REFITS = 200
#: Beyond this many scores no interval is computed: it would take minutes and be narrow.
MOST_FOR_INTERVALS = 3000


def calibrate(calibration_id: int, *, now: datetime) -> None:
    """Compute one; harmless where it is done. Totals of individual reports, not the agreed scores."""
    row = db.session.get(Calibration, calibration_id, with_for_update=True)
    if row is None or row.done_at is not None:
        return
    scores = _scores(row.topic_id)
    numbers = sorted({number for number, _, _ in scores})
    experts = sorted({expert for _, expert, _ in scores})
    at, by = ({each: place for place, each in enumerate(names)} for names in (numbers, experts))
    proposal, evaluator = np.array([at[s[0]] for s in scores], int), np.array([by[s[1]] for s in scores], int)
    try:
        found = fit(proposal, evaluator, [float(s[2]) for s in scores])
    except ValueError as problem:
        row.figures = {"problem": f"{str(problem).capitalize()}."}
    else:
        each = len(scores) / len(numbers)
        between = (
            intervals(found, proposal, evaluator, experts=each, refits=REFITS)
            if len(scores) <= MOST_FOR_INTERVALS else None
        )  # fmt: skip
        row.figures = _figures(row.topic_id, found, numbers, scores, each=each, between=between)
    row.done_at = now
    record(row.ref(), "calibration.computed", actor=SYSTEM, now=now, facts={"scores": len(scores)})
    db.session.flush()


def _scores(topic_id: int) -> list[tuple[int, int, Decimal]]:
    """Number, expert and total of each report that is handed in and complete."""
    rows = db.session.execute(
        select(Proposal.number, Assignment.expert_id, func.sum(ReportScore.score))
        .join(Assignment, Assignment.proposal_id == Proposal.id)
        .join(Report, Report.assignment_id == Assignment.id)
        .join(ReportScore, ReportScore.report_id == Report.id)
        .where(
            Proposal.topic_id == topic_id, Report.state == ReportState.SUBMITTED,
            Assignment.state == AssignmentState.ACCEPTED,
        )
        .group_by(Proposal.number, Assignment.expert_id)
        .having(func.count() == func.count(ReportScore.score))
        .order_by(Proposal.number, Assignment.expert_id)
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows if row[2] is not None]


def _figures(
    topic_id: int, found: Fit, numbers: list[int], scores: list[tuple[int, int, Decimal]], *, each: float,
    between: tuple[float, float] | None,
) -> dict[str, Any]:  # fmt: skip
    """What the page shows. ``rows``: by calibrated place, with the official place and the chance to be funded."""
    lists = queries.rankings_of(topic_id)
    placed = (
        queries.all_placements(lists[0].id) if len(lists) == 1 else []
    )  # places of several batches do not compare
    official = {row.proposal.number: row.place for row in placed}
    main = sum((row.decision or row.outcome) == Decision.MAIN for row in placed)
    chances = found.chances(main) if main else np.zeros(len(numbers))
    raw: dict[int, list[Decimal]] = defaultdict(list)
    for number, _, total in scores:
        raw[number].append(total)
    order = np.argsort(-found.proposals, kind="stable")
    rows = [
        {
            "number": numbers[p], "mean": f"{sum(raw[numbers[p]]) / len(raw[numbers[p]]):.2f}",
            "calibrated": f"{found.mean + found.proposals[p]:.2f}", "place": place,
            "official": official.get(numbers[p]), "chance": round(float(chances[p]), 3),
            "crosses": bool(main) and numbers[p] in official and (place <= main) != (official[numbers[p]] <= main),
        }
        for place, p in enumerate(order.tolist(), start=1)
    ]  # fmt: skip
    v = found.variances
    return {
        "scores": len(scores), "proposals": len(numbers), "evaluators": len(found.evaluators), "main": main,
        "mean": f"{found.mean:.2f}", "between_proposals": f"{v.proposal:.3f}", "severity": f"{v.evaluator:.3f}",
        "noise": f"{v.residual:.3f}", "single": f"{v.reliability(1):.2f}", "of_mean": f"{v.reliability(each):.2f}",
        "each": f"{each:.1f}", "interval": [f"{end:.2f}" for end in between] if between else None, "rows": rows,
        "harshest": f"{found.evaluators.min():.2f}", "mildest": f"{found.evaluators.max():.2f}",
    }  # fmt: skip
