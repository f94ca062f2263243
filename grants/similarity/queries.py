"""Reading texts and pairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from grants.calls.models import Call, Topic
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.proposals.models import Proposal, Submission
from grants.proposals.queries import closing_sql
from grants.proposals.states import ProposalState
from grants.similarity.access import may_see
from grants.similarity.models import SimilarPair, SubmissionText

ABSTRACT, PART_B = "abstract", "part_b"


def pending(*, now: datetime, limit: int) -> Sequence[Submission]:
    """Last versions of what competes, after its deadline, that are not compared yet; the oldest first. Only what is
    closed is compared, so every pair is of two that are."""
    later = aliased(Submission)
    newer = exists().where(later.proposal_id == Submission.proposal_id, later.number > Submission.number)
    compared = exists().where(SubmissionText.submission_id == Submission.id, SubmissionText.kind == ABSTRACT)
    rows = (
        select(Submission)
        .join(Submission.proposal)
        .join(Proposal.topic)
        .where(Proposal.state == ProposalState.SUBMITTED, closing_sql() <= now, ~newer, ~compared)
    )
    return db.session.scalars(rows.order_by(Submission.id).limit(limit)).all()


def signatures(kind: str) -> list[tuple[int, int, bytes]]:
    """Of all texts of a kind: the row's id, the proposal's id, the signature."""
    rows = (
        select(SubmissionText.id, Submission.proposal_id, SubmissionText.minhash)
        .join(Submission, Submission.id == SubmissionText.submission_id)
        .where(SubmissionText.kind == kind)
        .order_by(SubmissionText.id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(rows)]


def text_row(row_id: int) -> SubmissionText:
    """One text."""
    return db.session.get_one(SubmissionText, row_id)


def text_of(submission_id: int, kind: str) -> str:
    """The text of a version; empty where it has none."""
    mine = (SubmissionText.submission_id == submission_id, SubmissionText.kind == kind)
    return db.session.scalar(select(SubmissionText.text).where(*mine)) or ""


_SIDES = (
    joinedload(SimilarPair.first).joinedload(Submission.proposal).joinedload(Proposal.topic),
    joinedload(SimilarPair.second).joinedload(Submission.proposal).joinedload(Proposal.topic),
)


def pairs_of_topic(topic_id: int, *, now: datetime, open_only: bool = False) -> Select[SimilarPair]:
    """Pairs with a proposal of this topic, both after their deadlines. Not ordered."""
    one, other = aliased(Submission), aliased(Submission)
    here, there = aliased(Proposal), aliased(Proposal)
    left, right = aliased(Topic), aliased(Topic)
    rows = (
        select(SimilarPair)
        .join(one, one.id == SimilarPair.first_id)
        .join(other, other.id == SimilarPair.second_id)
        .join(here, here.id == one.proposal_id)
        .join(there, there.id == other.proposal_id)
        .join(left, left.id == here.topic_id)
        .join(right, right.id == there.topic_id)
        .where(or_(left.id == topic_id, right.id == topic_id), left.first_deadline <= now)
        .where(right.first_deadline <= now)
        .options(*_SIDES)
    )
    return rows.where(SimilarPair.looked_at.is_(None)) if open_only else rows


def pairs_of_proposal(proposal: Proposal, *, now: datetime) -> Sequence[SimilarPair]:
    """Pairs that this proposal stands in, most alike first; its topic's managers see them at its opening."""
    one, other = aliased(Submission), aliased(Submission)
    rows = (
        pairs_of_topic(proposal.topic_id, now=now)
        .join(one, one.id == SimilarPair.first_id)
        .join(other, other.id == SimilarPair.second_id)
        .where(or_(one.proposal_id == proposal.id, other.proposal_id == proposal.id))
    )
    return db.session.scalars(rows.order_by(SimilarPair.share.desc(), SimilarPair.id).limit(20)).all()


def open_pair(actor: Actor, pair_id: int, *, now: datetime) -> SimilarPair:
    """A pair with both sides. Raises NotFound for everybody but the managers."""
    programmes = [each.joinedload(Topic.call).joinedload(Call.programme) for each in _SIDES]
    found = db.session.scalar(select(SimilarPair).where(SimilarPair.id == pair_id).options(*programmes))
    if found is None:
        raise NotFound
    topics = [each.proposal.topic for each in (found.first, found.second)]
    may_see(
        actor, programmes=[each.call.programme.code for each in topics],
        deadlines=[each.first_deadline for each in topics], now=now,
    ).require()  # fmt: skip
    return found


def waits_for_comparison(*, now: datetime) -> bool:
    """Whether something is to be compared."""
    return bool(pending(now=now, limit=1))


def compared_count(topic_id: int) -> int:
    """How many proposals of a topic were compared."""
    rows = (
        select(func.count())
        .select_from(SubmissionText)
        .join(Submission, Submission.id == SubmissionText.submission_id)
        .join(Proposal, and_(Proposal.id == Submission.proposal_id, Proposal.topic_id == topic_id))
        .where(SubmissionText.kind == ABSTRACT)
    )
    return db.session.scalar(rows) or 0
