"""Which events of panels the audit trail does not show yet: those of proposals and topics that are not decided."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, String, cast, exists, or_, select

from grants.audit import withheld
from grants.panels.models import CrossReading, Hearing, Meeting, Outcome, Panel, PanelConflict, PanelProposal
from grants.proposals.models import Proposal


def register() -> None:
    """Panels and meetings as long as one of their proposals is not decided; the rest by its proposal."""
    withheld.register("panel", _panels)
    withheld.register("panel_meeting", _meetings)
    withheld.register("panel_conflict", _conflicts)
    withheld.register("panel_outcome", _outcomes)
    withheld.register("cross_reading", _readings)
    withheld.register("hearing", _hearings)


def _panels() -> Select[str]:
    return select(cast(Panel.id, String)).where(_goes_on())


def _goes_on() -> ColumnElement[bool]:
    """Whether a panel has a proposal without a decision, or its topic no proposal with one."""
    decided = exists().where(Proposal.topic_id == Panel.topic_id, Proposal.decided_at.is_not(None))
    open_ones = exists().where(
        PanelProposal.panel_id == Panel.id, PanelProposal.proposal_id == Proposal.id, Proposal.decided_at.is_(None)
    )
    return or_(open_ones, ~decided)


def _meetings() -> Select[str]:
    return select(cast(Meeting.id, String)).join(Meeting.panel).where(_goes_on())


def _conflicts() -> Select[str]:
    of = select(cast(PanelConflict.id, String)).join(Proposal, Proposal.id == PanelConflict.proposal_id)
    return of.where(Proposal.decided_at.is_(None))


def _outcomes() -> Select[str]:
    return select(cast(Outcome.id, String)).join(Outcome.proposal).where(Proposal.decided_at.is_(None))


def _readings() -> Select[str]:
    return select(cast(CrossReading.id, String)).join(CrossReading.proposal).where(Proposal.decided_at.is_(None))


def _hearings() -> Select[str]:
    return select(cast(Hearing.id, String)).join(Hearing.proposal).where(Proposal.decided_at.is_(None))
