"""The new round after an upheld review: its experts, the scores they agreed on, the supplement to the list.

What was agreed before and the announced list stay as they are. Source: domain.md 8.6 and 15.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from grants.audit.services import record
from grants.db import db
from grants.evaluation.rules import Judgement, parse_score
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.ranking.states import Decision
from grants.redress import access, mails, rules
from grants.redress import round_queries as queries
from grants.redress.models import Request, Round, RoundExpert, RoundScore, Ruling
from grants.redress.round_queries import OpenedRound
from grants.redress.states import ROUND, DeskState, RoundState


def open_round(request: Request, ruling: Ruling, *, actor: Actor, now: datetime) -> Round | None:
    """Open the round that an upheld review leads to; None where no announced list has the proposal with its scores.

    A proposal that was excluded has no scores and no place: its admission is corrected and it is evaluated.
    """
    ranking = queries.announced_in(request.proposal_id)
    if ranking is None or not ranking.inputs:
        return None
    made = Round(
        request=request, ranking_id=ranking.id, state=RoundState.OPEN, criteria=list(ruling.criteria), opened_at=now
    )
    db.session.add(made)
    db.session.flush()
    record(made.ref(), "redress_round.opened", actor=actor, now=now,
           facts={"request": request.id, "criteria": made.criteria})  # fmt: skip
    return made


def name_expert(opened: OpenedRound, expert_id: int, *, actor: Actor, now: datetime) -> RoundExpert:
    """Have an expert judge who is new to the proposal. Raises Refused, and Invalid where something stands against it.

    The row of the round must be locked, so that nobody is named twice.
    """
    access.may_write_round(actor, opened.access).require()
    found = queries.candidates_of(opened.round, now=now, only=expert_id)
    if not found:
        raise Invalid(Finding("no-such-expert", "Choose somebody from the list.", "experts"))
    if found[0].why_not:
        message = f"{found[0].expert.account.name} {found[0].why_not}."
        raise Invalid(Finding("not-independent", message, "experts", source=rules.SOURCE))
    made = RoundExpert(expert=found[0].expert, named_at=now, named_by_id=actor.id or 0)
    opened.round.experts.append(made)
    db.session.flush()
    record(opened.round.ref(), "redress_round.expert_named", actor=actor, now=now, facts={"expert": expert_id})
    mails.judge_again(opened.round, made, now=now)
    return made


def remove_expert(opened: OpenedRound, expert_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an expert out of the round. Raises Refused, NotFound."""
    access.may_write_round(actor, opened.access).require()
    made = next((each for each in opened.round.experts if each.expert_id == expert_id), None)
    if made is None or made.state is DeskState.CONFLICTED:  # who stepped back stays on record
        raise NotFound
    if made.state is DeskState.HANDED_IN:
        raise Refused("handed-in", "This report is handed in and stays with the round.", status=409)
    opened.round.experts.remove(made)
    db.session.flush()
    record(opened.round.ref(), "redress_round.expert_removed", actor=actor, now=now, facts={"expert": expert_id})


