"""Asking for a review, its committee, the rulings on it. Source: domain.md 8.6 and 15."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from grants.accounts.models import Account
from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.redress import access, mails, queries, rounds, rules
from grants.redress.models import CommitteeMember, Request, Ruling
from grants.redress.queries import Opened, Own
from grants.redress.states import AGAIN, ON_ADMISSIBILITY, OUTCOMES, REDRESS, RULING, RequestState, Says

_FIELDS = ("subject", "criterion", "text")


def save_request(own: Own, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime) -> Request:
    """Keep the request as typed, however incomplete. ``seen``: the version it was typed over, 0 for a new one.

    Raises Refused (not the main contact, too late, sent already) and Stale.
    """
    refresh_locked(own.proposal)  # two tabs that begin at once make one request
    found = queries.request_of(own.proposal.id)
    if found is not None:
        refresh_locked(found)
    access.may_ask(own.member, notice=own.notice, state=found.state if found else None, now=now).require()
    if found is None:
        found = Request(proposal_id=own.proposal.id, version=0, changed_at=now, changed_by_id=actor.id)
        found.proposal = own.proposal
        db.session.add(found)
    elif found.version != seen:
        current = {name: getattr(found, name) for name in _FIELDS}
        raise Stale(current=current, yours=dict(values), version=found.version)
    for name in _FIELDS:
        if name in values:
            setattr(found, name, values[name] if name == "text" else values[name][:40])
    found.version, found.changed_at, found.changed_by_id = found.version + 1, now, actor.id or 0
    db.session.flush()
    return found


def send_request(own: Own, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime) -> Request:
    """Hand in the request: once, before the time is over. A receipt goes out.

    Raises Refused (late by a millisecond is late), Stale, and Invalid with everything that is missing.
    """
    found = save_request(own, values, seen=seen, actor=actor, now=now)
    missing = rules.request_findings(
        subject=found.subject, criterion=found.criterion, text=found.text,
        criteria=[each.code for each in own.proposal.topic.criteria],
    )  # fmt: skip
    if missing:
        raise Invalid(missing)
    found.sent_at = now
    REDRESS.go(found, "send", actor=actor, now=now, proposal=own.proposal.number, subject=found.subject)
    db.session.flush()
    mails.receipt(found, now=now)
    mails.asked(found, now=now)
    return found


def withdraw_request(own: Own, *, actor: Actor, now: datetime) -> None:
    """Take a request back for good. Raises Refused once it is decided; NotFound where there is none."""
    if own.request is None:
        raise NotFound
    refresh_locked(own.request)
    access.may_withdraw(own.member, own.request.state).require()
    for each in queries.rulings_of(own.request.id):
        if RULING.allows(each.state, "send_back"):
            each.answered_at, each.sent_back_because = now, "The request was withdrawn."
            RULING.go(each, "send_back", actor=actor, now=now, reason="withdrawn")
    own.request.closed_at = now
    REDRESS.go(own.request, "withdraw", actor=actor, now=now)
    db.session.flush()
    mails.withdrawn(own.request, now=now)


def name_member(opened: Opened, account_id: int, *, actor: Actor, now: datetime) -> CommitteeMember:
    """Put somebody on the committee who had no part in the evaluation or the decision. Raises Refused, Invalid."""
    access.may_name_members(actor, opened.access).require()
    account = next((each for each in queries.managers() if each.id == account_id), None)
    if account is None:
        raise Invalid(Finding("no-such-person", "Choose somebody from the list.", "account_id"))
    _require_uninvolved(opened.request, account)
    member = CommitteeMember(request_id=opened.request.id, account_id=account.id, named_at=now, named_by_id=actor.id)
    try:
        with db.session.begin_nested():
            db.session.add(member)
            db.session.flush()
    except IntegrityError:
        raise Invalid(Finding("member-already", f"{account.name} is a member already.", "account_id")) from None
    record(opened.request.ref(), "redress.member_named", actor=actor, now=now, facts={"account": account.id})
    mails.named(opened.request, member, account, now=now)
    return member


def _require_uninvolved(request: Request, account: Account) -> None:
    if why := rules.involved_as(account.id, queries.involvement(request.proposal)):
        raise Invalid(Finding("involved", f"{account.name} {why}.", "account_id", source=rules.SOURCE))


def remove_member(opened: Opened, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Take somebody off the committee. Raises Refused, NotFound."""
    access.may_name_members(actor, opened.access).require()
    member = next((each for each in opened.members if each.account_id == account_id), None)
    if member is None:
        raise NotFound
    db.session.delete(member)
    db.session.flush()
    record(opened.request.ref(), "redress.member_removed", actor=actor, now=now, facts={"account": account_id})


