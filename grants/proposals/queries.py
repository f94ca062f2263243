"""Reading proposals. Every function takes the actor, and strangers find nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.base import ExecutableOption

from grants.accounts.models import Account
from grants.calls import rules as calls
from grants.calls.models import Call, FormVersion, Programme, Topic
from grants.calls.rules import is_first_stage
from grants.calls.states import Blind, CostModel, DeadlineModel
from grants.db import db
from grants.documents.models import Document
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.proposals.access import WHOLE, Part, ProposalAccess, may_read_part, may_see
from grants.proposals.models import (
    Answer,
    Attachment,
    BudgetSheet,
    LumpShare,
    Member,
    Participant,
    Proposal,
    Receipt,
    ReceiptCertificate,
    Submission,
    SubmissionFile,
)
from grants.proposals.rules import CUT_OFFS, closing
from grants.proposals.states import MemberRole, ParticipantRole, ProposalState, SheetKind, SheetState
from grants.proposals.writing_models import MemberParticipant


def page_limit_of(proposal: Proposal) -> int | None:
    """Pages of Part B that are read: a first stage has its own limit (domain.md 4). None: no limit."""
    topic = proposal.topic
    if is_first_stage(topic.deadline_model, proposal.stage) and topic.first_stage_page_limit is not None:
        return topic.first_stage_page_limit
    return topic.page_limit


def is_blind(proposal: Proposal) -> bool:
    """Whether its experts judge it without knowing who applies (its topic must be loaded)."""
    return calls.is_blind(proposal.topic.blind, proposal.topic.deadline_model, proposal.stage)


def blind_sql() -> ColumnElement[bool]:
    """The same as SQL over Proposal and Topic; a test holds them equal."""
    first = and_(
        Topic.blind == Blind.FIRST_STAGE, Topic.deadline_model == DeadlineModel.TWO_STAGE, Proposal.stage == 1
    )
    return or_(Topic.blind == Blind.ALL, first)


def closing_sql() -> ColumnElement[datetime]:
    """``rules.closing`` as SQL over Proposal and Topic; a test holds them equal."""
    common = case(
        (and_(Topic.deadline_model == DeadlineModel.TWO_STAGE, Proposal.stage == 1), Topic.first_deadline),
        (and_(Topic.deadline_model.in_(CUT_OFFS), Proposal.cut_off.is_not(None)), Proposal.cut_off),
        else_=Topic.deadline,
    )
    return func.greatest(common, Proposal.extended_until)  # greatest leaves out what is null


@dataclass(frozen=True, slots=True)
class Opened:
    """A proposal as one actor opened it, with what access decides on. ``locked``: nobody else changes it until the
    end of the transaction, and everything in it was read since."""

    proposal: Proposal
    access: ProposalAccess
    locked: bool = False


def access_of(
    proposal: Proposal, member: MemberRole | None, participants: Sequence[int] | None = None
) -> ProposalAccess:
    """The facts of access from loaded rows (topic, call and programme must be loaded). ``participants``: those that
    the member is the contact of."""
    topic = proposal.topic
    return ProposalAccess(
        state=proposal.state, programme=topic.call.programme.code, opens_at=topic.opens_at,
        deadline=closes_at(proposal), member=member, decided=proposal.decided_at is not None, trial=proposal.trial,
        participants=frozenset(participants or ()), partners_read_all=proposal.partners_read_all,
    )  # fmt: skip


def closes_at(proposal: Proposal) -> datetime:
    """The instant from which this proposal is late (its topic must be loaded)."""
    topic = proposal.topic
    return closing(
        topic.deadline_model, first=topic.first_deadline, last=topic.deadline, stage=proposal.stage,
        cut_off=proposal.cut_off, extended_until=proposal.extended_until,
    )  # fmt: skip


def open_proposal(
    actor: Actor,
    number: int,
    *,
    now: datetime,
    whole: bool = True,
    files: bool = True,
    part: Part | None = WHOLE,
    locked: bool = False,
) -> Opened:
    """A proposal with topic, call and programme; with everything in it where ``whole``, but for files and answers of
    Part A without ``files``: these are read where they are asked for.

    ``part``: what will be shown; None where the caller shows no more than ``access.may_read_part`` allows.
    ``locked``: its row is locked first, so that the rest is read as it stands then. Raises NotFound for strangers,
    Refused for a partner's contact who may not read that part.
    """
    theirs = (
        select(func.array_agg(MemberParticipant.participant_id))
        .where(MemberParticipant.member_id == Member.id)
        .scalar_subquery()
    )
    statement = (
        select(Proposal, Member.role, theirs)
        .outerjoin(Member, and_(Member.proposal_id == Proposal.id, Member.account_id == actor.id))
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Proposal.number == number, _within_reach(actor))
        .options(contains_eager(Proposal.topic).contains_eager(Topic.call).contains_eager(Call.programme))
    )
    if whole:
        statement = statement.options(*(_everything() if files else _budget()))
    if locked:
        statement = statement.with_for_update(of=Proposal).execution_options(populate_existing=True)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    proposal, role, participants = row
    facts = access_of(proposal, role, participants)
    (may_read_part(actor, facts, part, now=now) if part else may_see(actor, facts, now=now)).require()
    if whole and proposal.topic.cost_model is CostModel.LUMP_SUM:
        _load_shares(proposal)
    return Opened(proposal, facts, locked)


def _within_reach(actor: Actor) -> ColumnElement[bool]:
    """What ``access.may_see`` may allow at all. The rest is not even read: a refusal asks the database as little as a
    number that there is not, and says as little by the time it takes."""
    staff = true() if actor.has(Role.AUDITOR) else Programme.code.in_(actor.programmes)
    return or_(Member.id.is_not(None), and_(Proposal.state != ProposalState.DRAFT, staff))


def _load_shares(proposal: Proposal) -> None:
    """Shares of all participants in one statement, where there are any: topics with other cost models have none."""
    found: dict[int, list[LumpShare]] = {row.id: [] for row in proposal.participants}
    rows = select(LumpShare).join(Participant, Participant.id == LumpShare.participant_id)
    for share in db.session.scalars(rows.where(Participant.proposal_id == proposal.id).order_by(LumpShare.package)):
        found[share.participant_id].append(share)
    for row in proposal.participants:
        set_committed_value(row, "shares", found[row.id])


def _everything() -> tuple[ExecutableOption, ...]:
    return (
        *_budget(),
        selectinload(Proposal.attachments).joinedload(Attachment.document),
        selectinload(Proposal.answers),
    )


def _budget() -> tuple[ExecutableOption, ...]:
    return (
        joinedload(Proposal.changed_by),
        # Lines come with their participants: a handful for each costs less than a statement of their own.
        selectinload(Proposal.participants).options(
            joinedload(Participant.organisation), joinedload(Participant.lines)
        ),
        contains_eager(Proposal.topic).selectinload(Topic.categories),
    )


OwnRows = Select[int, str, str, str, str, datetime, str]
_LAST = select(func.max(Submission.submitted_at)).where(Submission.proposal_id == Proposal.id).scalar_subquery()
_CHANGED = and_(Proposal.state == ProposalState.SUBMITTED, Proposal.changed_at > _LAST)
#: Built once: putting a statement together costs as much as reading ten rows.
_OWN = (
    select(
        Proposal.number,
        Proposal.acronym,
        Proposal.title,
        case((_CHANGED, "changed"), else_=cast(Proposal.state, String)).label("state"),
        Topic.identifier,
        closing_sql().label("deadline"),
        Call.zone,
    )
    .join(Proposal.members)
    .join(Proposal.topic)
    .join(Topic.call)
    .where(Member.account_id == bindparam("account"))
)


def own_proposals(actor: Actor) -> tuple[OwnRows, dict[str, Any]]:
    """Proposals that the actor works on: number, acronym, title, state; the topic's identifier, deadline and zone.
    The state ``changed``: submitted, and changed since. Not ordered; with the values of its named places. Columns,
    since a list of whole objects costs three times as much."""
    return _OWN, {"account": actor.id}


def undecided_keys() -> Select[str]:
    """Keys in the audit trail of proposals without a decision, drafts included."""
    return select(cast(Proposal.number, String)).where(Proposal.decided_at.is_(None))


def own_for_topic(actor: Actor, topic_id: int) -> Sequence[Proposal]:
    """The actor's proposals for one topic: the topic's page offers to go on with them."""
    own = select(Member.proposal_id).where(Member.account_id == actor.id)
    return db.session.scalars(
        select(Proposal).where(Proposal.topic_id == topic_id, Proposal.id.in_(own)).order_by(Proposal.number)
    ).all()


def participant_row(proposal: Proposal, participant_id: int) -> Participant:
    """One participant of this proposal. Raises NotFound."""
    found = db.session.get(Participant, participant_id)
    if found is None or found.proposal_id != proposal.id:
        raise NotFound
    return found


def versions(proposal_id: int) -> dict[UUID, int]:
    """The numbers of all versions by their intents, the first version first."""
    rows = select(Submission.key, Submission.number).where(Submission.proposal_id == proposal_id)
    return {row.key: row.number for row in db.session.execute(rows.order_by(Submission.number))}


def answers_of_participant(participant_id: int) -> Sequence[Answer]:
    """What one participant answered in Part A."""
    return db.session.scalars(select(Answer).where(Answer.participant_id == participant_id).order_by(Answer.id)).all()


def waiting_sheet(proposal_id: int) -> BudgetSheet | None:
    """The spreadsheet that the worker is asked to make now."""
    return db.session.scalar(
        select(BudgetSheet)
        .where(BudgetSheet.proposal_id == proposal_id, BudgetSheet.kind == SheetKind.EXPORT)
        .where(BudgetSheet.state == SheetState.WAITING)
        .order_by(BudgetSheet.id.desc())
        .limit(1)
    )


def last_sheets(proposal_id: int, *, since: datetime) -> dict[str, BudgetSheet]:
    """The last spreadsheet made and the last one sent in, by kind, that were asked for after ``since``."""
    last = (
        select(func.max(BudgetSheet.id))
        .where(BudgetSheet.proposal_id == proposal_id, BudgetSheet.asked_at > since)
        .group_by(BudgetSheet.kind)
    )
    rows = db.session.scalars(
        select(BudgetSheet)
        .where(BudgetSheet.id.in_(last))
        .options(joinedload(BudgetSheet.document), joinedload(BudgetSheet.asked_by))
    )
    return {each.kind.value: each for each in rows}


def last_submission(proposal_id: int) -> Submission | None:
    """The version that counts, with its files."""
    statement = (
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.number.desc())
        .limit(1)
        .options(selectinload(Submission.files), joinedload(Submission.submitted_by))
    )
    return db.session.scalar(statement)


def submissions_of(proposal_id: int) -> Sequence[Submission]:
    """All versions, newest first."""
    return db.session.scalars(
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.number.desc())
        .options(selectinload(Submission.files), joinedload(Submission.submitted_by))
    ).all()


def submission(proposal_id: int, number: int) -> Submission:
    """One version with its files. Raises NotFound."""
    found = db.session.scalar(
        select(Submission)
        .where(Submission.proposal_id == proposal_id, Submission.number == number)
        .options(selectinload(Submission.files), joinedload(Submission.submitted_by))
    )
    if found is None:
        raise NotFound
    return found


def submission_by_code(code: str) -> Submission | None:
    """The version of a receipt's code: whoever holds the receipt knows it."""
    return db.session.scalar(
        select(Submission)
        .where(Submission.code == code)
        .options(selectinload(Submission.files), joinedload(Submission.proposal).joinedload(Proposal.topic))
    )


