"""What an expert of a new round does: declares, steps back, writes a report of their own, hands it in.

Nobody in the round reads another's report here: they meet afterwards, and a manager writes down what they agreed on.
Source: domain.md 8.1 and 8.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from grants.db import db
from grants.evaluation.rules import parse_score, report_findings
from grants.evaluation.services import weighed
from grants.kernel.actor import SYSTEM, Actor
from grants.kernel.errors import Invalid, Stale
from grants.kernel.findings import Finding, blocking
from grants.redress import access, mails
from grants.redress import desk_queries as queries
from grants.redress.desk_queries import Desk
from grants.redress.states import DESK


def accept(desk: Desk, *, declared: bool, actor: Actor, now: datetime) -> None:
    """Declare that there is no conflict of interest: the proposal opens. Raises Refused, Invalid."""
    access.may_answer(actor, desk.access).require()
    if not declared:
        raise Invalid(Finding("not-declared", "Confirm that you have no conflict of interest.", place="declared"))
    DESK.go(desk.row, "accept", actor=actor, now=now)
    db.session.flush()


def step_back(desk: Desk, *, reason: str, actor: Actor, now: datetime) -> None:
    """Declare a conflict of interest: the proposal closes for good, the managers are told. Raises Invalid."""
    access.may_step_back(actor, desk.access).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say in a few words what it is: the funder reads it.", place="reason"))
    _close(desk, reason.strip(), actor=actor, now=now)


def conflict_since(desk: Desk, *, now: datetime) -> str:
    """The conflict that was found since the expert was named, as a sentence; empty for none."""
    found = weighed(desk.proposal, desk.row.expert, now=now).rules_out
    return found[0].sentence if found else ""


def close_conflicted(desk: Desk, *, now: datetime) -> None:
    """Close the desk for it, as if the expert had declared it. Source: security.md 4."""
    if reason := conflict_since(desk, now=now):
        _close(desk, reason, actor=SYSTEM, now=now)


def _close(desk: Desk, reason: str, *, actor: Actor, now: datetime) -> None:
    desk.row.conflict, desk.row.handed_in_at = reason, None
    DESK.go(desk.row, "step_back", actor=actor, now=now, reason=reason)
    db.session.flush()
    mails.stepped_back(desk.row, now=now)


def save(desk: Desk, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime) -> int:
    """Save the report as typed, however incomplete; the new version. ``values``: see ``queries.texts``.

    Raises Refused, Stale with both texts, and Invalid for what is no score.
    """
    access.may_write_report(actor, desk.access).require()
    row, typed = desk.row, _typed(desk, values)
    if row.version != seen:
        current = queries.texts(row)
        yours = {f"scores.{code}.{name}": text for code, given in typed.items() for name, text in given.items()}
        raise Stale(current=current, yours=yours, version=row.version)
    if problems := _problems(desk, typed):
        raise Invalid(problems)
    row.judgements, row.version, row.changed_at = {**row.judgements, **typed}, row.version + 1, now
    db.session.flush()
    return row.version


def _typed(desk: Desk, values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """By criterion, what the form sent; a field that it did not send stays as it is."""
    kept = queries.texts(desk.row)
    return {
        each.code: {
            name: (values.get(place, kept.get(place, "")) or "").strip()[:20_000]
            for name in ("score", "comment", "weaknesses")
            for place in (f"scores.{each.code}.{name}",)
        }
        for each in desk.judged
    }


def _problems(desk: Desk, typed: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    found = []
    for each in desk.judged:
        try:
            parse_score(typed[each.code]["score"], each)
        except ValueError as problem:
            found.append(Finding("score", f"{each.name}: {problem}", f"scores.{each.code}.score"))
    return found


def hand_in(desk: Desk, *, actor: Actor, now: datetime) -> None:
    """Hand in the report: it is locked from then on. Raises Refused, and Invalid with all that is missing."""
    access.may_write_report(actor, desk.access).require()
    shortest = desk.proposal.topic.shortest_comment
    if found := blocking(report_findings(queries.judgements(desk), desk.judged, shortest_comment=shortest)):
        raise Invalid(found)
    desk.row.handed_in_at = now
    DESK.go(desk.row, "hand_in", actor=actor, now=now, version=desk.row.version)
    db.session.flush()
