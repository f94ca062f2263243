"""The consensus report: opened, written by the rapporteur, answered by the others, approved. Never a mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.evaluation import access, facts, mails, queries
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment, Consensus, ConsensusScore, Opinion
from grants.evaluation.queries import Opened
from grants.evaluation.rules import (
    answer_findings,
    approval_findings,
    consensus_findings,
    report_findings,
    score_problem,
)
from grants.evaluation.services import texts
from grants.evaluation.states import CONSENSUS, Answer, ConsensusState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding, blocking
from grants.proposals.models import Proposal


def open_consensus(proposal: Proposal, *, reason: str = "", actor: Actor, now: datetime) -> Consensus:
    """Begin the consensus: comments of all individual reports are put together, scores stay empty.

    ``reason``: why the officer does not wait for the reports that are missing. Raises Refused (not a manager, opened
    already) and Invalid with all that is missing. Source: domain.md 8.1.
    """
    access.may_manage(actor, programme=proposal.topic.call.programme.code).require()
    refresh_locked(proposal)
    if queries.consensus_of(proposal.id) is not None:
        raise Refused("opened", "The consensus is opened already. Reload the page.", status=409)
    assignments = queries.assignments_of(proposal.id)
    _require_reports(proposal, assignments, early=bool(reason.strip()))
    consensus = Consensus(
        proposal=proposal, opened_at=now, changed_at=now, state=ConsensusState.DRAFT, opened_because=reason.strip(),
        answers=_unanimous(proposal, assignments),
    )  # fmt: skip
    consensus.scores = _merged(proposal, assignments)
    db.session.add(consensus)
    db.session.flush()
    known = {"proposal": str(proposal.number)}
    record(consensus.ref(), "consensus.opened", actor=actor, now=now, reason=reason.strip(), facts=known)
    for each in _active(assignments):
        mails.consensus_opened(each, now=now)
    return consensus


def _require_reports(proposal: Proposal, assignments: Sequence[Assignment], *, early: bool) -> None:
    known = facts.assignment_facts(assignments, None)
    if found := blocking(consensus_findings(known, experts=proposal.topic.experts_per_proposal, early=early)):
        raise Invalid(found)


def _merged(proposal: Proposal, assignments: Sequence[Assignment]) -> list[ConsensusScore]:
    names = facts.labels(assignments)
    merged = []
    for criterion in facts.criterion_rows(proposal):
        rows = [
            (names[each.id], score)
            for each in _active(assignments)
            if each.report is not None and facts.handed_in(each)
            for score in each.report.scores
            if score.criterion_id == criterion.id
        ]
        merged.append(
            ConsensusScore(
                criterion_id=criterion.id, criterion=criterion,
                comment=_together((name, score.comment) for name, score in rows),
                weaknesses=_together((name, score.weaknesses) for name, score in rows),
            )
        )  # fmt: skip
    return merged


def _unanimous(proposal: Proposal, assignments: Sequence[Assignment]) -> dict[str, dict[str, str]]:
    """Answers to the topic's questions on which all reports agree; the others are for the discussion."""
    names = facts.labels(assignments)
    reports = [
        (names[each.id], each.report) for each in _active(assignments) if each.report and facts.handed_in(each)
    ]
    found = {}
    for question in proposal.topic.questions:
        given = [(name, report.answers.get(question["code"], {})) for name, report in reports]
        answers = {each.get("answer", "") for _, each in given}
        if len(answers) == 1 and answers != {""}:
            remark = _together((name, each.get("remark", "")) for name, each in given)
            found[question["code"]] = {"answer": answers.pop(), "remark": remark}
    return found


def _together(said: Iterable[tuple[str, str]]) -> str:
    return "\n\n".join(f"{name}: {text.strip()}" for name, text in said if text.strip())


def _active(assignments: Sequence[Assignment]) -> list[Assignment]:
    return [each for each in assignments if each.state in ACTIVE]


