"""The ranked list of a topic: computed from approved consensus scores, decided, announced to all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import func, select, update

from grants.accounts.queries import managers_of
from grants.audit.services import record
from grants.calls.facts import criteria_facts
from grants.calls.models import Topic
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.kernel.money import ZERO
from grants.proposals.models import Proposal
from grants.proposals.queries import main_contacts
from grants.proposals.states import MemberRole
from grants.queue import defer
from grants.ranking import access, facts, mails, obstacles, placing, queries, rules
from grants.ranking.models import Calibration, Placement, Ranking
from grants.ranking.states import RANKING, Decision, RankingState

_SHOWN = 10


def compute_ranking(
    topic: Topic, *, actor: Actor, now: datetime, cut_off: datetime | None = None, budget: Decimal | None = None
) -> Ranking:
    """Compute the list anew, of one batch where the topic has cut-offs; decisions noted so far stay.

    ``budget``: euro for a batch, None for what the earlier ones left. Raises Refused (not a manager, decided) and
    Invalid (no budget, consensus missing, wrong tie-break keys). Source: evaluation.md 2.1 to 2.4.
    """
    ranking = _locked(topic, cut_off)
    _may_change(ranking, topic, actor)
    found = _of_batch(topic, cut_off, budget, now=now)
    budget = _budget(topic, cut_off, budget)
    found += _obstacles(topic, budget, given := facts.inputs(topic, now=now, cut_off=cut_off))
    if found or budget is None:
        raise Invalid(found)
    config = facts.config(topic, budget, cut_off)
    placed = rules.rank(given.candidates, config)
    if ranking is None:
        ranking = Ranking(
            topic=topic, cut_off=cut_off, budget=budget, inputs_sha256="", computed_at=now, state=RankingState.DRAFT
        )
        db.session.add(ranking)
    ranking.budget, ranking.computed_at = budget, now
    ranking.inputs = rules.inputs_text(given.candidates, config)
    ranking.inputs_sha256 = sha256(ranking.inputs.encode()).hexdigest()
    ranking.version = (ranking.version or 0) + 1
    ranking.selection = {} if config.portfolio is None else placing.waiting()
    db.session.flush()
    placing.replace(ranking, placed, given.ids)
    if config.portfolio is not None:
        defer(
            "fill_portfolio", lock=f"ranking:{ranking.id}", ranking_id=ranking.id, inputs_sha256=ranking.inputs_sha256
        )
    record(
        ranking.ref(), "ranking.computed", actor=actor, now=now,
        facts={"topic": topic.identifier, "inputs_sha256": ranking.inputs_sha256, "proposals": len(placed)},
    )  # fmt: skip
    return ranking


def _locked(topic: Topic, cut_off: datetime | None) -> Ranking | None:
    """The list, with its topic locked: two managers at once compute one after the other."""
    db.session.execute(select(Topic.id).where(Topic.id == topic.id).with_for_update())
    mine = (Ranking.topic_id == topic.id, Ranking.cut_off.is_not_distinct_from(cut_off))
    return db.session.scalar(select(Ranking).where(*mine).execution_options(populate_existing=True))


def _of_batch(topic: Topic, cut_off: datetime | None, budget: Decimal | None, *, now: datetime) -> list[Finding]:
    """What stands against a list of this batch: it is still open, or nobody knows yet what is left for it."""
    known = {each.cut_off: each for each in facts.batches_of(topic, now=now)}
    if cut_off is None and not known:
        return []
    if cut_off is None or cut_off not in known:
        return [Finding("no-batch", "This topic has a list for each cut-off. Choose one of them.", place="batch")]
    if not known[cut_off].closed:
        return [Finding("open-batch", "This batch takes proposals until its cut-off.", place="batch")]
    earlier = [each for each in queries.rankings_of(topic.id) if each.cut_off is not None and each.cut_off < cut_off]
    if budget is None and any(each.state in queries.UNDECIDED for each in earlier):
        message = "An earlier batch is not decided, so what it leaves is not known. Decide on it, or state a budget."
        return [Finding("earlier-batch", message, place="budget")]
    return []


def _budget(topic: Topic, cut_off: datetime | None, stated: Decimal | None) -> Decimal | None:
    """Euro for the list: stated, or the topic's, less what earlier batches have spent."""
    whole = topic.budget if topic.budget is not None else topic.call.budget
    if cut_off is None or whole is None:
        return whole
    if stated is not None:
        return stated
    return rules.left_for(cut_off, budget=whole, spent=spent_by_batch(topic))


