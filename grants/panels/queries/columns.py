"""What lists of proposals show beside each, as columns over Proposal."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, select

from grants.calls.models import Topic
from grants.evaluation.models import Consensus, ConsensusScore
from grants.evaluation.states import ConsensusState
from grants.panels.models import Outcome, Panel, PanelProposal
from grants.panels.states import OutcomeState
from grants.proposals.models import Proposal, Submission
from grants.proposals.queries import blind_sql


def acronym() -> ColumnElement[str]:
    """Of the submitted version that counts, over Proposal; empty in a blind evaluation, whoever looks."""
    return (
        select(case((blind_sql(), literal("")), else_=Submission.content["acronym"].astext))
        .where(Submission.proposal_id == Proposal.id, Topic.id == Proposal.topic_id)
        .order_by(Submission.number.desc())
        .limit(1)
        .correlate(Proposal)
        .scalar_subquery()
    )


def agreed_total() -> ColumnElement[Decimal | None]:
    """Unweighted total of the approved consensus, over Proposal."""
    return (
        select(func.sum(ConsensusScore.score))
        .join(Consensus, Consensus.id == ConsensusScore.consensus_id)
        .where(Consensus.proposal_id == Proposal.id, Consensus.state == ConsensusState.APPROVED)
        .correlate(Proposal)
        .scalar_subquery()
    )


def consensus_state() -> ColumnElement[ConsensusState | None]:
    """State of the consensus, over Proposal."""
    return select(Consensus.state).where(Consensus.proposal_id == Proposal.id).correlate(Proposal).scalar_subquery()


def last_outcome() -> ColumnElement[OutcomeState | None]:
    """State of what the panel found last, over Proposal."""
    return (
        select(Outcome.state)
        .where(Outcome.proposal_id == Proposal.id, Outcome.state != OutcomeState.SENT_BACK)
        .order_by(Outcome.id.desc())
        .limit(1)
        .correlate(Proposal)
        .scalar_subquery()
    )


def announced() -> ColumnElement[bool]:
    """Over Panel: the results of all its proposals are out. Of a topic with batches each panel has its own end."""
    of = (PanelProposal.panel_id == Panel.id, PanelProposal.proposal_id == Proposal.id)
    told = exists().where(*of, Proposal.decided_at.is_not(None)).correlate(Panel)
    open_yet = exists().where(*of, Proposal.decided_at.is_(None)).correlate(Panel)
    return and_(told, ~open_yet)
