"""Reading new rounds after an upheld review, who could judge in them, and the supplements that come of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from grants.accounts.models import Account
from grants.calls.facts import criteria_facts
from grants.calls.models import Call, Topic
from grants.calls.rules import CriterionFacts
from grants.db import db
from grants.evaluation.models import Assignment
from grants.experts.facts import Weighing
from grants.experts.models import Expert, Invitation
from grants.experts.rules import declaration_is_valid
from grants.experts.states import InvitationState
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.panels.models import PanelMember, PanelProposal
from grants.proposals.models import Proposal
from grants.ranking.models import Placement, Ranking
from grants.ranking.queries import summary
from grants.ranking.rules import CandidateFacts, RankingConfig, read_inputs
from grants.ranking.states import Decision, RankingState
from grants.redress import access, rules
from grants.redress.models import Request, Round, RoundExpert
from grants.redress.states import DeskState, RoundState


@dataclass(frozen=True, slots=True)
class OpenedRound:
    """A round as the funder opened it. ``candidates`` and ``config``: what the announced list was computed from."""

    round: Round
    access: access.RoundAccess
    candidates: Sequence[CandidateFacts]
    config: RankingConfig

    @property
    def proposal(self) -> Proposal:
        """Whose scores it is about."""
        return self.round.request.proposal

    @property
    def old(self) -> Mapping[str, Decimal]:
        """The scores that the announced list was made from, by criterion; empty where the list has none."""
        return next((each.scores for each in self.candidates if each.number == self.proposal.number), {})

    @property
    def criteria(self) -> list[CriterionFacts]:
        """What is judged again."""
        return [each for each in criteria_facts(self.proposal.topic) if each.code in self.round.criteria]

    def supplement(self) -> rules.Supplement | None:
        """What the scores written so far mean; None while one is missing, or where the list has no such proposal."""
        new = {each.criterion.code: each.score for each in self.round.scores}
        scores = rules.merged(self.old, new, self.round.criteria)
        if any(each.code not in scores for each in self.config.criteria):
            return None
        chosen = self.round.ranking.selection.get("chosen", ())
        return rules.supplement(self.candidates, self.config, self.proposal.number, scores, chosen)


def opened_round(actor: Actor, number: int, *, locked: bool = False) -> OpenedRound:
    """The new round of a proposal. Raises NotFound where there is none, and for those who may not see it."""
    statement = (
        select(Round)
        .join(Round.request)
        .join(Request.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Proposal.number == number)
        .options(
            contains_eager(Round.request)
            .contains_eager(Request.proposal)
            .contains_eager(Proposal.topic)
            .options(contains_eager(Topic.call).contains_eager(Call.programme), selectinload(Topic.criteria)),
            joinedload(Round.ranking).options(undefer(Ranking.inputs)),
            joinedload(Round.proposed_by), joinedload(Round.confirmed_by), selectinload(Round.scores),
            selectinload(Round.experts).joinedload(RoundExpert.expert).joinedload(Expert.account),
        )
    )  # fmt: skip
    if locked:
        statement = statement.with_for_update(of=Round).execution_options(populate_existing=True)
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    facts = access.RoundAccess(
        programme=found.request.proposal.topic.call.programme.code, state=found.state,
        proposed_by=found.proposed_by_id if found.state is RoundState.PROPOSED else None,
    )  # fmt: skip
    access.may_see_round(actor, facts).require()
    candidates, config = read_inputs(found.ranking.inputs)
    return OpenedRound(found, facts, candidates, config)


def announced_in(proposal_id: int) -> Ranking | None:
    """The announced list in which the proposal has its place."""
    return db.session.scalar(
        select(Ranking)
        .join(Placement, Placement.ranking_id == Ranking.id)
        .where(Placement.proposal_id == proposal_id, Ranking.state == RankingState.INFORMED)
    )


def new_result(proposal_id: int) -> Round | None:
    """The confirmed round of a proposal with its scores: what its applicants are told beside the old result."""
    return db.session.scalar(
        select(Round)
        .join(Round.request)
        .where(Request.proposal_id == proposal_id, Round.state == RoundState.CONFIRMED)
        .options(selectinload(Round.scores))
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert of the topic. ``why_not``: what stands against naming them, in words."""

    expert: Expert
    why_not: str


def candidates_of(round_: Round, *, now: datetime, only: int | None = None) -> list[Candidate]:
    """Everybody who accepted the topic's invitation and is not named yet, by name; ``only`` one of them."""
    proposal = round_.request.proposal
    named = select(RoundExpert.expert_id).where(RoundExpert.round_id == round_.id)
    evaluated = exists().where(Assignment.proposal_id == proposal.id, Assignment.expert_id == Expert.id)
    sat = exists().where(
        PanelProposal.proposal_id == proposal.id, PanelMember.panel_id == PanelProposal.panel_id,
        PanelMember.expert_id == Expert.id,
    )  # fmt: skip
    asked = or_(evaluated, sat)
    statement = (
        select(Expert, asked)
        .join(Expert.account)
        .join(Invitation, Invitation.expert_id == Expert.id)
        .where(
            Invitation.topic_id == proposal.topic_id, Invitation.state == InvitationState.ACCEPTED,
            Expert.id.not_in(named),
        )
        .order_by(Account.name, Expert.id)
        .options(contains_eager(Expert.account))
    )  # fmt: skip
    rows = db.session.execute(statement if only is None else statement.where(Expert.id == only)).all()
    found = [row[0] for row in rows]
    weighing = Weighing(found, [proposal.id], proposal.topic, now=now)
    return [
        Candidate(
            each,
            rules.why_not_named(
                accepted=True,
                assigned=before,
                conflicts=weighing.pair(proposal.id, each.id).left,
                declared=declaration_is_valid(each.declared_at, months=proposal.topic.declaration_months, now=now),
            ),
        )
        for each, before in rows
    ]


def conflicts_since(round_: Round, *, now: datetime) -> list[tuple[str, str]]:
    """Named experts with whom something stands in the way by now that no officer has decided on: name and what."""
    proposal = round_.request.proposal
    named = [each.expert for each in round_.experts if each.state is not DeskState.CONFLICTED]
    weighing = Weighing(named, [proposal.id], proposal.topic, now=now)
    left = ((each.account.name, weighing.pair(proposal.id, each.id).left) for each in named)
    return [(name, found[0].sentence) for name, found in left if found]


def on_main_list() -> Select[int]:
    """Proposals that came onto the main list by a supplement."""
    return (
        select(Request.proposal_id)
        .join(Round, Round.request_id == Request.id)
        .where(Round.state == RoundState.CONFIRMED, Round.decision == Decision.MAIN)
    )


def supplements(ranking_id: int) -> Sequence[Round]:
    """What was confirmed beside an announced list, the earliest first."""
    return db.session.scalars(
        select(Round)
        .join(Round.request)
        .join(Request.proposal)
        .where(Round.ranking_id == ranking_id, Round.state == RoundState.CONFIRMED)
        .order_by(Round.confirmed_at, Round.id)
        .options(contains_eager(Round.request).contains_eager(Request.proposal))
    ).all()


def left_in(ranking: Ranking) -> Decimal:
    """Euro of the list's budget that neither its main list nor a supplement has taken."""
    taken = select(func.coalesce(func.sum(Round.requested), 0)).where(
        Round.ranking_id == ranking.id, Round.state == RoundState.CONFIRMED, Round.decision == Decision.MAIN
    )
    return ranking.budget - summary(ranking).main_sum - Decimal(db.session.scalar(taken) or 0)