def spent_by_batch(topic: Topic) -> dict[datetime, Decimal]:
    """Euro of the main list of each batch that is decided."""
    return {at: spent for at, spent in queries.spent_on(topic.id).items() if at is not None}


def _may_change(ranking: Ranking | None, topic: Topic, actor: Actor) -> None:
    state = ranking.state if ranking else None
    access.may_change_ranking(actor, programme=topic.call.programme.code, state=state).require()


def _obstacles(topic: Topic, budget: Decimal | None, given: facts.Inputs) -> list[Finding]:
    found: list[Finding] = []
    if budget is None:
        found.append(Finding("no-budget", "Neither the topic nor the call has a budget.", place="budget"))
    if given.missing:
        shown = ", ".join(str(number) for number in given.missing[:_SHOWN])
        more = f" and {len(given.missing) - _SHOWN} more" if len(given.missing) > _SHOWN else ""
        message = f"The consensus of these proposals is not approved yet: {shown}{more}."
        found.append(Finding("no-consensus", message, place="proposals"))
    elif not given.candidates:
        found.append(Finding("nothing-to-rank", "Nothing was submitted for this topic.", place="proposals"))
    problems = rules.key_problems(topic.tie_break, criteria_facts(topic))
    return found + [Finding("tie-break", problem, place="tie_break") for problem in problems]


def save_decisions(
    ranking: Ranking, decisions: Mapping[int, tuple[Decision | None, str]], *, seen: int, actor: Actor, now: datetime
) -> None:
    """Note decisions by placement: None takes the suggestion of the rules again. Nothing is final yet.

    Raises Stale when the list changed since version ``seen``; Invalid for a decision against the suggestion without
    a reason, or for money for a proposal below its thresholds.
    """
    _may_change(ranking, ranking.topic, actor)
    refresh_locked(ranking)
    if ranking.version != seen:
        raise Stale(current={}, yours={}, version=ranking.version)
    rows = {each.id: each for each in queries.all_placements(ranking.id)}
    found: list[Finding] = []
    for identity, (decision, reason) in decisions.items():
        row = rows.get(identity)
        if row is not None:
            found += _decision_findings(row, decision, reason.strip())
            row.decision, row.decision_reason = decision, reason.strip()
    if found:
        raise Invalid(found)
    ranking.version += 1
    db.session.flush()
    placing.cumulate(ranking)
    noted = {str(rows[i].proposal.number): str(d or "") for i, (d, _) in decisions.items() if i in rows}
    record(ranking.ref(), "ranking.noted", actor=actor, now=now, facts={"decisions": noted})


def _decision_findings(row: Placement, decision: Decision | None, reason: str) -> list[Finding]:
    if decision is None or decision is placing.suggestion(row):
        return []
    number, place = row.proposal.number, f"reason-{row.id}"
    below = {rules.Outcome.BELOW_THRESHOLD.value, rules.Outcome.INELIGIBLE.value}
    if row.outcome in below:
        message = f"{number} is {rules.Outcome(row.outcome).label.lower()}: it cannot be funded."
        return [Finding("below-threshold", message, place=place, source="domain.md 8.2")]
    if not reason:
        message = f"{number}: say why you decide otherwise than the list suggests."
        return [Finding("no-reason", message, place=place, source="domain.md 8.5")]
    return []


def prepare_decision(ranking: Ranking, *, seen: int, actor: Actor, now: datetime) -> None:
    """Propose the decision on the whole list to a second manager: what is not noted takes the suggestion.

    Raises Refused, Stale, and Invalid (computed from other facts than those of now, main list above the budget).
    """
    topic = ranking.topic
    ranking = _locked(topic, ranking.cut_off) or ranking
    _may_change(ranking, topic, actor)
    if ranking.version != seen:
        raise Stale(current={}, yours={}, version=ranking.version)
    if ranking.selection == placing.waiting():
        raise Invalid(Finding("selecting", "The selection is still being computed. Look again in a moment."))
    given = _require_present(ranking, topic, now=now)
    rows = queries.all_placements(ranking.id)
    found: list[Finding] = obstacles.of(topic, ranking.cut_off)
    for row in rows:
        row.decision = row.decision or placing.suggestion(row)
        found += _decision_findings(row, row.decision, row.decision_reason)
    main = sum((row.grant for row in rows if row.decision is Decision.MAIN), ZERO)
    if main > ranking.budget:
        message = f"The main list asks for {main:,.2f} euro, the budget is {ranking.budget:,.2f}."
        found.append(Finding("over-budget", message))
    found += _over_topic(ranking, main) + _over_call(ranking, main)
    found += _of_portfolio(ranking, given, [row.proposal.number for row in rows if row.decision is Decision.MAIN])
    if found:
        raise Invalid(found)
    placing.cumulate(ranking)
    ranking.prepared_at, ranking.prepared_by_id, ranking.sent_back_because = now, actor.id, ""
    ranking.version += 1
    RANKING.go(ranking, "prepare", actor=actor, now=now, topic=topic.identifier, inputs_sha256=ranking.inputs_sha256)
    db.session.flush()
    for manager in managers_of(topic.call.programme.code):
        if manager.id != actor.id:
            mails.to_confirm(ranking, manager, by=actor.name, now=now)


