"""Reminding everybody whose report is late, when a manager asks: beside the reminders that go by themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from grants.admission.queries import competes_in
from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db
from grants.evaluation import access, mails, queries
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, Report
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.kernel.errors import Refused
from grants.proposals.models import Proposal


def remind_late(topic: Topic, *, count: int, actor: Actor, now: datetime) -> int:
    """One letter to each expert for each late report; how many are new: nobody gets two of one report on one day.

    ``count``: how many late reports the person saw. Raises Refused where that is not how many there are.
    """
    access.may_manage(actor, programme=topic.call.programme.code).require()
    late = db.session.scalars(
        select(Assignment)
        .join(Assignment.proposal)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .where(competes_in(topic, now), Assignment.state.in_(ACTIVE), queries.is_late(now))
        .order_by(Assignment.id)
        .options(
            contains_eager(Assignment.proposal).joinedload(Proposal.topic),
            joinedload(Assignment.expert).joinedload(Expert.account),
        )
    ).all()
    if len(late) != count:
        raise Refused("count", f"{len(late)} reports are late, not {count}. Look at the page again.", status=409)
    written = sum(mails.late(each, now=now) for each in late)
    record(topic.ref(), "evaluation.reminded", actor=actor, now=now, facts={"late": len(late), "letters": written})
    return written
