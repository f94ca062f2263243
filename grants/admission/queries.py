"""Reading extensions and admissions; what competes in a topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased, contains_eager, joinedload

from grants.admission.models import Admission, Extension, RuleDecision
from grants.admission.rules import Judged, judged
from grants.admission.states import AdmissionState
from grants.calls.eligibility import UNNAMED
from grants.calls.models import Call, Programme, Topic
from grants.calls.states import DeadlineModel
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.organisations.models import Organisation
from grants.proposals import blindness
from grants.proposals.models import Participant, Proposal, Submission
from grants.proposals.queries import closing_sql
from grants.proposals.rules import CUT_OFFS
from grants.proposals.states import ParticipantRole, ProposalState


def competing(topic: Topic, *, now: datetime) -> Select[Proposal]:
    """What is evaluated in a topic now: submitted, closed, not excluded, of the present stage. Not ordered."""
    return select(Proposal).where(competes_in(topic, now))


def competes_in(topic: Topic, now: datetime) -> ColumnElement[bool]:
    """The same as a condition over Proposal alone, as simple as the topic's deadlines allow: lists of ten thousand
    are paged and counted with it. A test holds it equal to ``competes``."""
    submitted = and_(Proposal.topic_id == topic.id, Proposal.state == ProposalState.SUBMITTED, ~excluded())
    in_time = or_(Proposal.extended_until.is_(None), Proposal.extended_until <= now)
    if topic.deadline_model in CUT_OFFS:
        closed = func.coalesce(Proposal.cut_off, topic.deadline) <= now
        return and_(submitted, in_time, Proposal.stage == 1, closed)
    last_stage = topic.deadline <= now
    if topic.deadline_model is DeadlineModel.TWO_STAGE and not last_stage:
        return and_(submitted, in_time, Proposal.stage == 1, literal(topic.first_deadline <= now))
    stage = 2 if topic.deadline_model is DeadlineModel.TWO_STAGE else 1
    return and_(submitted, in_time, Proposal.stage == stage, literal(last_stage))


def competes(now: datetime) -> ColumnElement[bool]:
    """The same as a condition over Proposal and Topic, for several topics at once."""
    closed = and_(Proposal.state == ProposalState.SUBMITTED, closing_sql() <= now)
    return and_(closed, ~excluded(), current_stage(now))


def current_stage(now: datetime) -> ColumnElement[bool]:
    """Whether a proposal is of the stage that is under way in its topic: the second from the last deadline on."""
    second = and_(Topic.deadline_model == DeadlineModel.TWO_STAGE, Topic.deadline <= now)
    return Proposal.stage == case((second, 2), else_=1)


def excluded() -> ColumnElement[bool]:
    """Whether an officer found the proposal inadmissible or ineligible."""
    return Proposal.id.in_(select(Admission.proposal_id).where(Admission.state == AdmissionState.EXCLUDED))


def is_excluded(proposal_id: int) -> bool:
    """The same for one proposal."""
    mine = (Admission.proposal_id == proposal_id, Admission.state == AdmissionState.EXCLUDED)
    return db.session.scalar(select(Admission.id).where(*mine)) is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the opening: a submitted proposal with what its rules found. ``open_rules``: not met by themselves,
    warnings left out, and not decided by an officer. ``named``: a blind proposal names a participant."""

    number: int
    acronym: str
    title: str
    coordinator: str
    country: str
    requested: Decimal
    open_rules: int
    state: AdmissionState
    told: bool
    named: bool = False


def opening(topic_id: int, *, now: datetime, state: str = "") -> Select[Proposal]:
    """Submitted proposals of a topic whose deadline has passed, for the officers. Not ordered."""
    rows = (
        select(Proposal)
        .join(Proposal.topic)
        .outerjoin(Admission, Admission.proposal_id == Proposal.id)
        .where(Proposal.topic_id == topic_id, Proposal.state == ProposalState.SUBMITTED, closing_sql() <= now)
    )
    if state == AdmissionState.PENDING.value:
        return rows.where(or_(Admission.id.is_(None), Admission.state == AdmissionState.PENDING))
    return rows.where(Admission.state == state) if state else rows


def lines(proposals: Sequence[Proposal]) -> list[Row]:
    """Proposals as lines of the opening, in their order: four statements for any number."""
    ids = [each.id for each in proposals]
    admissions = {
        row.proposal_id: row for row in db.session.scalars(select(Admission).where(Admission.proposal_id.in_(ids)))
    }
    versions, chiefs, decided = _versions(ids), _coordinators(ids), _decisions(ids)
    found = []
    for each in proposals:
        version, admission, chief = versions[each.id], admissions.get(each.id), chiefs.get(each.id)
        rules = judged(version.rules, decided.get(each.id, {}))
        found.append(
            Row(
                number=each.number, acronym=version.content["acronym"], title=version.content["title"],
                coordinator=chief.legal_name if chief else "", country=chief.country if chief else "",
                requested=version.requested, open_rules=sum(rule.is_open for rule in rules),
                state=admission.state if admission else AdmissionState.PENDING,
                told=admission is not None and admission.told_at is not None,
                named=any(rule["rule"] == UNNAMED and rule["met"] is False for rule in version.rules),
            )
        )  # fmt: skip
    return found


