"""Shares of a lump sum follow their work package when the list of packages changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from grants.calls.states import CostModel
from grants.db import db
from grants.kernel.actor import Actor
from grants.proposals import history
from grants.proposals.access import Part, PartKind
from grants.proposals.budget import moved_packages
from grants.proposals.budgeting import PACKAGES, budget_texts
from grants.proposals.models import LumpShare, Participant, Proposal

Given = Mapping[str, Any]


def titles_of(given: Given) -> list[str]:
    """Titles of the work packages in the answers of their section, in order."""
    return [str(row.get("title") or "") for row in given.get("packages") or []]


def follow(proposal: Proposal, before: Given, after: Given, *, actor: Actor, now: datetime) -> None:
    """Give each share the new number of its package. Shares of a package that was removed go with it; the history of
    the draft keeps them. Each row that changed gets a new version, so a page that still shows the old one is stale.
    """
    if proposal.topic.cost_model is not CostModel.LUMP_SUM:
        return
    moves = moved_packages(titles_of(before), titles_of(after))
    if any(old != new for old, new in moves.items()):
        for row in _rows(proposal.id):
            _move(row, moves, proposal, actor=actor, now=now)


def _rows(proposal_id: int) -> Sequence[Participant]:
    """The participants, locked: none of their rows is saved meanwhile."""
    rows = select(Participant).where(Participant.proposal_id == proposal_id).order_by(Participant.id)
    return db.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()


def _move(
    row: Participant, moves: Mapping[int, int | None], proposal: Proposal, *, actor: Actor, now: datetime
) -> None:
    before = budget_texts(row, proposal.topic)
    places = {each.package: moves.get(each.package, each.package) for each in row.shares}
    if all(old == new for old, new in places.items()):
        return
    kept = [
        {"participant_id": row.id, "package": new, "amount": each.amount, "typed": each.typed}
        for each in row.shares
        if (new := places[each.package]) is not None
    ]
    # All at once: two packages that change places would meet in the unique constraint.
    db.session.execute(delete(LumpShare).where(LumpShare.participant_id == row.id))
    if kept:
        db.session.execute(insert(LumpShare), kept)
    db.session.execute(update(Participant).where(Participant.id == row.id).values(version=row.version + 1))
    db.session.expire(row)
    after = budget_texts(row, proposal.topic)
    part = Part(PartKind.BUDGET, row.id)
    history.close(proposal.id, part, organisation_id=row.organisation_id)
    history.keep(proposal.id, part, before, after, organisation_id=row.organisation_id, actor=actor, now=now)
    history.close(proposal.id, part, organisation_id=row.organisation_id)


def is_list(section: str) -> bool:
    """Whether a section of Part A holds the list of work packages."""
    return section == PACKAGES.key
