"""More time for one proposal, decisions on rules and admission, letters about exclusions, second stages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from grants.admission import access, mails, queries
from grants.admission.models import Admission, Extension, RuleDecision
from grants.admission.queries import Opened
from grants.admission.rules import admission_findings
from grants.admission.states import ADMISSION, EXTENSION, AdmissionState
from grants.audit.services import record
from grants.calls.models import Topic
from grants.calls.states import DeadlineModel
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding
from grants.proposals import queries as proposals
from grants.proposals.models import Answer, BudgetLine, Member, Participant, Proposal
from grants.proposals.states import ProposalState


def propose_extension(
    topic: Topic, number: int, *, until: datetime, reason: str, actor: Actor, now: datetime
) -> Extension:
    """Propose more time for one proposal of the topic. It counts when another manager has confirmed it.

    Raises Invalid: no such proposal, a time that is no extension, no reason, or one that waits already.
    """
    access.may_extend(actor, programme=topic.call.programme.code).require()
    proposal = queries.draft_of(topic, number)
    if proposal is None:
        raise Invalid(Finding("no-such-proposal", "This topic has no proposal of this number.", place="number"))
    proposal.topic = topic
    if until <= max(now, proposals.closes_at(proposal)):
        message = "The new time must lie after the proposal's deadline and after now."
        raise Invalid(Finding("no-extension", message, place="until"))
    if not reason.strip():
        raise Invalid(
            Finding("no-reason", "Give the reason: it is kept, and told to the applicants.", place="reason")
        )
    made = Extension(
        proposal_id=proposal.id, until=until, reason=reason.strip(), proposed_at=now, proposed_by_id=actor.id
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        message = "An extension of this proposal waits for its confirmation already."
        raise Invalid(Finding("waits-already", message, place="number")) from None
    facts = {"number": number, "until": until.isoformat()}
    record(made.ref(), "extension.proposed", actor=actor, now=now, reason=made.reason, facts=facts)
    return made


def answer_extension(extension: Extension, *, confirm: bool, actor: Actor, now: datetime) -> None:
    """Confirm it (another manager than who proposed it), or refuse it. Raises Refused.

    Confirmed, it moves the deadline of this one proposal, and its main contact gets a letter.
    """
    proposal = extension.proposal
    programme = proposal.topic.call.programme.code
    if confirm:
        access.may_confirm(actor, programme=programme, proposed_by=extension.proposed_by_id).require()
    else:
        access.may_extend(actor, programme=programme).require()
    refresh_locked(proposal)
    refresh_locked(extension)
    if confirm and extension.until <= now:
        raise Refused("too-late", "This time has passed. Propose a new one.", status=409)
    extension.answered_at, extension.answered_by_id = now, actor.id
    EXTENSION.go(extension, "confirm" if confirm else "refuse", actor=actor, now=now)
    if confirm:
        proposal.extended_until = extension.until
        db.session.flush()
        mails.extended(extension, now=now)


def decide_rule(opened: Opened, rule: str, *, met: bool, reason: str, actor: Actor, now: datetime) -> None:
    """Say whether one rule is met, over what it found itself. Each decision is kept in the audit trail; the last one
    counts. Raises Refused, and Invalid without a reason or for a rule that the version does not have."""
    _may_admit(opened, actor=actor, now=now)
    if rule not in {each.key for each in opened.rules}:
        raise Invalid(Finding("no-such-rule", "This version was not judged by such a rule.", place="rule"))
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Give the reason of your decision.", place="reason"))
    values = {"met": met, "reason": reason.strip(), "decided_at": now, "decided_by_id": actor.id}
    statement = insert(RuleDecision).values(proposal_id=opened.proposal.id, rule=rule, **values)
    db.session.execute(statement.on_conflict_do_update(constraint="uq_rule_decision_once", set_=values))
    facts = {"rule": rule, "met": met}
    record(opened.proposal.ref(), "proposal.rule_decided", actor=actor, now=now, reason=reason.strip(), facts=facts)


def decide(opened: Opened, *, admit: bool, reason: str, actor: Actor, now: datetime) -> Admission:
    """Admit the proposal to evaluation, or exclude it with a reason. Raises Refused, and Invalid: rules that are not
    decided or not met."""
    _may_admit(opened, actor=actor, now=now)
    if found := admission_findings(opened.rules, admit=admit, reason=reason):
        raise Invalid(found)
    admission = opened.admission or _begun(opened.proposal)
    refresh_locked(admission)
    if admission.state is not AdmissionState.PENDING:
        ADMISSION.go(admission, "reopen", actor=actor, now=now)
    admission.reason, admission.decided_at, admission.decided_by_id = reason.strip(), now, actor.id
    ADMISSION.go(admission, "admit" if admit else "exclude", actor=actor, now=now, reason=reason.strip())
    db.session.flush()
    return admission


def reopen(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Take a decision back. Raises Refused where there is none."""
    _may_admit(opened, actor=actor, now=now)
    admission = opened.admission
    if admission is None or admission.state is AdmissionState.PENDING:
        raise Refused("not-decided", "Nothing was decided on this proposal.", status=409)
    refresh_locked(admission)
    admission.reason, admission.decided_at, admission.decided_by_id = "", None, None
    ADMISSION.go(admission, "reopen", actor=actor, now=now)
    db.session.flush()


