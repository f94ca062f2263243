"""Who evaluates what: assigning by hand, declarations, conflicts, rapporteurs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from grants.admission.queries import is_excluded
from grants.audit.services import record
from grants.calls.rules import deadline_in
from grants.db import db, refresh_locked
from grants.evaluation import access, mails, queries
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, Consensus, Opinion, Report
from grants.evaluation.queries import Opened
from grants.evaluation.states import ASSIGNMENT, CONSENSUS, AssignmentState, ConsensusState
from grants.experts import queries as experts
from grants.experts.facts import Weighed, Weighing
from grants.experts.models import Expert
from grants.experts.rules import Conflict, away_throughout, declaration_is_valid
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding
from grants.proposals import shortening
from grants.proposals.models import Proposal
from grants.proposals.queries import closes_at
from grants.proposals.states import ProposalState
from grants.queue import recheck_conflicts

_HOUR_DUE = time(17)


def assign(
    proposal: Proposal,
    expert: Expert,
    *,
    rapporteur: bool = False,
    due_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Assignment:
    """Ask an expert to evaluate a proposal. Without ``due_on`` the topic's time for evaluation counts from now.

    Raises Refused (not a manager, not submitted, consensus approved) and Invalid (no accepted invitation, load
    reached, disqualifying conflict, assigned already, a date that has passed). Source: domain.md 8.1, 8.4.
    """
    topic = proposal.topic
    access.may_manage(actor, programme=topic.call.programme.code).require()
    refresh_locked(proposal)
    _require_open(proposal, now=now)
    due_at = _due(proposal, due_on, now=now)
    blocks = [each for each in assignment_problems(proposal, expert, due_at=due_at, now=now) if each.blocks]
    if blocks:
        raise Invalid(blocks)
    assignment = db.session.scalar(
        select(Assignment).where(Assignment.proposal_id == proposal.id, Assignment.expert_id == expert.id)
    )
    if assignment is None:
        assignment = Assignment(
            proposal=proposal, expert=expert, due_at=due_at, created_at=now, state=AssignmentState.PROPOSED
        )
        db.session.add(assignment)
        db.session.flush()
        record(assignment.ref(), "assignment.made", actor=actor, now=now, facts=facts_of(assignment))
    else:
        assignment.due_at, assignment.answered_at = due_at, None
        ASSIGNMENT.go(assignment, "assign_again", actor=actor, now=now, **facts_of(assignment))
        recheck_conflicts("expert", expert.id)  # what was found the first time may not hold any more
    if rapporteur:
        _give_role(assignment)
    db.session.flush()
    mails.assigned(assignment, now=now)
    shortening.prepare(proposal)
    return assignment


def assignment_problems(
    proposal: Proposal, expert: Expert, *, due_at: datetime | None = None, now: datetime
) -> list[Finding]:
    """What speaks against this pair. A manageable conflict blocks until an officer allowed it."""
    found = [_as_finding(each) for each in weighed(proposal, expert, now=now).left]
    invitation = experts.accepted(proposal.topic_id, expert.id)
    if invitation is None:
        found.append(_blocks("not-invited", "This expert has not accepted an invitation to this topic."))
    else:
        load = next((each for each in queries.loads(proposal.topic_id) if each.expert.id == expert.id), None)
        if load is not None and not load.free:
            found.append(_blocks("load", f"This expert takes at most {load.max_load} and has {load.assigned}."))
    if not declaration_is_valid(expert.declared_at, months=proposal.topic.declaration_months, now=now):
        found.append(_blocks("declaration", "This expert's declaration of interests is out of date."))
    until = due_at or now + timedelta(days=proposal.topic.evaluation_days)
    if away_throughout(experts.absences([expert.id]).get(expert.id, ()), now.date(), until.date()):
        found.append(_blocks("away", "This expert is away until the report is due."))
    present = db.session.scalar(
        select(Assignment).where(Assignment.proposal_id == proposal.id, Assignment.expert_id == expert.id)
    )
    if present is not None and present.state is not AssignmentState.REMOVED:
        words = "declared a conflict with" if present.state is AssignmentState.CONFLICTED else "has already"
        found.append(_blocks("assigned", f"This expert {words} this proposal."))
    return found


def weighed(proposal: Proposal, expert: Expert, *, now: datetime) -> Weighed:
    """What ties the expert to the proposal now, and what an officer decided about it. Three statements."""
    return Weighing([expert], [proposal.id], proposal.topic, now=now).pair(proposal.id, expert.id)


def _as_finding(conflict: Conflict) -> Finding:
    more = "" if conflict.disqualifying else " Decide on it first."
    return _blocks(f"conflict-{conflict.code}", conflict.sentence + more)


def _blocks(code: str, message: str) -> Finding:
    return Finding(code, message, place="expert", source="domain.md 8.4")


def _require_open(proposal: Proposal, *, now: datetime) -> None:
    """An evaluation goes on from the deadline until its consensus is approved."""
    if proposal.state is not ProposalState.SUBMITTED or now < closes_at(proposal):
        raise Refused("not-competing", "Only submitted proposals are evaluated, after the deadline.", status=409)
    if is_excluded(proposal.id):
        raise Refused(
            "excluded", "This proposal was found inadmissible or ineligible: it is not evaluated.", status=409
        )
    approved = select(Consensus.id).where(
        Consensus.proposal_id == proposal.id, Consensus.state == ConsensusState.APPROVED
    )
    if db.session.scalar(approved) is not None or proposal.decided_at is not None:
        raise Refused("approved", "The consensus is approved: the evaluation of this proposal is over.", status=409)


def _due(proposal: Proposal, due_on: date | None, *, now: datetime) -> datetime:
    topic = proposal.topic
    zone = ZoneInfo(topic.call.zone)
    day = due_on or now.astimezone(zone).date() + timedelta(days=topic.evaluation_days)
    due = deadline_in(datetime.combine(day, _HOUR_DUE), zone=zone)
    if due <= now:
        raise Invalid(Finding("due-passed", "Choose a day that is still to come.", place="due_on"))
    return due


def facts_of(assignment: Assignment) -> dict[str, str]:
    """What the audit trail keeps of an assignment."""
    return {
        "expert": str(assignment.expert_id), "proposal": str(assignment.proposal.number),
        "due": assignment.due_at.isoformat(),
    }  # fmt: skip


def make_rapporteur(assignment: Assignment, *, actor: Actor, now: datetime) -> None:
    """Give the role of rapporteur to this expert; nobody else of the proposal has it then. Raises Refused."""
    proposal = assignment.proposal
    access.may_manage(actor, programme=proposal.topic.call.programme.code).require()
    refresh_locked(proposal)
    _require_open(proposal, now=now)
    if assignment.state not in ACTIVE:
        raise Refused("not-active", "Only an expert who evaluates the proposal can be its rapporteur.", status=409)
    _give_role(assignment)
    db.session.flush()
    record(assignment.ref(), "assignment.rapporteur", actor=actor, now=now, facts=facts_of(assignment))


def _give_role(assignment: Assignment) -> None:
    for each in queries.assignments_of(assignment.proposal_id):
        if each.rapporteur and each.id != assignment.id:
            each.rapporteur = False
    db.session.flush()
    assignment.rapporteur = True


def remove_assignment(assignment: Assignment, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a proposal from an expert; what they wrote is kept and does not count. Raises Refused, Invalid."""
    proposal = assignment.proposal
    access.may_manage(actor, programme=proposal.topic.call.programme.code).require()
    refresh_locked(proposal)
    _require_open(proposal, now=now)
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", place="reason"))
    assignment.rapporteur = False
    ASSIGNMENT.go(assignment, "remove", actor=actor, now=now, reason=reason.strip(), **facts_of(assignment))
    without(assignment, actor=actor, now=now)
    mails.removed(assignment, now=now)


