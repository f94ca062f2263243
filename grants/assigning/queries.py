"""Reading runs and notes on pairs, for the programme's managers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from grants.accounts.models import Account
from grants.assigning.models import PairNote, Run
from grants.db import db
from grants.experts.models import Expert
from grants.kernel.errors import NotFound
from grants.proposals.models import Proposal


def last_run(topic_id: int, *, whole: bool = False) -> Run | None:
    """The newest run of a topic; with its teams where ``whole``."""
    rows = select(Run).where(Run.topic_id == topic_id).order_by(Run.id.desc()).limit(1)
    return db.session.scalar(rows.options(joinedload(Run.asked_by), *([undefer(Run.teams)] if whole else [])))


def run_of(topic_id: int, run_id: int) -> Run:
    """A run of this topic, locked. Raises NotFound."""
    found = db.session.scalar(select(Run).where(Run.id == run_id, Run.topic_id == topic_id).with_for_update(of=Run))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Member:
    """An expert of a team. ``fit``: 0 to 1000; ``there``: asked already."""

    name: str
    fit: int
    rapporteur: bool
    there: bool


@dataclass(frozen=True, slots=True)
class Team:
    """Who would evaluate a proposal; nobody where no team was found."""

    number: int
    members: list[Member]

    @property
    def total(self) -> int:
        """How well it is served."""
        return sum(each.fit for each in self.members)


def teams(run: Run, *, first: int, count: int) -> list[Team]:
    """Some teams of a run, the worst served first: the order in which they are kept. One statement for the names."""
    rows: Sequence[dict[str, Any]] = run.teams[first : first + count]
    wanted = {each["expert"] for row in rows for each in row["members"]}
    found = db.session.execute(
        select(Expert.id, Account.name).join(Account, Account.id == Expert.account_id).where(Expert.id.in_(wanted))
    )
    names = {row[0]: row[1] for row in found}
    return [
        Team(
            row["number"],
            [
                Member(names[each["expert"]], each["fit"], place == 0, each["there"])
                for place, each in enumerate(row["members"])
            ],
        )
        for row in rows
    ]


def notes_of(topic_id: int) -> Sequence[PairNote]:
    """What managers said of pairs, last words first."""
    return db.session.scalars(
        select(PairNote)
        .join(PairNote.proposal)
        .where(Proposal.topic_id == topic_id)
        .order_by(PairNote.noted_at.desc(), PairNote.id)
        .options(joinedload(PairNote.proposal), joinedload(PairNote.expert).joinedload(Expert.account))
    ).all()


def note_of(topic_id: int, note_id: int) -> PairNote:
    """One note of this topic. Raises NotFound."""
    found = db.session.get(PairNote, note_id, options=[joinedload(PairNote.proposal)])
    if found is None or found.proposal.topic_id != topic_id:
        raise NotFound
    return found


def competing(topic_id: int, number: int) -> Proposal:
    """A proposal of the topic by its number. Raises NotFound."""
    found = db.session.scalar(select(Proposal).where(Proposal.topic_id == topic_id, Proposal.number == number))
    if found is None:
        raise NotFound
    return found


def fits_by_hand(proposal_id: int) -> dict[int, tuple[int | None, bool]]:
    """What managers said of pairs with this proposal, by expert: the fit, and whether the pair is forbidden."""
    rows = db.session.execute(
        select(PairNote.expert_id, PairNote.fit, PairNote.forbidden).where(PairNote.proposal_id == proposal_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
