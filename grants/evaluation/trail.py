"""Which of the evaluation's events the audit trail does not show yet: those of proposals that are not decided."""

from __future__ import annotations

from sqlalchemy import Select, String, cast, exists, func, select

from grants.audit import withheld
from grants.evaluation.models import Assignment, Consensus, Report, ReportForm
from grants.experts.models import Invitation
from grants.proposals.models import Proposal


def register() -> None:
    """Assignments, reports, consensus reports; invitations and offline forms of topics without a decided proposal."""
    withheld.register("assignment", _assignments)
    withheld.register("report", _reports)
    withheld.register("consensus", _consensus)
    withheld.register("invitation", _invitations)
    withheld.register("report_form", _forms)


def _assignments() -> Select[str]:
    return select(cast(Assignment.id, String)).join(Assignment.proposal).where(Proposal.decided_at.is_(None))


def _reports() -> Select[str]:
    of = select(cast(Report.id, String)).join(Report.assignment).join(Assignment.proposal)
    return of.where(Proposal.decided_at.is_(None))


def _consensus() -> Select[str]:
    return select(cast(Consensus.id, String)).join(Consensus.proposal).where(Proposal.decided_at.is_(None))


def _forms() -> Select[str]:
    """As ``models.form_owner`` names them."""
    decided = exists().where(Proposal.topic_id == ReportForm.topic_id, Proposal.decided_at.is_not(None))
    return select(func.concat(ReportForm.topic_id, ".", ReportForm.expert_id)).where(~decided)


def _invitations() -> Select[str]:
    decided = exists().where(Proposal.topic_id == Invitation.topic_id, Proposal.decided_at.is_not(None))
    return select(cast(Invitation.id, String)).where(~decided)
