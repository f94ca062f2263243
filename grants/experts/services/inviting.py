"""Profiles of experts, and invitations to evaluate a topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.accounts.models import Account
from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db
from grants.experts import access, mails, pool_queries, queries, texts
from grants.experts.models import Expert, Invitation
from grants.experts.rules import terms
from grants.experts.services.indexing import index
from grants.experts.services.versions import next_version
from grants.experts.states import INVITATION, PROFILE, ProfileState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.organisations.models import Organisation
from grants.queue import recheck_conflicts

#: Proposals that one expert is asked to take, unless told otherwise (domain.md 8.4: 5 to 10).
USUAL_LOAD = 8


def register_expert(
    account: Account,
    *,
    employer: Organisation | None,
    employer_name: str = "",
    country: str = "",
    expertise: Sequence[str] = (),
    languages: Sequence[str] = (),
    gender: str = "",
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Expert:
    """Make or change the profile of a person. An employer in the registry is what conflicts are found by.

    Raises Invalid without any employer: conflicts could not be found. Raises Stale.
    """
    if employer is None and not employer_name.strip():
        message = "Name your employer, or write “self-employed”: conflicts of interest are found by it."
        raise Invalid(Finding("no-employer", message, place="employer_name"))
    expert = queries.own_profile(account.id)
    if expert is None:
        expert = Expert(account_id=account.id, changed_at=now)
        db.session.add(expert)
        db.session.flush()
    next_version(expert, "profile", texts.profile, seen=seen)
    expert.account = account
    before = expert.employer_id, expert.employer_name
    expert.employer_id = employer.id if employer else None
    expert.employer_name = employer.legal_name if employer else employer_name.strip()
    expert.country, expert.changed_at = country, now
    expert.expertise = [word.strip() for word in expertise if word.strip()]
    expert.languages, expert.gender = list(languages), gender
    db.session.flush()
    moved = expert.state is ProfileState.VALIDATED and before != (expert.employer_id, expert.employer_name)
    if moved or expert.state is ProfileState.RETURNED:
        PROFILE.go(expert, "change", actor=actor, now=now)
        db.session.flush()
    index(expert)
    record(expert.ref(), "expert.profile_changed", actor=actor, now=now, facts={"employer": expert.employer_name})
    recheck_conflicts("expert", expert.id)
    return expert


def invite(
    topic: Topic, experts: Sequence[Expert], *, max_load: int = USUAL_LOAD, actor: Actor, now: datetime
) -> list[Invitation]:
    """Invite experts to evaluate for a topic; who was invited before is left as they are. Raises Invalid, Refused."""
    access.may_invite(actor, programme=topic.call.programme.code).require()
    if max_load < 1:
        raise Invalid(Finding("load", "An expert takes at least one proposal.", place="max_load"))
    known = pool_queries.invited_ids(topic.id)
    made = [
        Invitation(topic=topic, expert=each, max_load=max_load, invited_at=now)
        for each in experts
        if each.id not in known
    ]
    db.session.add_all(made)
    db.session.flush()
    for each in made:
        record(each.ref(), "invitation.sent", actor=actor, now=now, facts={"topic": topic.identifier})
        mails.invited(each, now=now)
    return made


def invite_again(invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    """Ask somebody who declined once more. Raises Refused."""
    access.may_invite(actor, programme=invitation.topic.call.programme.code).require()
    INVITATION.go(invitation, "invite_again", actor=actor, now=now)
    invitation.answer, invitation.answered_at = "", None
    mails.invited(invitation, now=now)


def cancel_invitation(invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    """Take an invitation back: no more assignments; those that are made stay. Raises Refused."""
    access.may_invite(actor, programme=invitation.topic.call.programme.code).require()
    INVITATION.go(invitation, "cancel", actor=actor, now=now)
    mails.cancelled(invitation, now=now)


def answer_invitation(
    invitation: Invitation,
    *,
    accept: bool,
    declared: bool = True,
    trained: bool = True,
    takes: int | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """The expert's answer. Accepting needs the declaration of confidentiality. Raises Refused, Invalid.

    ``takes``: proposals that the expert takes, where these are fewer than the officer asked for.
    """
    expert = invitation.expert
    access.may_answer(actor, expert_account=expert.account_id, state=invitation.state).require()
    if accept and not declared:
        message = "Confirm the declaration: without it nobody may read proposals."
        raise Invalid(Finding("not-declared", message, place="declared"))
    if accept and invitation.topic.training and not trained:
        raise Invalid(Finding("not-trained", "Confirm that you have read how this works.", place="trained"))
    if accept and takes is not None and not 1 <= takes <= invitation.max_load:
        message = f"Give a number from 1 to {invitation.max_load}: you are asked for no more."
        raise Invalid(Finding("takes", message, place="takes"))
    if accept:  # who accepts declares interests too
        expert.declared_at = invitation.terms_at = now
        invitation.terms = invitation.topic.expert_terms or terms.USUAL
        invitation.terms_version = terms.version(invitation.terms)
        invitation.max_load = takes or invitation.max_load
        invitation.trained_at = now if invitation.topic.training else None
    invitation.answered_at, invitation.answer = now, reason.strip()
    INVITATION.go(invitation, "accept" if accept else "decline", actor=actor, now=now, reason=reason.strip())
    db.session.flush()
