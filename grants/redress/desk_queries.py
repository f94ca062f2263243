"""The desk of an expert who judges in a new round: what they read and write, and nothing of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload

from grants.calls.facts import criteria_facts
from grants.calls.models import Call, Criterion, Topic
from grants.calls.rules import CriterionFacts
from grants.db import db
from grants.evaluation.rules import Judgement, parse_score
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.proposals.models import Proposal
from grants.proposals.queries import is_blind
from grants.redress import access
from grants.redress.models import Request, Round, RoundExpert
from grants.redress.states import DeskState, RoundState

#: What these pages do not ask of a proposal: see ``evaluation.subject``.
_UNTOLD = (defer(Proposal.acronym), defer(Proposal.title), defer(Proposal.abstract))
_FIELDS = ("score", "comment", "weaknesses")


@dataclass(frozen=True, slots=True)
class Desk:
    """``withheld``: who applies is not shown, in whatever form."""

    row: RoundExpert
    access: access.DeskAccess
    withheld: bool

    @property
    def proposal(self) -> Proposal:
        """What is judged."""
        return self.row.round.request.proposal

    @property
    def criteria(self) -> list[Criterion]:
        """What is judged again."""
        return [each for each in self.proposal.topic.criteria if each.code in self.row.round.criteria]

    @property
    def judged(self) -> list[CriterionFacts]:
        """The same for the rules."""
        return [each for each in criteria_facts(self.proposal.topic) if each.code in self.row.round.criteria]


def open_desk(actor: Actor, identity: int, *, locked: bool = False) -> Desk:
    """The actor's own. Raises NotFound for everybody else."""
    statement = (
        select(RoundExpert)
        .join(RoundExpert.round)
        .join(Round.request)
        .join(Request.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(RoundExpert.id == identity)
        .options(
            contains_eager(RoundExpert.round)
            .contains_eager(Round.request)
            .contains_eager(Request.proposal)
            .options(
                *_UNTOLD,
                contains_eager(Proposal.topic).options(
                    contains_eager(Topic.call).contains_eager(Call.programme), selectinload(Topic.criteria)
                ),
            ),
            joinedload(RoundExpert.expert).joinedload(Expert.account),
        )
    )  # fmt: skip
    if locked:
        statement = statement.with_for_update(of=RoundExpert).execution_options(populate_existing=True)
    row = db.session.scalar(statement)
    if row is None:
        raise NotFound
    facts = access.DeskAccess(account=row.expert.account_id, state=row.state, round=row.round.state)
    access.may_see_desk(actor, facts).require()
    return Desk(row, facts, withheld=is_blind(row.round.request.proposal))


def own_desks(account_id: int, *, limit: int) -> Sequence[RoundExpert]:
    """New rounds in which somebody is asked to judge and has not handed in, the oldest first."""
    return db.session.scalars(
        select(RoundExpert)
        .join(RoundExpert.expert)
        .join(RoundExpert.round)
        .join(Round.request)
        .join(Request.proposal)
        .join(Proposal.topic)
        .where(
            Expert.account_id == account_id, RoundExpert.state.in_((DeskState.ASKED, DeskState.ACCEPTED)),
            Round.state == RoundState.OPEN,
        )
        .order_by(RoundExpert.id)
        .limit(limit)
        .options(
            contains_eager(RoundExpert.round)
            .contains_eager(Round.request)
            .contains_eager(Request.proposal)
            .options(*_UNTOLD, contains_eager(Proposal.topic))
        )
    ).all()  # fmt: skip


def texts(row: RoundExpert) -> dict[str, str]:
    """A report as its form shows it: ``scores.<code>.score``, ``.comment`` and ``.weaknesses``."""
    return {
        f"scores.{code}.{name}": given.get(name, "") for code, given in row.judgements.items() for name in _FIELDS
    }


def judgements(desk: Desk) -> list[Judgement]:
    """The same for the rules."""
    given = desk.row.judgements
    return [
        Judgement(
            each.code, parse_score(given.get(each.code, {}).get("score", ""), each),
            given.get(each.code, {}).get("comment", ""), given.get(each.code, {}).get("weaknesses", ""),
        )
        for each in desk.judged
    ]  # fmt: skip
