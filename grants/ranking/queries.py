"""Reading ranked lists, placements and results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import contains_eager, joinedload

from grants.accounts.models import Account
from grants.calls.models import Call, Programme, Topic, TopicDeadline
from grants.db import db
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.notifications.models import Letter
from grants.proposals.models import Proposal, Submission
from grants.ranking.access import may_see_ranking
from grants.ranking.models import Calibration, Placement, Ranking
from grants.ranking.rules import Notice
from grants.ranking.states import Decision, RankingState

#: Nothing of these is for auditors.
UNDECIDED = (RankingState.DRAFT, RankingState.PREPARED)


def ranking_of(topic_id: int, cut_off: datetime | None) -> Ranking | None:
    """The ranked list of a topic, or of one batch of it, where it was computed."""
    mine = Ranking.cut_off.is_not_distinct_from(cut_off)
    return db.session.scalar(select(Ranking).where(Ranking.topic_id == topic_id, mine))


def rankings_of(topic_id: int) -> Sequence[Ranking]:
    """The lists of all batches of a topic, the earliest first; one where the topic has one list."""
    return db.session.scalars(select(Ranking).where(Ranking.topic_id == topic_id).order_by(Ranking.cut_off)).all()


def batch_numbers(lists: Sequence[Ranking]) -> dict[int, int]:
    """The number of its batch for each list that has one, as ``rules.batches`` counts: in one statement."""
    ids = {each.topic_id for each in lists if each.cut_off is not None}
    if not ids:
        return {}
    rows = db.session.execute(
        select(TopicDeadline.topic_id, TopicDeadline.at).where(TopicDeadline.topic_id.in_(ids)).order_by("at")
    ).all()
    cut_offs: dict[int, list[datetime]] = {}
    for topic_id, at in rows:
        cut_offs.setdefault(topic_id, []).append(at)
    known = {(topic, at): place for topic, all_of in cut_offs.items() for place, at in enumerate(all_of, start=1)}
    return {
        each.id: known[each.topic_id, each.cut_off]
        for each in lists
        if each.cut_off is not None and (each.topic_id, each.cut_off) in known
    }


def seen_ranking(actor: Actor, topic: Topic, cut_off: datetime | None) -> Ranking | None:
    """The list, None while it is not computed. Raises NotFound for those who may not see it."""
    found = ranking_of(topic.id, cut_off)
    may_see_ranking(actor, programme=topic.call.programme.code, state=found.state if found else None).require()
    return found


def placements(ranking_id: int, *, outcome: str = "") -> Select[Placement]:
    """The rows of a list with their proposals. Not ordered."""
    rows = (
        select(Placement)
        .join(Placement.proposal)
        .where(Placement.ranking_id == ranking_id)
        .options(contains_eager(Placement.proposal))
    )
    return rows.where(Placement.outcome == outcome) if outcome else rows


def all_placements(ranking_id: int) -> Sequence[Placement]:
    """Every row, in order."""
    return db.session.scalars(placements(ranking_id).order_by(Placement.place)).all()


def versions(proposal_ids: Sequence[int]) -> dict[int, Submission]:
    """The submitted version that counts, by proposal."""
    rows = db.session.scalars(
        select(Submission)
        .where(Submission.proposal_id.in_(proposal_ids))
        .ext(distinct_on(Submission.proposal_id))
        .order_by(Submission.proposal_id, Submission.number.desc())
    )
    return {each.proposal_id: each for each in rows}


@dataclass(frozen=True, slots=True)
class Summary:
    """A list in figures. ``main``: proposals decided or suggested for it, with their sum in euro.

    ``totals``: how many eligible proposals reach each total, for the histogram.
    """

    proposals: int
    main: int
    main_sum: Decimal
    reserve: int
    totals: list[tuple[Decimal, int]]


def summary(ranking: Ranking) -> Summary:
    """Counts and sums of one list, as they were kept when it changed last."""
    kept = ranking.figures or figures(ranking.id)
    return Summary(
        proposals=kept["proposals"], main=kept["main"], main_sum=Decimal(kept["main_sum"]), reserve=kept["reserve"],
        totals=[(Decimal(total), count) for total, count in kept["totals"]],
    )  # fmt: skip


#: Euro that a place gets on the main list, as ``Placement.grant``.
_grant = func.coalesce(Placement.offered, Placement.requested)


def figures(ranking_id: int) -> dict[str, Any]:
    """What ``Ranking.figures`` keeps, counted from the rows: a pass over all of them."""
    said = func.coalesce(cast(Placement.decision, String), Placement.outcome)
    rows = db.session.execute(
        select(Placement.total, said, Placement.outcome, func.count(), func.sum(_grant))
        .where(Placement.ranking_id == ranking_id)
        .group_by(Placement.total, said, Placement.outcome)
        .order_by(Placement.total)
    ).all()
    totals: dict[Decimal, int] = {}
    for reached, _, outcome, count, _ in rows:
        if outcome != "ineligible":
            totals[reached] = totals.get(reached, 0) + count
    return {
        "proposals": sum(row[3] for row in rows),
        "main": sum(row[3] for row in rows if row[1] == Decision.MAIN.value),
        "main_sum": str(sum((row[4] for row in rows if row[1] == Decision.MAIN.value), Decimal(0))),
        "reserve": sum(row[3] for row in rows if row[1] == Decision.RESERVE.value),
        "totals": [[str(total), count] for total, count in totals.items()],
    }


def requests_in_order(ranking_id: int) -> list[tuple[int, Decimal]]:
    """Place and requested contribution of those above the thresholds, for another budget."""
    rows = db.session.execute(
        select(Placement.place, Placement.requested)
        .where(Placement.ranking_id == ranking_id, Placement.outcome.not_in(("below_threshold", "ineligible")))
        .order_by(Placement.place)
    )
    return [(row[0], row[1]) for row in rows]


def spent_on(topic_id: int) -> dict[datetime | None, Decimal]:
    """Euro of the main list of each decided list of a topic, by its cut-off (None: the topic's only list)."""
    return {each.cut_off: summary(each).main_sum for each in rankings_of(topic_id) if each.state not in UNDECIDED}


def main_numbers(ranking_id: int) -> frozenset[int]:
    """Numbers on the main list, decided or suggested."""
    return frozenset(
        each.proposal.number
        for each in all_placements(ranking_id)
        if (each.decision or each.outcome) == Decision.MAIN
    )


def draft_keys() -> Select[str]:
    """Keys in the audit trail of lists that are not decided."""
    return select(cast(Ranking.id, String)).where(Ranking.state.in_(UNDECIDED))


def decided_lists(actor: Actor) -> Select[Ranking]:
    """Lists that are decided: of the actor's programmes, or all for auditors. Not ordered."""
    statement = (
        select(Ranking)
        .join(Ranking.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Ranking.state.not_in(UNDECIDED))
        .options(contains_eager(Ranking.topic).contains_eager(Topic.call).contains_eager(Call.programme))
    )
    if not actor.has(Role.AUDITOR):
        statement = statement.where(Programme.code.in_(actor.programmes))
    return statement


def open_lists(actor: Actor, *, limit: int) -> Sequence[Ranking]:
    """Lists of the actor's programmes that are not announced yet, with their topics."""
    return db.session.scalars(
        select(Ranking)
        .join(Ranking.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Ranking.state != RankingState.INFORMED, Programme.code.in_(actor.programmes))
        .order_by(Ranking.computed_at, Ranking.id)
        .options(contains_eager(Ranking.topic))
        .limit(limit)
    ).all()


def result_of(proposal: Proposal) -> Placement:
    """The decided place of a proposal whose letter is sent. Raises NotFound before."""
    found = db.session.scalar(
        select(Placement)
        .join(Ranking, Ranking.id == Placement.ranking_id)
        .where(Placement.proposal_id == proposal.id, Ranking.state == RankingState.INFORMED)
        .options(joinedload(Placement.proposal))
    )
    if found is None:
        raise NotFound
    return found


def notice_of(placement: Placement, *, informed_at: datetime | None, topic: Topic) -> Notice | None:
    """What the rules of formal notification take; None before the letters."""
    if informed_at is None:
        return None
    return Notice(
        sent_at=informed_at, opened_at=placement.opened_at, deemed_days=topic.deemed_days,
        redress_days=topic.redress_days, zone=ZoneInfo(topic.call.zone),
    )  # fmt: skip


def informed_at(placement: Placement) -> datetime | None:
    """When the letters of a place's list went out."""
    return db.session.scalar(select(Ranking.informed_at).where(Ranking.id == placement.ranking_id))


def letters_of(ranking: Ranking, numbers: Sequence[int]) -> dict[int, Letter]:
    """The letters of result by number of the proposal."""
    keys = {result_key(ranking.id, number): number for number in numbers}
    rows = db.session.scalars(select(Letter).where(Letter.key.in_(keys)))
    return {keys[each.key]: each for each in rows}


def result_key(ranking_id: int, number: int) -> str:
    """The key of one letter of result in the outbox."""
    return f"result:{ranking_id}:{number}"


def opened_counts(ranking: Ranking, *, deemed_at: datetime) -> tuple[int, int]:
    """How many results were opened before they were deemed received, and how many there are."""
    row = db.session.execute(
        select(func.count().filter(Placement.opened_at <= deemed_at), func.count()).where(
            Placement.ranking_id == ranking.id
        )
    ).one()
    return row[0], row[1]


def account_name(account_id: int | None) -> str:
    """Who decided, for the page of a list."""
    return db.session.scalar(select(Account.name).where(Account.id == account_id)) or ""


def last_calibration(topic_id: int) -> Calibration | None:
    """The newest calibration of a topic."""
    return db.session.scalar(
        select(Calibration).where(Calibration.topic_id == topic_id).order_by(Calibration.id.desc()).limit(1)
    )