def submissions_with_file(sha256: str) -> Sequence[tuple[SubmissionFile, Submission]]:
    """Versions that hold a file of this hash: whoever holds the file knows it."""
    rows = db.session.execute(
        select(SubmissionFile, Submission)
        .join(Submission, Submission.id == SubmissionFile.submission_id)
        .where(SubmissionFile.sha256 == sha256)
        .order_by(Submission.submitted_at)
        .limit(20)
    )
    return [(row[0], row[1]) for row in rows]


def receipt_of(submission_id: int) -> Receipt | None:
    """The signed receipt of a version with its two files; None while it is being made."""
    return db.session.scalar(
        select(Receipt)
        .where(Receipt.submission_id == submission_id)
        .options(joinedload(Receipt.pdf), joinedload(Receipt.statement))
    )


def submission_to_sign(submission_id: int) -> Submission | None:
    """A version with all that its receipt says; None where it has one already."""
    whole = joinedload(Submission.proposal).joinedload(Proposal.topic).joinedload(Topic.call)
    has_one = exists().where(Receipt.submission_id == Submission.id)
    return db.session.scalar(
        select(Submission)
        .where(Submission.id == submission_id, ~has_one)
        .options(whole, selectinload(Submission.files), joinedload(Submission.submitted_by))
    )


