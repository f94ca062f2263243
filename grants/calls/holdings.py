"""What calls keep about organisations; see ``organisations.holdings``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from grants.calls.models import Topic, TopicInvitation
from grants.db import db
from grants.kernel.findings import Finding
from grants.organisations.holdings import Holding


class Invitations:
    """Invitations of an organisation to topics."""

    def held(self, organisation_id: int) -> Sequence[Holding]:
        """Each invitation, by its topic."""
        rows = (
            select(TopicInvitation.id, Topic.identifier)
            .join(Topic, Topic.id == TopicInvitation.topic_id)
            .where(TopicInvitation.organisation_id == organisation_id)
            .order_by(TopicInvitation.id)
        )
        return [
            Holding("topic_invitation", identity, f"Invitation to {identifier}")
            for identity, identifier in db.session.execute(rows)
        ]

    def clashes(self, kept_id: int, merged_id: int) -> Sequence[Finding]:  # noqa: ARG002
        """An organisation that was invited twice is invited once."""
        return []

    def move(self, kept_id: int, merged_id: int) -> None:
        """The invitations are those of the organisation that stays, each topic once."""
        there = select(TopicInvitation.topic_id).where(TopicInvitation.organisation_id == kept_id)
        mine = TopicInvitation.organisation_id == merged_id
        db.session.execute(delete(TopicInvitation).where(mine, TopicInvitation.topic_id.in_(there)))
        db.session.execute(update(TopicInvitation).where(mine).values(organisation_id=kept_id))