def _versions(ids: Sequence[int]) -> dict[int, Submission]:
    """The version that counts of each."""
    rows = (
        select(Submission)
        .where(Submission.proposal_id.in_(ids))
        .ext(distinct_on(Submission.proposal_id))
        .order_by(Submission.proposal_id, Submission.number.desc())
    )
    return {row.proposal_id: row for row in db.session.scalars(rows)}


def _coordinators(ids: Sequence[int]) -> dict[int, Organisation]:
    rows = db.session.execute(
        select(Participant.proposal_id, Organisation)
        .join(Participant.organisation)
        .where(Participant.proposal_id.in_(ids), Participant.role == ParticipantRole.COORDINATOR)
    )
    return {row[0]: row[1] for row in rows}


def _decisions(ids: Sequence[int]) -> dict[int, dict[str, tuple[bool, str]]]:
    found: dict[int, dict[str, tuple[bool, str]]] = {}
    for row in db.session.scalars(select(RuleDecision).where(RuleDecision.proposal_id.in_(ids))):
        found.setdefault(row.proposal_id, {})[row.rule] = (row.met, row.reason)
    return found


@dataclass(frozen=True, slots=True)
class Opened:
    """One proposal at its opening: the version that counts, its rules, the decision (None: nobody has looked)."""

    proposal: Proposal
    version: Submission
    rules: list[Judged]
    admission: Admission | None


def opened(actor: Actor, number: int, *, now: datetime) -> Opened:
    """A submitted proposal for its programme's managers. NotFound for others and until its deadline."""
    proposal = db.session.scalar(
        select(Proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Proposal.number == number, Proposal.state == ProposalState.SUBMITTED, closing_sql() <= now)
        .options(contains_eager(Proposal.topic).contains_eager(Topic.call).contains_eager(Call.programme))
    )
    if proposal is None or not actor.manages(proposal.topic.call.programme.code):
        raise NotFound
    version = _versions([proposal.id])[proposal.id]
    rules = judged(_with_names(proposal, version), _decisions([proposal.id]).get(proposal.id, {}))
    admission = db.session.scalar(
        select(Admission).where(Admission.proposal_id == proposal.id).options(joinedload(Admission.decided_by))
    )
    return Opened(proposal, version, rules, admission)


def _with_names(proposal: Proposal, version: Submission) -> list[dict[str, Any]]:
    """What the version's rules found. One that was handed in before its Part B was read does not say whether it names
    a participant: that is looked for now."""
    if not any(each["rule"] == UNNAMED and each["met"] is None for each in version.rules):
        return list(version.rules)
    found = blindness.mentions_of_version(proposal, version)
    late = {"met": found.unnamed, "why": found.sentence}
    return [each | late if each["rule"] == UNNAMED else each for each in version.rules]


def counts(topic_id: int, *, now: datetime) -> dict[str, int]:
    """How many proposals of the opening are pending, admitted, excluded."""
    state = func.coalesce(Admission.state, AdmissionState.PENDING.value)
    rows = db.session.execute(opening(topic_id, now=now).with_only_columns(state, func.count()).group_by(state))
    return {each.value: 0 for each in AdmissionState} | {str(row[0]): row[1] for row in rows}


def to_be_told(topic_id: int) -> Sequence[Admission]:
    """Exclusions of a topic whose applicants have no letter yet, in the order of the proposals' numbers."""
    return db.session.scalars(
        select(Admission)
        .join(Admission.proposal)
        .where(Proposal.topic_id == topic_id, Admission.state == AdmissionState.EXCLUDED, Admission.told_at.is_(None))
        .options(contains_eager(Admission.proposal).joinedload(Proposal.topic).joinedload(Topic.call))
        .order_by(Proposal.number)
    ).all()


def extensions(topic_id: int) -> Sequence[Extension]:
    """Extensions of proposals of a topic, newest first."""
    return db.session.scalars(
        select(Extension)
        .join(Extension.proposal)
        .where(Proposal.topic_id == topic_id)
        .options(
            contains_eager(Extension.proposal), joinedload(Extension.proposed_by), joinedload(Extension.answered_by)
        )
        .order_by(Extension.id.desc())
    ).all()


def extension_of(topic: Topic, extension_id: int) -> Extension:
    """One extension of a topic. Raises NotFound."""
    found = db.session.get(Extension, extension_id)
    if found is None or found.proposal.topic_id != topic.id:
        raise NotFound
    return found


def draft_of(topic: Topic, number: int) -> Proposal | None:
    """A proposal of the topic by its number, whatever its state: managers extend drafts that they cannot read."""
    mine = (Proposal.topic_id == topic.id, Proposal.number == number, Proposal.trial.is_(False))
    return db.session.scalar(select(Proposal).where(*mine))


def first_stages(topic_id: int) -> Select[Proposal]:
    """Submitted first-stage proposals that are not excluded, with the second-stage one where it was begun."""
    second = aliased(Proposal)
    begun = exists().where(second.first_stage_id == Proposal.id)
    return select(Proposal).where(
        Proposal.topic_id == topic_id,
        Proposal.stage == 1,
        Proposal.state == ProposalState.SUBMITTED,
        ~excluded(),
        ~begun,
    )


def programme_of(topic: Topic) -> Programme:
    """The topic's programme."""
    return topic.call.programme