def submission_of_receipt(hashes: Sequence[str]) -> Submission | None:
    """The version whose signed receipt, PDF or JSON, has one of these hashes: who holds the receipt knows it."""
    return db.session.scalar(
        select(Submission)
        .join(Receipt, Receipt.submission_id == Submission.id)
        .where(or_(Receipt.pdf_sha256.in_(hashes), Receipt.statement_sha256.in_(hashes)))
        .options(selectinload(Submission.files), joinedload(Submission.proposal).joinedload(Proposal.topic))
    )


def certificates() -> Sequence[ReceiptCertificate]:
    """All that receipts were signed with, the newest first."""
    return db.session.scalars(select(ReceiptCertificate).order_by(ReceiptCertificate.id.desc())).all()


def without_receipt(*, before: datetime, limit: int) -> Sequence[int]:
    """Versions from before an instant that have no receipt and wait for none in the queue, the oldest first."""
    waiting = text(
        "NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE task_name = 'sign_receipt'"
        " AND status IN ('todo', 'doing') AND lock = 'receipt:' || submission.id)"
    )
    has_one = exists().where(Receipt.submission_id == Submission.id)
    rows = select(Submission.id).where(~has_one, Submission.submitted_at < before, waiting)
    return db.session.scalars(rows.order_by(Submission.id).limit(limit)).all()


