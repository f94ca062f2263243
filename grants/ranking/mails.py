"""Letters of result: to the main contact of each proposal, all at once. They name no expert."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.notifications import letters
from grants.proposals.models import Submission
from grants.ranking.models import Placement, Ranking
from grants.ranking.queries import result_key
from grants.ranking.states import Decision

KINDS = {
    Decision.MAIN: "result_main",
    Decision.RESERVE: "result_reserve",
    Decision.REJECTED: "result_rejected",
}


def facts(placement: Placement, contact: Account, version: Submission, topic: Topic) -> Mapping[str, Any]:
    """What a letter of result says: the same for the preview and for sending."""
    return {
        "name": contact.name, "number": placement.proposal.number, "acronym": version.content["acronym"],
        "title": version.content["title"], "topic": topic, "total": placement.total,
        "threshold": topic.overall_threshold, "outcome": placement.outcome, "offered": placement.offered,
    }  # fmt: skip


def kind_of(placement: Placement) -> str:
    """Which letter it is. A list without a decision on a row has no letters."""
    if placement.decision is None:
        raise ValueError("not decided")
    return KINDS[placement.decision]


def to_confirm(ranking: Ranking, manager: Account, *, by: str, now: datetime) -> None:
    """Asks another manager to confirm a prepared decision."""
    letters.write(
        "decision_to_confirm", key=f"decision_to_confirm:{ranking.id}:{ranking.version}:{manager.id}",
        address=manager.email, about=ranking.ref(), now=now, account_id=manager.id, name=manager.name,
        topic=ranking.topic, by=by,
    )  # fmt: skip


def result(
    ranking: Ranking, placement: Placement, contact: Account, version: Submission, topic: Topic, *, now: datetime
) -> None:
    """One letter of result into the outbox."""
    letters.write(
        kind_of(placement), key=result_key(ranking.id, placement.proposal.number), address=contact.email,
        about=placement.proposal.ref(), now=now, account_id=contact.id,
        **facts(placement, contact, version, topic),
    )  # fmt: skip