def save_consensus(opened: Opened, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime) -> int:
    """Save the consensus as typed; the new version. Raises Refused, Stale, Invalid."""
    access.may_write_consensus(actor, opened.access).require()
    consensus = _consensus(opened)
    return texts.save(
        consensus,
        opened.assignment.proposal,
        values,
        seen=seen,
        editable=ConsensusState.DRAFT,
        by=actor.name,
        now=now,
    )


def propose_consensus(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Ask the others whether they agree. Raises Refused, and Invalid with all that is missing."""
    access.may_write_consensus(actor, opened.access).require()
    consensus, proposal = _consensus(opened), opened.assignment.proposal
    refresh_locked(consensus)
    db.session.refresh(consensus, ["scores"])
    _require_reports(proposal, queries.assignments_of(proposal.id), early=bool(consensus.opened_because))
    if found := blocking(_unfinished(consensus)):
        raise Invalid(found)
    consensus.reopened_because = ""
    CONSENSUS.go(consensus, "propose", actor=actor, now=now, version=consensus.version)
    for each in _active(queries.assignments_of(proposal.id)):
        if not each.rapporteur:
            mails.consensus_proposed(each, now=now)


def _unfinished(consensus: Consensus) -> list[Finding]:
    """What is missing in the report itself."""
    proposal, topic = consensus.proposal, consensus.proposal.topic
    judged = facts.judgements(consensus.scores)
    found = report_findings(judged, facts.criteria(proposal), shortest_comment=topic.shortest_comment)
    return [*found, *answer_findings(consensus.answers, topic.questions)]


def take_back_consensus(opened: Opened, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """The rapporteur writes on: answers given so far are removed. Raises Refused."""
    access.may_take_back(actor, opened.access).require()
    _reopen(_consensus(opened), reason=reason.strip() or "The rapporteur writes on.", actor=actor, now=now)


def reopen_consensus(consensus: Consensus, *, reason: str, actor: Actor, now: datetime) -> None:
    """The manager sends the proposed report back, with the reason. Raises Refused, Invalid."""
    access.may_manage(actor, programme=consensus.proposal.topic.call.programme.code).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say what should change: the experts read it.", place="reason"))
    _reopen(consensus, reason=reason.strip(), actor=actor, now=now)


def _reopen(consensus: Consensus, *, reason: str, actor: Actor, now: datetime) -> None:
    refresh_locked(consensus)
    CONSENSUS.go(consensus, "reopen", actor=actor, now=now, reason=reason)
    consensus.reopened_because = reason
    db.session.execute(delete(Opinion).where(Opinion.consensus_id == consensus.id))
    db.session.expire(consensus, ["opinions"])
    for each in _active(queries.assignments_of(consensus.proposal_id)):
        mails.consensus_reopened(each, reason=reason, now=now)


def give_opinion(opened: Opened, *, answer: Answer, text: str = "", actor: Actor, now: datetime) -> None:
    """One expert agrees, or not with a text that the report keeps; may be changed until approval.

    Raises Refused, and Invalid for a disagreement without a text. Source: domain.md 8.1.
    """
    access.may_give_opinion(actor, opened.access).require()
    if answer is Answer.DISAGREES and not text.strip():
        message = "Say where you disagree: the report keeps it as the minority view."
        raise Invalid(Finding("no-text", message, place="text"))
    consensus, assignment = _consensus(opened), opened.assignment
    refresh_locked(consensus)
    statement = insert(Opinion).values(
        consensus_id=consensus.id, assignment_id=assignment.id, answer=answer, text=text.strip(), at=now
    )
    new = {"answer": answer, "text": text.strip(), "at": now}
    db.session.execute(statement.on_conflict_do_update(constraint="uq_opinion_once", set_=new))
    db.session.expire(consensus, ["opinions"])
    record(assignment.ref(), f"consensus.{answer.value}", actor=actor, now=now, reason=text.strip())
    if not _left(consensus):
        mails.consensus_ready(consensus, now=now)


def _left(consensus: Consensus, *, decided: bool = False) -> list[Finding]:
    topic = consensus.proposal.topic
    assignments = queries.assignments_of(consensus.proposal_id)
    criteria = facts.criteria(consensus.proposal)
    known = facts.assignment_facts(assignments, consensus)
    found = approval_findings(
        facts.judgements(consensus.scores), criteria, known, shortest_comment=topic.shortest_comment, decided=decided
    )
    return blocking([*found, *answer_findings(consensus.answers, topic.questions)])


def approve_consensus(consensus: Consensus, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """The manager closes the evaluation of one proposal: its scores count for the ranking and are locked.

    ``reason``: why the manager decides although an expert has not answered; recorded. Raises Refused, and Invalid
    with all that is missing.
    """
    proposal = consensus.proposal
    access.may_manage(actor, programme=proposal.topic.call.programme.code).require()
    refresh_locked(proposal)
    refresh_locked(consensus)
    _require_reports(proposal, queries.assignments_of(proposal.id), early=bool(consensus.opened_because))
    if found := _left(consensus, decided=bool(reason.strip())):
        raise Invalid(found)
    consensus.approved_at, consensus.decided_because = now, reason.strip()
    scores = {code: str(score) for code, score in facts.scores(consensus.scores).items()}
    CONSENSUS.go(
        consensus,
        "approve",
        actor=actor,
        now=now,
        reason=reason.strip(),
        proposal=str(proposal.number),
        scores=scores,
    )
    db.session.flush()


def begin_panel_review(proposal_ids: Sequence[int], *, now: datetime) -> None:
    """The panel of these proposals has begun with them: from now on experts see what the panel's phase shows.

    The first time counts. Rights are the caller's to check.
    """
    db.session.execute(
        update(Consensus)
        .where(Consensus.proposal_id.in_(proposal_ids), Consensus.panel_at.is_(None))
        .values(panel_at=now)
        .execution_options(synchronize_session="fetch")
    )


def change_scores(
    consensus: Consensus, new: Mapping[str, Decimal], *, reason: str, actor: Actor, now: datetime
) -> dict[str, Decimal | None]:
    """A panel changes agreed scores of an approved report; the old ones of the changed criteria, by code.

    The trail keeps both. That a second officer confirms, and that no ranked list is decided, is the caller's to see
    to. Raises Refused (not a manager, not approved) and Invalid for a score that its criterion does not have.
    Source: domain.md 8.1 (the panel may propose new marks for consistency).
    """
    access.may_manage(actor, programme=consensus.proposal.topic.call.programme.code).require()
    refresh_locked(consensus)
    if consensus.state is not ConsensusState.APPROVED:
        raise Refused("not-approved", "The consensus is not approved: nothing is changed yet.", status=409)
    known = {each.code: each for each in facts.criteria(consensus.proposal)}
    rows = {each.criterion.code: each for each in consensus.scores}
    wrong = [
        Finding("score", f"{known[code].name}: {problem}", f"scores.{code}.score")
        for code, score in new.items() if (problem := score_problem(score, known[code]))
    ]  # fmt: skip
    if wrong:
        raise Invalid(wrong)
    old = {code: rows[code].score for code in new}
    for code, score in new.items():
        rows[code].score = score
    consensus.version, consensus.changed_at = consensus.version + 1, now
    db.session.flush()
    told = {code: {"old": str(old[code]), "new": str(score)} for code, score in new.items()}
    record(consensus.ref(), "consensus.panel_changed", actor=actor, now=now, reason=reason, facts={"scores": told})
    return old


def _consensus(opened: Opened) -> Consensus:
    if opened.consensus is None:
        raise Refused("no-consensus", "The consensus is not opened yet.", status=409)
    return opened.consensus
