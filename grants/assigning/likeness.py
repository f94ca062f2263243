"""The worker's part: how like each expert of the registry is to the proposals that a topic received."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from grants.admission.queries import competes_in
from grants.assigning.facts import expert_words, proposal_words, received
from grants.assigning.rules import nearest
from grants.db import db
from grants.experts import queries as experts_read
from grants.experts.models import Comparison, Likeness

#: Proposals that are named beside an expert.
NAMED = 3


def compare(topic_id: int, *, now: datetime) -> None:
    """Compare every expert with every proposal that competes, and keep the nearest. Repeating is harmless."""
    asked = db.session.get(Comparison, topic_id, with_for_update=True)
    if asked is None or asked.done_at is not None:
        return
    rows = received(competes_in(asked.topic, now))
    experts = db.session.scalars(experts_read.registry(experts_read.Wanted())).all()
    found = nearest([proposal_words(row[2]) for row in rows], expert_words(experts), count=NAMED)
    db.session.execute(delete(Likeness).where(Likeness.topic_id == topic_id))
    db.session.add_all(
        Likeness(topic_id=topic_id, expert_id=each.id, fit=near[0][1], nearest=[rows[place][1] for place, _ in near])
        for each, near in zip(experts, found, strict=True)
        if near
    )
    asked.done_at, asked.proposals = now, len(rows)
    db.session.flush()
