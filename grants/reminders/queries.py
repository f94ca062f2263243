"""Who may have to be reminded of what, and the runs of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from grants.accounts.models import Account
from grants.calls.models import Call, Topic
from grants.calls.states import CallState
from grants.db import db
from grants.proposals.models import Member, Proposal
from grants.proposals.queries import unsubmitted_changes
from grants.proposals.states import MemberRole, ProposalState
from grants.reminders.models import JobRun


@dataclass(frozen=True, slots=True)
class Unsubmitted:
    """A proposal whose draft differs from what was submitted, with its main contact."""

    proposal: Proposal
    contact: Account


def unsubmitted(*, now: datetime, within: timedelta) -> Sequence[Unsubmitted]:
    """Drafts never submitted or changed since, whose deadline comes within this time. Withdrawn ones are left out."""
    rows = db.session.execute(
        select(Proposal, Account)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Member, (Member.proposal_id == Proposal.id) & (Member.role == MemberRole.MAIN_CONTACT))
        .join(Account, Account.id == Member.account_id)
        .where(Topic.deadline > now, Topic.deadline <= now + within, Topic.opens_at <= now)
        .where(Call.state == CallState.PUBLISHED, Account.disabled_at.is_(None), unsubmitted_changes())
        .options(contains_eager(Proposal.topic).contains_eager(Topic.call))
        .order_by(Proposal.number)
    )
    return [Unsubmitted(row[0], row[1]) for row in rows]


def is_draft(proposal: Proposal) -> bool:
    """Whether nothing of it was ever submitted."""
    return proposal.state is ProposalState.DRAFT


def job_runs() -> Sequence[JobRun]:
    """The last run of each job, by name."""
    return db.session.scalars(select(JobRun).order_by(JobRun.name)).all()