def save_scores(
    opened: OpenedRound, texts: Mapping[str, tuple[str, str]], *, agreement: str, seen: int, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Write down what the experts agreed on, however incomplete. ``texts``: score and comment by criterion, as typed.

    Raises Refused, Stale, and Invalid for what is no score of its criterion.
    """
    access.may_write_round(actor, opened.access).require()
    _require_seen(opened.round, seen)
    scores, problems = _parsed(opened, texts)
    if problems:
        raise Invalid(problems)
    ids = {each.code: each for each in opened.proposal.topic.criteria}
    rows = {each.criterion.code: each for each in opened.round.scores}
    for code, score in scores.items():
        row = rows.get(code)
        if row is None:
            row = RoundScore(criterion=ids[code])
            opened.round.scores.append(row)
        row.score, row.comment = score, texts[code][1].strip()
    opened.round.agreement, opened.round.version = agreement.strip(), opened.round.version + 1
    db.session.flush()
    facts = {"version": opened.round.version, "criteria": sorted(scores)}  # scores are nobody's before they count
    record(opened.round.ref(), "redress_round.scores", actor=actor, now=now, facts=facts)


def _parsed(
    opened: OpenedRound, texts: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, Decimal | None], list[Finding]]:
    scores: dict[str, Decimal | None] = {}
    problems = []
    for each in opened.criteria:
        if each.code in texts:
            try:
                scores[each.code] = parse_score(texts[each.code][0], each)
            except ValueError as problem:
                problems.append(Finding("score", f"{each.name}: {problem}", f"scores.{each.code}.score"))
    return scores, problems


def _require_seen(round_: Round, seen: int) -> None:
    if round_.version != seen:
        raise Stale(current={}, yours={}, version=round_.version)


def propose_result(
    opened: OpenedRound, decision: Decision | None, *, reason: str, seen: int, actor: Actor, now: datetime
) -> rules.Supplement:
    """Propose the new scores with a decision to a second manager: they count when that one confirms.

    Raises Refused, Stale, and Invalid with everything that is missing.
    """
    access.may_write_round(actor, opened.access).require()
    round_ = opened.round
    _require_seen(round_, seen)
    if problems := _judged_problems(opened, now=now):
        raise Invalid(problems)
    found = opened.supplement()
    problems = rules.decision_findings(decision, reason, found)
    if problems or found is None:
        raise Invalid(problems)
    round_.decision, round_.reason, round_.sent_back_because = decision, reason.strip(), ""
    round_.total, round_.ranking_score, round_.requested = found.total, found.ranking_score, found.requested
    round_.place, round_.old_place = found.place, found.old_place
    round_.proposed_at, round_.proposed_by_id, round_.version = now, actor.id, round_.version + 1
    ROUND.go(round_, "propose", actor=actor, now=now, version=round_.version)
    db.session.flush()
    mails.round_to_confirm(round_, by=actor.name, now=now)
    return found


def _judged_problems(opened: OpenedRound, *, now: datetime) -> list[Finding]:
    """What stands against the scores: too few who judge, a report that is missing, somebody who may not any more."""
    round_, topic = opened.round, opened.proposal.topic
    sitting = [each for each in round_.experts if each.state is not DeskState.CONFLICTED]
    judged = [Judgement(each.criterion.code, each.score, each.comment) for each in round_.scores]
    found = rules.judged_findings(
        judged, opened.criteria, shortest_comment=topic.shortest_comment, agreement=round_.agreement,
        experts=len(sitting), least=topic.experts_per_proposal,
        waiting=sum(each.state is not DeskState.HANDED_IN for each in sitting),
    )  # fmt: skip
    return found + [
        Finding("conflict-since", f"{name}: {what} Name somebody else instead.", "experts", source=rules.SOURCE)
        for name, what in queries.conflicts_since(round_, now=now)
    ]


def confirm_result(opened: OpenedRound, *, seen: int, actor: Actor, now: datetime) -> None:
    """The second manager confirms: the new result stands beside the old one and its main contact is told.

    Raises Refused, also for who proposed it, Stale, and Invalid where somebody who judged has stepped back since.
    """
    access.may_confirm_round(actor, opened.access).require()
    round_ = opened.round
    _require_seen(round_, seen)
    if problems := _judged_problems(opened, now=now):
        raise Invalid(problems)
    round_.confirmed_at, round_.confirmed_by_id, round_.version = now, actor.id, round_.version + 1
    ROUND.go(
        round_, "confirm", actor=actor, now=now, reason=round_.reason, decision=str(round_.decision),
        place=round_.place, total=str(round_.total), proposed_by=round_.proposed_by_id,
    )  # fmt: skip
    db.session.flush()
    mails.new_result(round_, now=now)


def send_back_result(opened: OpenedRound, *, reason: str, actor: Actor, now: datetime) -> None:
    """Do not confirm: the round is open again. Raises Refused, Invalid without a reason."""
    access.may_send_back_round(actor, opened.access).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", "reason"))
    round_ = opened.round
    round_.sent_back_because, round_.proposed_at, round_.proposed_by_id = reason.strip(), None, None
    round_.version += 1
    ROUND.go(round_, "send_back", actor=actor, now=now, reason=reason.strip())
    db.session.flush()
