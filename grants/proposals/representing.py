"""What the people of an organisation see and do about proposals in its name: number, acronym, topic, coordinator,
role and state, nothing more of the content; "not in our name" until the deadline, and consent afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, joinedload

from grants.accounts.rules import Limit
from grants.accounts.services import count_mail
from grants.audit.services import record
from grants.calls.models import Call, Topic
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.organisations import queries as organisations
from grants.organisations.models import Organisation
from grants.proposals import access, consent, mails, queries, services
from grants.proposals.models import Participant, Proposal
from grants.proposals.queries import Opened, closing_sql
from grants.proposals.states import ParticipantRole, ProposalState
from grants.proposals.writing_models import ParticipationRefusal

#: Letters that ask an organisation for its consent.
QUESTIONS = Limit(10, timedelta(days=1))
NamedRows = Select[int, str, ProposalState, str, str, ParticipantRole, datetime, str]


def in_name_of(organisation: Organisation, *, actor: Actor) -> NamedRows:
    """Proposals that name the organisation: number, acronym, state; the topic's identifier, the coordinator, the
    organisation's role, the deadline and its zone. Not ordered. Raises NotFound for who does not act for it."""
    _acts_for(organisation, actor)
    mine, chief, named = aliased(Participant), aliased(Participant), aliased(Organisation)
    return (
        select(
            Proposal.number, Proposal.acronym, Proposal.state, Topic.identifier,
            named.legal_name.label("coordinator"), mine.role, closing_sql().label("deadline"), Call.zone,
        )
        .join(mine, mine.proposal_id == Proposal.id)
        .join(Proposal.topic)
        .join(Topic.call)
        .outerjoin(chief, (chief.proposal_id == Proposal.id) & (chief.role == ParticipantRole.COORDINATOR))
        .outerjoin(named, named.id == chief.organisation_id)
        .where(mine.organisation_id == organisation.id, Proposal.trial.is_(False))
    )  # fmt: skip


def refused_by(organisation: Organisation, *, actor: Actor) -> Sequence[ParticipationRefusal]:
    """Proposals that the organisation has stopped, newest first; ``asked_at`` where consent is asked for."""
    _acts_for(organisation, actor)
    rows = select(ParticipationRefusal).where(ParticipationRefusal.organisation_id == organisation.id)
    newest = rows.order_by(ParticipationRefusal.refused_at.desc(), ParticipationRefusal.id.desc())
    return db.session.scalars(newest.options(joinedload(ParticipationRefusal.proposal)).limit(100)).all()


def refusals_to(proposal: Proposal) -> Sequence[ParticipationRefusal]:
    """Organisations that said "not in our name" to this proposal."""
    rows = select(ParticipationRefusal).where(ParticipationRefusal.proposal_id == proposal.id)
    named = joinedload(ParticipationRefusal.organisation)
    return db.session.scalars(rows.order_by(ParticipationRefusal.id).options(named)).all()


def is_named(organisation: Organisation, number: int, *, actor: Actor) -> bool:
    """Whether a proposal names the organisation. Raises NotFound for who does not act for it."""
    return (
        db.session.execute(in_name_of(organisation, actor=actor).where(Proposal.number == number)).first() is not None
    )


def stop(organisation: Organisation, number: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """ "Not in our name": the organisation leaves the draft before the deadline, with a reason that the main contact
    reads. A version that was submitted stays until another one is, or until it is withdrawn.

    Raises NotFound, Refused after the deadline, Invalid without a reason.
    """
    _acts_for(organisation, actor)
    row = db.session.scalar(
        select(Participant)
        .join(Participant.proposal)
        .where(Proposal.number == number, Participant.organisation_id == organisation.id, Proposal.trial.is_(False))
    )
    if row is None:
        raise NotFound
    proposal = row.proposal
    refresh_locked(proposal)
    if now >= queries.closes_at(proposal):
        message = "The deadline has passed: write to the contact of the call."
        raise Refused("deadline-passed", message, status=409)
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why; the main contact reads it.", place="reason"))
    services.take_out(proposal, row, actor=actor, now=now)
    db.session.add(
        ParticipationRefusal(
            proposal_id=proposal.id, organisation_id=organisation.id, reason=reason.strip(), refused_at=now,
            refused_by_id=actor.id,
        )
    )  # fmt: skip
    db.session.flush()
    facts = {"pic": organisation.pic}
    record(proposal.ref(), "proposal.not_in_our_name", actor=actor, now=now, reason=reason.strip(), facts=facts)
    mails.stopped(proposal, organisation, reason=reason.strip(), last=queries.last_submission(proposal.id), now=now)


def ask_consent(opened: Opened, pic: str, *, actor: Actor, now: datetime) -> None:
    """Ask an organisation that said no, once more, by a letter to its people. Raises NotFound, Refused."""
    access.may_edit(actor, opened.access, now=now).require()
    found = next((each for each in refusals_to(opened.proposal) if each.organisation.pic == pic), None)
    if found is None:
        raise NotFound
    count_mail(actor, "consent", QUESTIONS, now=now)
    found.asked_at = now
    record(opened.proposal.ref(), "proposal.consent_asked", actor=actor, now=now, facts={"pic": pic})
    people = organisations.representatives_of(found.organisation_id)
    mails.consent_asked(opened.proposal, found.organisation, people, by=actor.name, now=now)


def agree(organisation: Organisation, number: int, *, actor: Actor, now: datetime) -> None:
    """The organisation may be named again: the proposal's people can add it. Raises NotFound."""
    _acts_for(organisation, actor)
    proposal = db.session.scalar(select(Proposal).where(Proposal.number == number))
    found = consent.refusal(proposal.id, organisation.id) if proposal else None
    if proposal is None or found is None:
        raise NotFound
    db.session.delete(found)
    record(proposal.ref(), "proposal.consent_given", actor=actor, now=now, facts={"pic": organisation.pic})
    mails.consent_given(proposal, organisation, now=now)


def _acts_for(organisation: Organisation, actor: Actor) -> None:
    if organisation.id not in actor.organisations:
        raise NotFound
