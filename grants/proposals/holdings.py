"""What proposals keep about organisations; see ``organisations.holdings``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased

from grants.db import db
from grants.kernel.findings import Finding
from grants.organisations.holdings import Holding
from grants.proposals.models import Participant, Proposal
from grants.proposals.writing_models import DraftChange, ParticipationRefusal


class Participations:
    """Participants of drafts. Submitted versions keep the PIC that they were submitted with."""

    def held(self, organisation_id: int) -> Sequence[Holding]:
        """Each participation. Which proposals these are is not said: drafts are nobody's to see (security.md 1)."""
        rows = select(Participant.id).where(Participant.organisation_id == organisation_id).order_by(Participant.id)
        return [
            Holding("participant", identity, "Participant of a proposal") for identity in db.session.scalars(rows)
        ]

    def clashes(self, kept_id: int, merged_id: int) -> Sequence[Finding]:
        """A proposal in which both take part: one of them has to leave it first."""
        one, other = aliased(Participant), aliased(Participant)
        rows = (
            select(Proposal.number)
            .join(one, one.proposal_id == Proposal.id)
            .join(other, other.proposal_id == Proposal.id)
            .where(one.organisation_id == kept_id, other.organisation_id == merged_id)
            .order_by(Proposal.number)
        )
        words = "Both take part in proposal {}, where they would be one participant twice. One has to leave it first."
        return [Finding("both-in-proposal", words.format(number)) for number in db.session.scalars(rows)]

    def move(self, kept_id: int, merged_id: int) -> None:
        """All participations of the one to the other, with their history and with what it does not want to be in."""
        both = select(ParticipationRefusal.proposal_id).where(ParticipationRefusal.organisation_id == kept_id)
        twice = delete(ParticipationRefusal).where(
            ParticipationRefusal.organisation_id == merged_id, ParticipationRefusal.proposal_id.in_(both)
        )
        db.session.execute(twice)
        for table in (Participant, DraftChange, ParticipationRefusal):
            rows = update(table).where(table.organisation_id == merged_id)
            db.session.execute(rows.values(organisation_id=kept_id))