def accept_assignment(opened: Opened, *, declared: bool = True, actor: Actor, now: datetime) -> None:
    """The expert declares that there is no conflict and takes the proposal; the empty report is made.

    Raises Refused, and Invalid without the declaration or where a conflict shows in the facts by now.
    """
    assignment = opened.assignment
    access.may_answer(actor, opened.access).require()
    refresh_locked(assignment)
    if not declared:
        raise Invalid(Finding("not-declared", "Confirm that you have no conflict of interest.", place="declared"))
    found = weighed(assignment.proposal, assignment.expert, now=now).rules_out
    if found:
        why = "A conflict of interest was found." if opened.access.withheld else found[0].sentence
        message = f"You cannot evaluate this proposal: {why} Declare the conflict below."
        raise Invalid(Finding(f"conflict-{found[0].code}", message, place="declared", source="domain.md 8.4"))
    ASSIGNMENT.go(assignment, "accept", actor=actor, now=now)
    assignment.answered_at = now
    if assignment.report is None:
        assignment.report = Report(changed_at=now)
    db.session.flush()


def declare_conflict(opened: Opened, *, reason: str, actor: Actor, now: datetime) -> None:
    """The expert has a conflict: from now on the proposal does not exist for them. Raises Refused, Invalid."""
    assignment = opened.assignment
    access.may_see(actor, opened.access).require()
    if not reason.strip():
        message = "Say in a few words what the conflict is: the funder needs it to decide on others."
        raise Invalid(Finding("no-reason", message, place="reason"))
    refresh_locked(assignment.proposal)
    assignment.conflict, assignment.answered_at, assignment.rapporteur = reason.strip(), now, False
    ASSIGNMENT.go(assignment, "declare_conflict", actor=actor, now=now, reason=reason.strip())
    without(assignment, actor=actor, now=now)
    mails.conflict_declared(assignment, now=now)


def without(assignment: Assignment, *, actor: Actor, now: datetime) -> None:
    """A consensus that is not approved goes on without this expert: back to a draft, without their answer."""
    consensus = queries.consensus_of(assignment.proposal_id)
    if consensus is None or consensus.state is ConsensusState.APPROVED:
        return
    db.session.execute(
        delete(Opinion).where(Opinion.consensus_id == consensus.id, Opinion.assignment_id == assignment.id)
    )
    if consensus.state is ConsensusState.PROPOSED:
        CONSENSUS.go(consensus, "reopen", actor=actor, now=now, reason="an expert left")
