"""The clocks of topics until their applicants are told, read from what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from grants.calls.models import Topic
from grants.calls.states import DeadlineModel
from grants.db import db
from grants.proposals.models import Proposal
from grants.proposals.rules import CUT_OFFS
from grants.ranking.models import Ranking
from grants.ranking.rules import Clock, clock


def to_inform(topics: Sequence[Topic]) -> dict[int, list[tuple[str, Clock]]]:
    """By topic: each stage or batch in words with its clock, the first one first.

    Two statements for all of them, one more for each topic with batches.
    """
    ids = [each.id for each in topics]
    informed: dict[tuple[int, datetime | None], datetime | None] = {
        (row[0], row[1]): row[2]
        for row in db.session.execute(
            select(Ranking.topic_id, Ranking.cut_off, Ranking.informed_at).where(Ranking.topic_id.in_(ids))
        )
    }
    invited = _invited([each.id for each in topics if each.deadline_model is DeadlineModel.TWO_STAGE])
    found = {}
    for each in topics:
        zone, clocks = ZoneInfo(each.call.zone), []
        if each.deadline_model in CUT_OFFS:
            found[each.id] = _of_batches(each, informed, zone=zone)
            continue
        if each.deadline_model is DeadlineModel.TWO_STAGE:
            first = clock(
                each.first_deadline, months=each.first_stage_inform_months, zone=zone, done_at=invited.get(each.id)
            )
            clocks.append(("Result of the first stage", first))
        last = clock(each.deadline, months=each.inform_months, zone=zone, done_at=informed.get((each.id, None)))
        clocks.append(("Result", last))
        found[each.id] = clocks
    return found


def _invited(topic_ids: Sequence[int]) -> dict[int, datetime]:
    """When the first of a topic was invited to its second stage."""
    if not topic_ids:
        return {}
    rows = db.session.execute(
        select(Proposal.topic_id, func.min(Proposal.created_at))
        .where(Proposal.topic_id.in_(topic_ids), Proposal.stage == 2)
        .group_by(Proposal.topic_id)
    )
    return {row[0]: row[1] for row in rows}


def _of_batches(
    topic: Topic, informed: Mapping[tuple[int, datetime | None], datetime | None], *, zone: ZoneInfo
) -> list[tuple[str, Clock]]:
    """The batches whose applicants wait for their result, and the last one that was told."""
    running = [
        (number, clock(at, months=topic.inform_months, zone=zone, done_at=informed.get((topic.id, at))))
        for number, at in enumerate(sorted(each.at for each in topic.deadlines), start=1)
    ]
    told = [each for each in running if each[1].done_at is not None]
    shown = sorted([*told[-1:], *(each for each in running if each[1].done_at is None)], key=itemgetter(0))
    return [(f"Result of batch {number}", each) for number, each in shown]
