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
from grants.calls.parta.definition import form_of
from grants.calls.portfolio import areas_of
from grants.calls.states import Misfit
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
    chosen = topic.on_misfit is Misfit.PORTFOLIO
    areas = areas_of(form_of(topic.form), topic.area_field)
    return RankingConfig(
        criteria=criteria_facts(topic), keys=tuple(topic.tie_break), budget=budget,
        overall_threshold=topic.overall_threshold, seed=seed_of(topic.lottery_seed, cut_off),
        on_misfit=topic.on_misfit, least_offer=topic.min_grant or ZERO, reserve_size=topic.reserve_size,
        portfolio=tuple(topic.portfolio) if chosen else None, areas=areas if chosen else (),
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
        candidates.append(_candidate(number, content, requested, scores[proposal_id], topic.area_field))
    return Inputs(candidates, ids, sorted(missing))


def _candidate(
    number: int, content: Mapping[str, Any], requested: Decimal, scores: Mapping[str, Decimal], area_field: str
) -> CandidateFacts:
    people = [each for each in content["participants"] if each["role"] != ParticipantRole.ASSOCIATED.value]
    return CandidateFacts(
        number=number, scores=dict(scores), requested=requested,
        themes=_themes(content, area_field), countries=frozenset(each["country"] for each in people),
        women=content.get("women") or 0, men=content.get("men") or 0,
        sme_amount=sum((Decimal(each["requested"]) for each in people if each["sme"]), ZERO),
    )  # fmt: skip


def _themes(content: Mapping[str, Any], area_field: str) -> frozenset[str]:
    """The areas of the topic that a version says it addresses."""
    found: set[str] = set()
    for answers in content.get("part_a", {}).values():
        given = answers.get(area_field) or ()
        found |= {given} if isinstance(given, str) else {str(area) for area in given}
    return frozenset(found)