def _may_admit(opened: Opened, *, actor: Actor, now: datetime) -> None:
    proposal, admission = opened.proposal, opened.admission
    access.may_admit(
        actor, programme=proposal.topic.call.programme.code, closes_at=proposals.closes_at(proposal), now=now,
        told=admission is not None and admission.told_at is not None, decided=proposal.decided_at is not None,
    ).require()  # fmt: skip


def _begun(proposal: Proposal) -> Admission:
    statement = insert(Admission).values(proposal_id=proposal.id, state=AdmissionState.PENDING)
    db.session.execute(statement.on_conflict_do_nothing())
    return db.session.scalars(select(Admission).where(Admission.proposal_id == proposal.id)).one()


def admit_all(found: Sequence[Opened], *, count: int, actor: Actor, now: datetime) -> int:
    """Admit several at once, as the preview showed them: ``count`` is what it said. All or none; raises Refused when
    it is another number now, Invalid naming the proposals whose rules stand against it."""
    if len(found) != count:
        raise Refused("other-count", "The list has changed since you looked. Look at it again.", status=409)
    against: list[Finding] = []
    for each in found:
        for finding in admission_findings(each.rules, admit=True, reason=""):
            message = f"{each.proposal.number}: {finding.message}"
            against.append(Finding(finding.code, message, place="numbers", source=finding.source))
    if against:
        raise Invalid(against)
    for each in found:
        decide(each, admit=True, reason="", actor=actor, now=now)
    return len(found)


def tell_excluded(topic: Topic, *, count: int, actor: Actor, now: datetime) -> int:
    """Send the letters about exclusions that are not out yet: ``count`` is what the preview said. Raises Refused."""
    access.may_extend(actor, programme=topic.call.programme.code).require()
    waiting = queries.to_be_told(topic.id)
    if len(waiting) != count or not count:
        raise Refused("other-count", "The list has changed since you looked. Look at it again.", status=409)
    for each in waiting:
        refresh_locked(each)
        each.told_at = now
        mails.excluded(each, now=now)
    record(topic.ref(), "topic.exclusions_told", actor=actor, now=now, facts={"count": count})
    db.session.flush()
    return len(waiting)


def invite_to_second_stage(
    topic: Topic, chosen: Sequence[Proposal], *, actor: Actor, now: datetime
) -> list[Proposal]:
    """Begin a second-stage proposal for each of these first-stage ones, with what the first stage said, and invite
    their main contacts. Part B and annexes are new. Raises Refused: not two stages, not between the two deadlines."""
    access.may_extend(actor, programme=topic.call.programme.code).require()
    if topic.deadline_model is not DeadlineModel.TWO_STAGE:
        raise Refused("one-stage", "This topic has one stage.", status=409)
    if not topic.first_deadline <= now < topic.deadline:
        message = "Invitations to the second stage go out between the two deadlines."
        raise Refused("not-between", message, status=409)
    return [_second_stage(topic, each, actor=actor, now=now) for each in chosen]


def _second_stage(topic: Topic, first: Proposal, *, actor: Actor, now: datetime) -> Proposal:
    refresh_locked(first)
    if first.state is not ProposalState.SUBMITTED or first.stage != 1 or first.topic_id != topic.id:
        raise Refused("not-first-stage", f"{first.number} is no first-stage proposal of this topic.", status=409)
    made = Proposal(
        topic_id=topic.id, stage=2, first_stage_id=first.id, acronym=first.acronym, title=first.title,
        abstract=first.abstract, keywords=list(first.keywords), duration_months=first.duration_months,
        women=first.women, men=first.men, form_number=topic.form_number, created_at=now, changed_at=now,
        changed_by_id=first.changed_by_id,
    )  # fmt: skip
    made.topic = topic
    db.session.add(made)
    db.session.flush()
    _copy_people(first, made)
    _copy_participants(first, made)
    db.session.flush()
    facts = {"first_stage": first.number}
    record(made.ref(), "proposal.second_stage_begun", actor=actor, now=now, facts=facts)
    mails.second_stage(made, first, now=now)
    return made


def _copy_people(first: Proposal, made: Proposal) -> None:
    for each in first.members:
        db.session.add(Member(proposal_id=made.id, account_id=each.account_id, role=each.role))


def _copy_participants(first: Proposal, made: Proposal) -> None:
    """Organisations with their budgets, and the answers of Part A, theirs and common ones."""
    new: dict[int | None, int | None] = {None: None}
    for each in first.participants:
        row = Participant(
            proposal_id=made.id, organisation_id=each.organisation_id, position=each.position, role=each.role,
            funding_rate=each.funding_rate, requested=each.requested,
            lines=[BudgetLine(category=line.category, amount=line.amount, typed=line.typed) for line in each.lines],
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        new[each.id] = row.id
    for answer in first.answers:
        db.session.add(
            Answer(
                proposal_id=made.id, participant_id=new[answer.participant_id], section=answer.section,
                given=answer.given, changed_at=answer.changed_at, changed_by_id=answer.changed_by_id,
            )
        )  # fmt: skip
