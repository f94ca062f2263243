"""From rows to the facts that the rules of ranking take: all proposals of a topic in four statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on

from grants.admission.queries import competes_in
from grants.calls.facts import criteria_facts
from grants.calls.models import Topic
from grants.db import db
from grants.evaluation.queries import approved_scores
from grants.kernel.money import ZERO
from grants.proposals.models import Proposal, Submission
from grants.proposals.rules import CUT_OFFS
from grants.proposals.states import ParticipantRole
from grants.ranking.rules import Batch, CandidateFacts, RankingConfig, batches, seed_of


@dataclass(frozen=True, slots=True)
class Inputs:
    """``ids``: identities by number. ``missing``: numbers whose consensus is not approved."""

    candidates: list[CandidateFacts]
    ids: dict[int, int]
    missing: list[int]


def batches_of(topic: Topic, *, now: datetime) -> list[Batch]:
    """The batches of a topic with cut-offs; none for other topics, which have one list."""
    if topic.deadline_model not in CUT_OFFS:
        return []
    return batches((each.at for each in topic.deadlines), now=now)


def config(topic: Topic, budget: Decimal, cut_off: datetime | None) -> RankingConfig:
    """What the topic decides about its list, or about that of one batch (criteria must be loaded)."""
    return RankingConfig(
        criteria=criteria_facts(topic), keys=tuple(topic.tie_break), budget=budget,
        overall_threshold=topic.overall_threshold, seed=seed_of(topic.lottery_seed, cut_off),
        on_misfit=topic.on_misfit, least_offer=topic.min_grant or ZERO, reserve_size=topic.reserve_size,
    )  # fmt: skip


def inputs(topic: Topic, *, now: datetime, cut_off: datetime | None) -> Inputs:
    """Everything that competes in the topic or in a batch of it now, from the submitted versions that count."""
    mine = literal(True) if cut_off is None else func.coalesce(Proposal.cut_off, topic.deadline) == cut_off
    scores = approved_scores(topic.id)
    candidates, ids, missing = [], {}, []
    rows = db.session.execute(
        select(Proposal.id, Proposal.number, Submission.content, Submission.requested)
        .join(Submission, Submission.proposal_id == Proposal.id)
        .where(competes_in(topic, now), mine)
        .ext(distinct_on(Proposal.id))
        .order_by(Proposal.id, Submission.number.desc())
    )
    for proposal_id, number, content, requested in rows:
        if proposal_id not in scores:
            missing.append(number)
            continue
        ids[number] = proposal_id
        candidates.append(_candidate(number, content, requested, scores[proposal_id]))
    return Inputs(candidates, ids, sorted(missing))


def _candidate(
    number: int, content: Mapping[str, Any], requested: Decimal, scores: Mapping[str, Decimal]
) -> CandidateFacts:
    people = [each for each in content["participants"] if each["role"] != ParticipantRole.ASSOCIATED.value]
    return CandidateFacts(
        number=number, scores=dict(scores), requested=requested,
        countries=frozenset(each["country"] for each in people), women=content.get("women") or 0,
        men=content.get("men") or 0,
        sme_amount=sum((Decimal(each["requested"]) for each in people if each["sme"]), ZERO),
    )  # fmt: skip
