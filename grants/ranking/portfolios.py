"""The worker's part of lists with a portfolio: finds the best set, writes it into the list; what-ifs of such lists.

The web never loads this module, nor the numbers library behind it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from grants.audit.services import record
from grants.db import db
from grants.kernel.actor import SYSTEM
from grants.proposals.models import Proposal
from grants.ranking import placing, queries, rules
from grants.ranking.models import Placement, Ranking, WhatIf
from grants.ranking.outlooks import as_figures, changes_of
from grants.ranking.selecting import NoSelection
from grants.ranking.selecting import select as best_set


def fill(ranking_id: int, inputs_sha256: str, *, now: datetime) -> None:
    """Select for one list; harmless where it was computed anew or done meanwhile."""
    ranking = db.session.get(Ranking, ranking_id, with_for_update=True)
    if ranking is None or ranking.inputs_sha256 != inputs_sha256 or ranking.selection != placing.waiting():
        return
    candidates, config = rules.read_inputs(ranking.inputs)
    try:
        found = best_set(*rules.competitors(candidates, config))
    except NoSelection as problem:
        ranking.selection = placing.impossible(str(problem))
    else:
        ranking.selection = placing.made(found.chosen, f"{found.score.normalize():f}")
        numbers = select(Proposal.number, Proposal.id).join(Placement).where(Placement.ranking_id == ranking.id)
        ids = {row.number: row.id for row in db.session.execute(numbers)}
        placing.replace(ranking, rules.rank(candidates, config, found.chosen), ids)
    ranking.version += 1
    record(ranking.ref(), "ranking.selected", actor=SYSTEM, now=now, facts=dict(ranking.selection))
    db.session.flush()


def look_ahead(what_if_id: int) -> None:
    """Compute one what-if of a list with a portfolio; harmless where it is gone."""
    row = db.session.get(WhatIf, what_if_id, with_for_update=True)
    ranking = db.session.get(Ranking, row.ranking_id) if row is not None else None
    if row is None or ranking is None or row.inputs_sha256 != ranking.inputs_sha256:
        return
    candidates, config = rules.read_inputs(ranking.inputs)
    changes = changes_of(row.changes)
    try:
        under = rules.changed(config, changes)
        chosen = () if under.portfolio is None else best_set(*rules.competitors(candidates, under)).chosen
        found = rules.what_if(candidates, config, changes, main_now=queries.main_numbers(ranking.id), chosen=chosen)
        row.figures = as_figures(found)
    except (NoSelection, ValueError) as problem:
        row.figures = {"problem": str(problem)}
    db.session.flush()
