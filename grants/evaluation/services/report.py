"""The individual evaluation report: saves by itself, is handed in once, can be returned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from grants.db import db, refresh_locked
from grants.evaluation import access, facts, mails, queries
from grants.evaluation.models import Assignment, Report
from grants.evaluation.queries import Opened
from grants.evaluation.rules import answer_findings, report_findings
from grants.evaluation.services import texts
from grants.evaluation.states import REPORT, ReportState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding, blocking


def save_report(opened: Opened, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime) -> int:
    """Save the report as typed, however incomplete; the new version. Raises Refused, Stale, Invalid."""
    access.may_write_report(actor, opened.access).require()
    report = _report(opened.assignment)
    return texts.save(
        report, opened.assignment.proposal, values, seen=seen, editable=ReportState.DRAFT, by=actor.name, now=now
    )


def submit_report(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Hand in the report: it is locked from then on. Raises Refused, and Invalid with all that is missing.

    Source: domain.md 8.1.
    """
    access.may_write_report(actor, opened.access).require()
    report = _report(opened.assignment)
    db.session.refresh(report, ["state", "version", "answers"], with_for_update=True)
    criteria, topic = facts.criteria(opened.assignment.proposal), opened.assignment.proposal.topic
    scored = queries.scored(report.id)
    found = report_findings(facts.judgements(scored), criteria, shortest_comment=topic.shortest_comment)
    if found := blocking([*found, *answer_findings(report.answers, topic.questions)]):
        raise Invalid(found)
    report.submitted_at, report.returned_because = now, ""
    scores = {code: str(score) for code, score in facts.scores(scored).items()}
    REPORT.go(report, "submit", actor=actor, now=now, version=report.version, scores=scores)
    db.session.flush()


def return_report(assignment: Assignment, *, reason: str, actor: Actor, now: datetime) -> None:
    """Give a handed-in report back to its expert, with the reason. Raises Refused once the consensus is opened."""
    access.may_manage(actor, programme=assignment.proposal.topic.call.programme.code).require()
    refresh_locked(assignment.proposal)
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say what should change: the expert reads it.", place="reason"))
    if queries.consensus_of(assignment.proposal_id) is not None:
        message = "The consensus is opened: the others have read this report, so it stays as it is."
        raise Refused("consensus-open", message, status=409)
    report = _report(assignment)
    refresh_locked(report)
    report.submitted_at, report.returned_because = None, reason.strip()
    REPORT.go(report, "return", actor=actor, now=now, reason=reason.strip())
    mails.returned(assignment, reason=reason.strip(), now=now)


def _report(assignment: Assignment) -> Report:
    if assignment.report is None:
        raise Refused("no-report", "There is no report yet.", status=409)
    return assignment.report