def is_attached(document: Document) -> Attachment | None:
    """The attachment of a document, where it has one."""
    return db.session.scalar(select(Attachment).where(Attachment.document_id == document.id))


def submitted_for_topic(topic_id: int) -> Select[Proposal]:
    """What competes: submitted and not withdrawn. Not ordered."""
    return select(Proposal).where(Proposal.topic_id == topic_id, Proposal.state == ProposalState.SUBMITTED)


def others_of_person(proposal: Proposal) -> int:
    """How many other submitted proposals to the same topic and stage have the same main contact."""
    contacts = select(Member.account_id).where(
        Member.proposal_id == proposal.id, Member.role == MemberRole.MAIN_CONTACT
    )
    theirs = select(Member.proposal_id).where(Member.account_id.in_(contacts), Member.role == MemberRole.MAIN_CONTACT)
    return _others(proposal, theirs)


def others_of_coordinator(proposal: Proposal) -> int:
    """How many other submitted proposals to the same topic and stage the same organisation coordinates."""
    chief = (Participant.role == ParticipantRole.COORDINATOR,)
    ours = select(Participant.organisation_id).where(Participant.proposal_id == proposal.id, *chief)
    theirs = select(Participant.proposal_id).where(Participant.organisation_id.in_(ours), *chief)
    return _others(proposal, theirs)


def _others(proposal: Proposal, ids: Select[int]) -> int:
    competing = submitted_for_topic(proposal.topic_id).where(
        Proposal.id != proposal.id, Proposal.id.in_(ids), Proposal.stage == proposal.stage
    )
    return db.session.scalar(select(func.count()).select_from(competing.subquery())) or 0


def form_version(topic_id: int, number: int) -> FormVersion | None:
    """The form as it was under this number."""
    return db.session.scalar(
        select(FormVersion).where(FormVersion.topic_id == topic_id, FormVersion.number == number)
    )


def counts_for_topics(topic_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many drafts, submitted and withdrawn proposals each topic has: counts only, before the deadline too."""
    rows = db.session.execute(
        select(Proposal.topic_id, Proposal.state, func.count())
        .where(Proposal.topic_id.in_(topic_ids), Proposal.trial.is_(False))
        .group_by(Proposal.topic_id, Proposal.state)
    )
    found: dict[int, dict[str, int]] = {}
    for topic_id, state, count in rows:
        found.setdefault(topic_id, {})[state.value] = count
    return found


def main_contacts(proposal_ids: Sequence[int]) -> dict[int, Account]:
    """Whom letters about a proposal go to."""
    rows = db.session.execute(
        select(Member.proposal_id, Account)
        .join(Account, Account.id == Member.account_id)
        .where(Member.proposal_id.in_(proposal_ids), Member.role == MemberRole.MAIN_CONTACT)
    )
    return {row[0]: row[1] for row in rows}


def unsubmitted_changes() -> ColumnElement[bool]:
    """True for proposals changed since their last submission, or never submitted (not withdrawn ones)."""
    return or_(Proposal.state == ProposalState.DRAFT, _CHANGED)


def has_submission() -> ColumnElement[bool]:
    """True for proposals with at least one version."""
    return exists().where(Submission.proposal_id == Proposal.id)


def programme_of(proposal: Proposal) -> Programme:
    """The programme, through topic and call."""
    return proposal.topic.call.programme