def note_opinion(opened: Opened, text: str, *, seen: int, actor: Actor, now: datetime) -> None:
    """Write down what the committee found, for the funder alone. Raises Refused, Stale, Invalid where empty."""
    access.may_note_opinion(actor, opened.access).require()
    request = opened.request
    if request.version != seen:
        raise Stale(current={"opinion": request.opinion}, yours={"opinion": text}, version=request.version)
    if not text.strip():
        raise Invalid(Finding("no-opinion", "Write what the committee found.", "opinion"))
    request.opinion, request.opinion_at, request.version = text.strip(), now, request.version + 1
    db.session.flush()
    record(request.ref(), "redress.opinion", actor=actor, now=now, facts={"version": request.version})


def propose_ruling(
    opened: Opened, says: Says | None, *, criteria: Sequence[str], reason: str, actor: Actor, now: datetime
) -> Ruling:
    """Propose whether the request is admissible, or its outcome. It counts when another manager confirms it.

    Raises Refused, and Invalid with everything that stands against it.
    """
    access.may_rule(actor, opened.access).require()
    request = opened.request
    possible = ON_ADMISSIBILITY if request.state is RequestState.SENT else OUTCOMES
    if says not in possible or says is None:
        raise Invalid(Finding("no-ruling", "Choose one.", "says"))
    chosen = _chosen(request, says, criteria)
    found = [] if reason.strip() else [Finding("no-reason", "Say why: the applicants are told.", "reason")]
    if says in OUTCOMES:
        found += _against(opened, says, chosen)
    if found:
        raise Invalid(found)
    ruling = Ruling(
        request_id=request.id, says=says, criteria=chosen, reason=reason.strip(), proposed_at=now,
        proposed_by_id=actor.id,
    )  # fmt: skip
    db.session.add(ruling)
    db.session.flush()
    record(ruling.ref(), "redress_ruling.proposed", actor=actor, now=now, reason=ruling.reason,
           facts={"request": request.id, "says": says.value, "criteria": chosen})  # fmt: skip
    mails.to_confirm(request, ruling, by=actor.name, now=now)
    return ruling


def _chosen(request: Request, says: Says, criteria: Sequence[str]) -> list[str]:
    known = [each.code for each in request.proposal.topic.criteria]
    if says is Says.FULLY:
        return known
    return [code for code in known if code in set(criteria)] if says is Says.PARTLY else []


def _against(opened: Opened, says: Says, chosen: Sequence[str]) -> list[Finding]:
    topic = opened.request.proposal.topic
    return rules.outcome_findings(
        says, criteria=chosen, chance=rules.could_change(queries.standing_of(opened.request.proposal), chosen),
        members=len(opened.members), least=topic.redress_members, opinion=opened.request.opinion,
    )  # fmt: skip


def confirm_ruling(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """The second manager confirms; the applicants are told, and what is evaluated again gets its round.

    Raises Refused, also for who proposed it, and Invalid where the outcome does not hold any more.
    """
    access.may_confirm(actor, opened.access).require()
    ruling, request = _waiting(opened), opened.request
    if ruling.says in OUTCOMES and (found := _against(opened, ruling.says, ruling.criteria)):
        raise Invalid(found)
    ruling.answered_at, ruling.answered_by_id = now, actor.id
    RULING.go(ruling, "confirm", actor=actor, now=now, says=ruling.says.value)
    action = {Says.ADMISSIBLE: "admit", Says.INADMISSIBLE: "refuse"}.get(ruling.says, "decide")
    if action != "admit":
        request.closed_at = now
    REDRESS.go(request, action, actor=actor, now=now, reason=ruling.reason, proposed_by=ruling.proposed_by_id)
    db.session.flush()
    if ruling.says in AGAIN:
        rounds.open_round(request, ruling, actor=actor, now=now)
    mails.ruled(request, ruling, now=now)


def send_back_ruling(opened: Opened, *, reason: str, actor: Actor, now: datetime) -> None:
    """Do not confirm it. Raises Refused, Invalid without a reason."""
    access.may_send_back(actor, opened.access).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", "reason"))
    ruling = _waiting(opened)
    ruling.answered_at, ruling.answered_by_id, ruling.sent_back_because = now, actor.id, reason.strip()
    RULING.go(ruling, "send_back", actor=actor, now=now, reason=reason.strip())
    db.session.flush()


def _waiting(opened: Opened) -> Ruling:
    if opened.waiting is None:
        raise Refused("nothing-waits", "Nothing waits for a confirmation here.", status=409)
    return opened.waiting
