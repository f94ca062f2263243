"""Conflicts of interest that come to light after a proposal was given out. Source: domain.md 8.4, security.md 4.

What either side changes has the pairs checked again by the worker (task ``recheck_conflicts``), queued in the very
transaction of the change. Not in that transaction itself: a merge of organisations or a new version touches many
pairs, whose proposals would all be locked while a person waits. Nothing can be read in between, since each opening of
a proposal looks at the facts as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.calls.models import Call, Topic
from grants.db import db, refresh_locked
from grants.evaluation import mails
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, FoundConflict
from grants.evaluation.queries import Opened
from grants.evaluation.services.assigning import facts_of, weighed, without
from grants.evaluation.states import ASSIGNMENT
from grants.experts.facts import Weighed, Weighing
from grants.experts.models import Employment, Expert
from grants.kernel.actor import SYSTEM
from grants.organisations.models import Representative
from grants.proposals.models import Member, Participant, Proposal


def recheck(kind: str, identity: int, *, now: datetime) -> dict[str, int]:
    """Check every pair again that a change may concern; counts. Repeating changes nothing.

    ``kind`` says what was changed: an expert, a proposal, an account, or an organisation.
    """
    counts = {"pairs": 0, "closed": 0, "to_decide": 0}
    for _, pairs in groupby(_pairs(_CONCERNED[kind](identity)), key=lambda each: each.proposal.topic_id):
        group = list(pairs)
        experts = {each.expert_id: each.expert for each in group}
        proposals = {each.proposal_id for each in group}
        weighing = Weighing(list(experts.values()), proposals, group[0].proposal.topic, now=now)
        noted = select(FoundConflict.assignment_id).where(
            FoundConflict.assignment_id.in_([each.id for each in group])
        )
        before = set(db.session.scalars(noted))
        for each in group:
            found = weighing.pair(each.proposal_id, each.expert_id)
            counts["pairs"] += 1
            if not found.left and each.id not in before:
                continue  # most pairs: nothing is locked for them
            outcome = _again(each, found, now=now)
            counts["closed"] += outcome == "closed"
            counts["to_decide"] += outcome == "to_decide"
    return counts


def recheck_pair(proposal: Proposal, expert: Expert, *, now: datetime) -> None:
    """The same for one pair at once: after an officer's decision about it."""
    for each in _pairs((Assignment.proposal_id == proposal.id) & (Assignment.expert_id == expert.id)):
        _again(each, weighed(proposal, expert, now=now), now=now)


def close_conflicted(opened: Opened, *, now: datetime) -> None:
    """A disqualifying conflict came to light after the proposal was given out: it closes to the expert at once, as if
    they had declared it, and the managers are told. Source: domain.md 8.4, security.md 4. Raises Refused."""
    assignment = opened.assignment
    _again(assignment, weighed(assignment.proposal, assignment.expert, now=now), now=now)


def _pairs(concerned: ColumnElement[bool]) -> Sequence[Assignment]:
    """Assignments under way of proposals whose result is not sent, those of a topic after each other."""
    return db.session.scalars(
        select(Assignment)
        .join(Assignment.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(concerned, Assignment.state.in_(ACTIVE), Proposal.decided_at.is_(None))
        .order_by(Proposal.topic_id, Proposal.id, Assignment.id)
        .options(
            contains_eager(Assignment.proposal)
            .contains_eager(Proposal.topic)
            .contains_eager(Topic.call)
            .contains_eager(Call.programme),
            joinedload(Assignment.expert).joinedload(Expert.account),
        )
    ).all()


def _of_account(identity: int) -> ColumnElement[bool]:
    """The person evaluates it, or stands on the other side."""
    return or_(
        Assignment.expert_id.in_(select(Expert.id).where(Expert.account_id == identity)),
        Assignment.proposal_id.in_(select(Member.proposal_id).where(Member.account_id == identity)),
    )


def _of_organisation(identity: int) -> ColumnElement[bool]:
    """It takes part, or employs the expert, or the expert acts for it."""
    worked_there = select(Employment.expert_id).where(Employment.organisation_id == identity)
    acts_for = select(Representative.account_id).where(Representative.organisation_id == identity)
    theirs = select(Expert.id).where(
        or_(Expert.employer_id == identity, Expert.id.in_(worked_there), Expert.account_id.in_(acts_for))
    )
    takes_part = select(Participant.proposal_id).where(Participant.organisation_id == identity)
    return or_(Assignment.expert_id.in_(theirs), Assignment.proposal_id.in_(takes_part))


#: What was changed, with the assignments that it concerns.
_CONCERNED = {
    "expert": lambda identity: Assignment.expert_id == identity,
    "proposal": lambda identity: Assignment.proposal_id == identity,
    "account": _of_account,
    "organisation": _of_organisation,
}


def _again(assignment: Assignment, found: Weighed, *, now: datetime) -> str:
    """Close what must be closed, note what an officer has to decide on; "closed", "to_decide" or nothing."""
    refresh_locked(assignment.proposal)
    refresh_locked(assignment)
    if assignment.state not in ACTIVE:
        return ""
    fresh = _note(assignment, found, now=now)
    if found.rules_out:
        _close(assignment, found, now=now)
        return "closed"
    if fresh:
        mails.conflict_to_decide(assignment, now=now)
    return "to_decide" if fresh else ""


def _note(assignment: Assignment, found: Weighed, *, now: datetime) -> int:
    """Keep what was found, by its code, and since when; what does not hold any more is marked. How many are new."""
    rows = db.session.scalars(select(FoundConflict).where(FoundConflict.assignment_id == assignment.id))
    known = {each.code: each for each in rows}
    present = {each.code: each for each in found.found}
    for code, noted in known.items():
        if code not in present and noted.gone_at is None:
            noted.gone_at = now
    fresh = 0
    for conflict in found.left:
        if conflict.code not in present:  # the officer's own word stands in their decision
            continue
        row = known.get(conflict.code)
        if row is not None and row.gone_at is None:
            row.sentence = conflict.sentence
            continue
        if row is None:
            row = FoundConflict(assignment_id=assignment.id, code=conflict.code)
            db.session.add(row)
        row.sentence, row.disqualifying = conflict.sentence, conflict.disqualifying
        row.found_at, row.gone_at = now, None
        fresh += 1
    db.session.flush()
    return fresh


def _close(assignment: Assignment, found: Weighed, *, now: datetime) -> None:
    """As if the expert had declared it. The expert is told that the proposal was taken away, and nothing more."""
    worst = found.rules_out[0]
    assignment.conflict, assignment.rapporteur = worst.sentence, False
    ASSIGNMENT.go(
        assignment, "declare_conflict", actor=SYSTEM, now=now, reason=worst.sentence, code=worst.code,
        **facts_of(assignment),
    )  # fmt: skip
    without(assignment, actor=SYSTEM, now=now)
    mails.conflict_declared(assignment, now=now)
    mails.removed(assignment, now=now)