def _over_topic(ranking: Ranking, main: Decimal) -> list[Finding]:
    """Whether the decided batches of a topic would spend more than it has: an earlier one may have changed since."""
    whole = _budget(ranking.topic, None, None)
    others = sum((spent for at, spent in spent_by_batch(ranking.topic).items() if at != ranking.cut_off), ZERO)
    if ranking.cut_off is None or whole is None or main + others <= whole:
        return []
    message = (
        f"With the {others:,.2f} euro of the other batches, the main list asks for {main + others:,.2f}: the topic "
        f"has {whole:,.2f}. Compute this batch again."
    )
    return [Finding("over-topic-budget", message)]


def _over_call(ranking: Ranking, main: Decimal) -> list[Finding]:
    """Whether topics that share the call's budget would spend more than it has; their decisions come one by one."""
    topic, whole = ranking.topic, ranking.topic.call.budget
    if topic.budget is not None or whole is None:
        return []
    one_by_one = func.hashtextextended(f"budget of call {topic.call_id}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(one_by_one)))
    spent = {
        (each.id, at): euro
        for each in topic.call.topics if each.budget is None
        for at, euro in queries.spent_on(each.id).items()
    }  # fmt: skip
    others = sum((euro for of, euro in spent.items() if of != (topic.id, ranking.cut_off)), ZERO)
    if main + others <= whole:
        return []
    message = (
        f"Other lists that share the call's budget were given {others:,.2f} euro. With this main list that makes "
        f"{main + others:,.2f}: the call has {whole:,.2f}."
    )
    return [Finding("over-call-budget", message, source="domain.md 1")]


def _of_portfolio(ranking: Ranking, given: facts.Inputs, main: Sequence[int]) -> list[Finding]:
    """What a main list breaks of the topic's portfolio."""
    if not ranking.selection or ranking.selection["state"] == "impossible":  # people decide, with reasons
        return []
    config = facts.config(ranking.topic, ranking.budget, ranking.cut_off)
    _, limits = rules.competitors(given.candidates, config)
    return [
        Finding("portfolio", f"The main list does not keep {name}.", source="evaluation.md 2.4")
        for name in rules.broken(main, limits)
    ]


def _require_present(ranking: Ranking, topic: Topic, *, now: datetime) -> facts.Inputs:
    """The facts of now, which must be those that the list was computed from. Raises Invalid."""
    given = facts.inputs(topic, now=now, cut_off=ranking.cut_off)
    config = facts.config(topic, ranking.budget, ranking.cut_off)
    if given.missing or rules.inputs_hash(given.candidates, config) != ranking.inputs_sha256:
        message = "Scores, proposals or rules have changed since the list was computed. Compute it again first."
        raise Invalid(Finding("out-of-date", message))
    return given


def confirm_decision(ranking: Ranking, *, seen: int, actor: Actor, now: datetime) -> None:
    """The second manager confirms what the first prepared: the list is frozen with all that it was computed from.

    Raises Refused (also for who prepared it), Stale, and Invalid where the facts or other batches have changed.
    """
    topic = ranking.topic
    ranking = _locked(topic, ranking.cut_off) or ranking
    programme = topic.call.programme.code
    access.may_confirm(actor, programme=programme, state=ranking.state, prepared_by=ranking.prepared_by_id).require()
    if ranking.version != seen:
        raise Stale(current={}, yours={}, version=ranking.version)
    given = _require_present(ranking, topic, now=now)
    rows = queries.all_placements(ranking.id)
    main = sum((row.grant for row in rows if row.decision is Decision.MAIN), ZERO)
    if found := _over_topic(ranking, main) + _over_call(ranking, main):
        raise Invalid(found)
    decided = {str(row.proposal.number): str(row.decision) for row in rows}
    ranking.inputs = rules.inputs_text(given.candidates, facts.config(topic, ranking.budget, ranking.cut_off))
    ranking.decided_at, ranking.decided_by_id, ranking.version = now, actor.id, ranking.version + 1
    RANKING.go(
        ranking, "decide", actor=actor, now=now, topic=topic.identifier, decisions=decided,
        inputs_sha256=ranking.inputs_sha256, prepared_by=ranking.prepared_by_id,
    )  # fmt: skip
    db.session.flush()
    defer("sign_ranking", lock=f"ranking:{ranking.id}", ranking_id=ranking.id)


def send_back(ranking: Ranking, *, reason: str, actor: Actor, now: datetime) -> None:
    """Do not confirm: the list is open again. Raises Refused, Invalid without a reason."""
    access.may_send_back(actor, programme=ranking.topic.call.programme.code, state=ranking.state).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", place="reason"))
    refresh_locked(ranking)
    _open_again(ranking, reason=reason.strip())
    RANKING.go(ranking, "send_back", actor=actor, now=now, reason=reason.strip())
    db.session.flush()


def _open_again(ranking: Ranking, *, reason: str) -> None:
    ranking.decided_at = ranking.decided_by_id = ranking.prepared_at = ranking.prepared_by_id = None
    ranking.statement, ranking.sent_back_because = "", reason
    ranking.version += 1


def ask_for_calibration(topic: Topic, *, actor: Actor, now: datetime) -> Calibration:
    """Have the worker estimate severities and reliability; one at a time. Raises Refused."""
    if not actor.manages(topic.call.programme.code) or actor.id is None:
        raise NotFound
    waiting = queries.last_calibration(topic.id)
    if waiting is not None and waiting.done_at is None:
        return waiting
    made = Calibration(topic_id=topic.id, asked_by_id=actor.id, asked_at=now)
    db.session.add(made)
    db.session.flush()
    record(made.ref(), "calibration.asked", actor=actor, now=now, facts={"topic": topic.identifier})
    defer("calibrate", lock=f"calibration:{topic.id}", calibration_id=made.id)
    return made


def reopen_ranking(ranking: Ranking, *, reason: str, actor: Actor, now: datetime) -> None:
    """Open a decided list again, before the letters. Raises Refused, Invalid without a reason."""
    access.may_send_letters(actor, programme=ranking.topic.call.programme.code, state=ranking.state).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", place="reason"))
    refresh_locked(ranking)
    _open_again(ranking, reason=reason.strip())
    RANKING.go(ranking, "reopen", actor=actor, now=now, reason=reason.strip())
    db.session.flush()


def send_letters(ranking: Ranking, *, count: int, actor: Actor, now: datetime) -> int:
    """Tell all applicants at once; how many letters. From now on coordinators read their reports.

    ``count``: how many letters the person saw in the preview. Raises Refused where that is not how many there are.
    Source: domain.md 8.5.
    """
    topic = ranking.topic
    ranking = _locked(topic, ranking.cut_off) or ranking
    access.may_send_letters(actor, programme=topic.call.programme.code, state=ranking.state).require()
    rows = queries.all_placements(ranking.id)
    if len(rows) != count:
        raise Refused("count", f"There are {len(rows)} letters, not {count}. Look at the preview again.", status=409)
    ids = [row.proposal_id for row in rows]
    contacts, versions = main_contacts(ids), queries.versions(ids)
    for row in rows:
        mails.result(ranking, row, contacts[row.proposal_id], versions[row.proposal_id], topic, now=now)
    db.session.execute(
        update(Proposal).where(Proposal.id.in_(ids)).values(decided_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    ranking.informed_at, ranking.version = now, ranking.version + 1
    seed = rules.seed_of(topic.lottery_seed, ranking.cut_off)
    RANKING.go(ranking, "inform", actor=actor, now=now, letters=len(rows), seed=seed)
    db.session.flush()
    db.session.expire_all()
    return len(rows)


def note_opened(placement: Placement, *, member: MemberRole | None, actor: Actor, now: datetime) -> bool:
    """Keep the instant at which the main contact first opens the result; whether this was it.

    Others who read it change nothing: the notification is to the coordinator. Source: domain.md 8.5.
    """
    if member is not MemberRole.MAIN_CONTACT:
        return False
    refresh_locked(placement)
    if placement.opened_at is not None:  # another tab was a moment earlier
        return False
    placement.opened_at = now
    db.session.flush()
    record(placement.proposal.ref(), "result.opened", actor=actor, now=now, facts={})
    return True
