"""What the panel finds on a proposal: scores stay, or change by four eyes. Source: domain.md 8.1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.evaluation import facts as evaluated
from grants.evaluation import queries as evaluation
from grants.evaluation import services as evaluating
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding
from grants.panels import access, mails, rules
from grants.panels.models import Outcome
from grants.panels.queries.proposals import OpenedItem
from grants.panels.states import OUTCOME, MeetingState, OutcomeState


def record_outcome(
    opened: OpenedItem, typed: Mapping[str, tuple[str, str]], *, change: bool, remark: str, actor: Actor,
    now: datetime,
) -> Outcome:  # fmt: skip
    """Write down what the panel found. ``change``: new scores with their reasons are ``typed``, by criterion; they
    count when a second officer confirms. Otherwise the scores stay, at once.

    Raises Refused, and Invalid with everything that is wrong. The proposal must be opened locked.
    """
    access.may_record(actor, opened.access).require()
    found = _changes(opened, typed) if change else []
    if opened.meeting is not None:
        refresh_locked(opened.meeting)  # somebody may have closed it since: its minutes are whole
    if opened.meeting is None or opened.meeting.state is not MeetingState.OPEN:
        raise Refused("not-open", "No meeting is open.", status=409)
    outcome = Outcome(
        meeting_id=opened.meeting.id, proposal_id=opened.proposal.id, recorded_at=now, recorded_by_id=actor.id or 0,
        remark=remark.strip(), changes=[each.as_json() for each in found], state=OutcomeState.PROPOSED,
    )  # fmt: skip
    db.session.add(outcome)
    db.session.flush()
    if not found:
        OUTCOME.go(outcome, "keep", actor=actor, now=now, proposal=opened.proposal.number)
        db.session.flush()
        return outcome
    told = {"proposal": opened.proposal.number, "changes": outcome.changes}
    record(outcome.ref(), "panel_outcome.proposed", actor=actor, now=now, reason=outcome.remark, facts=told)
    mails.to_confirm(outcome, opened.panel, opened.proposal.number, by=actor.name, now=now)
    return outcome


def _changes(opened: OpenedItem, typed: Mapping[str, tuple[str, str]]) -> list[rules.Change]:
    consensus = evaluation.consensus_of(opened.proposal.id)
    scores = evaluated.scores(consensus.scores) if consensus else {}
    old = {code: score for code, score in scores.items() if score is not None}
    found, problems = rules.changes(typed, old, evaluated.criteria(opened.proposal))
    if not problems and not found:
        problems = [Finding("no-change", "Give a new score, or say that the scores stay.", "outcome")]
    if problems:
        raise Invalid(problems)
    return found


def confirm_outcome(opened: OpenedItem, *, actor: Actor, now: datetime) -> None:
    """The second officer confirms: the consensus has the new scores from now on, and its old ones stand in minutes
    and trail. Raises Refused, also where the scores are not any more what the panel saw. Opened locked."""
    access.may_confirm(actor, opened.access).require()
    outcome, consensus = _waiting(opened), evaluation.consensus_of(opened.proposal.id)
    if consensus is None:
        raise Refused("no-consensus", "There is no consensus.", status=409)
    present = evaluated.scores(consensus.scores)
    if any(present.get(each["code"]) != Decimal(each["old"]) for each in outcome.changes):
        message = "The agreed scores have changed since. Send this back and record it anew."
        raise Refused("changed", message, status=409)
    new = {each["code"]: Decimal(each["new"]) for each in outcome.changes}
    reason = "; ".join(f"{each['name']}: {each['reason']}" for each in outcome.changes)
    evaluating.change_scores(consensus, new, reason=reason, actor=actor, now=now)
    outcome.answered_at, outcome.answered_by_id = now, actor.id
    told = {"proposal": opened.proposal.number, "recorded_by": outcome.recorded_by_id, "changes": outcome.changes}
    OUTCOME.go(outcome, "confirm", actor=actor, now=now, reason=reason, **told)
    db.session.flush()


def send_back_outcome(opened: OpenedItem, *, reason: str, actor: Actor, now: datetime) -> None:
    """Do not confirm: the scores stay and the panel may record something else. Raises Refused, Invalid."""
    access.may_send_back(actor, opened.access).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", "reason"))
    outcome = _waiting(opened)
    outcome.answered_at, outcome.answered_by_id, outcome.sent_back_because = now, actor.id, reason.strip()
    OUTCOME.go(outcome, "send_back", actor=actor, now=now, reason=reason.strip())
    db.session.flush()


def _waiting(opened: OpenedItem) -> Outcome:
    if opened.waiting is None:
        raise Refused("nothing-waits", "Nothing waits for a confirmation here.", status=409)
    return opened.waiting
