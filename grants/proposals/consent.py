"""Organisations are not named against their will: who is told, and what stands in the way. What their people do about
it: ``representing``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select

from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.organisations import queries as organisations
from grants.organisations.models import Organisation
from grants.proposals import mails
from grants.proposals.models import Member, Participant, Proposal
from grants.proposals.states import MemberRole
from grants.proposals.writing_models import MemberParticipant, ParticipationRefusal


def refusal(proposal_id: int, organisation_id: int) -> ParticipationRefusal | None:
    """The "not in our name" of an organisation to a proposal."""
    mine = (
        ParticipationRefusal.proposal_id == proposal_id,
        ParticipationRefusal.organisation_id == organisation_id,
    )
    return db.session.scalar(select(ParticipationRefusal).where(*mine))


def require(proposal: Proposal, organisation: Organisation, *, actor: Actor) -> None:
    """Raise Invalid where the organisation has stopped this proposal and not agreed since. Whoever acts for it agrees
    by adding it."""
    found = refusal(proposal.id, organisation.id)
    if found is None:
        return
    if not _acts_for(actor, organisation):
        message = f"{organisation.legal_name} has said: not in our name. Ask for its consent first."
        raise Invalid(Finding("consent-needed", message, place="pic"))
    db.session.delete(found)


def tell(proposal: Proposal, row: Participant, organisation: Organisation, *, actor: Actor, now: datetime) -> None:
    """A letter to the organisation's people when somebody who does not act for it added it. Trials count for nothing,
    so nobody is told of them."""
    if proposal.trial or _acts_for(actor, organisation):
        return
    people = organisations.representatives_of(organisation.id)
    mails.named(proposal, organisation, people, key=f"{proposal.number}:{row.id}", by=actor.name, now=now)


def contacts_leave(proposal_id: int, participant_id: int) -> None:
    """Contacts of this participant are no longer; those who are contacts of no other leave the proposal."""
    gone = delete(MemberParticipant).where(MemberParticipant.participant_id == participant_id)
    touched = db.session.scalars(gone.returning(MemberParticipant.member_id)).all()
    if touched:
        left = exists().where(MemberParticipant.member_id == Member.id)
        mine = (Member.proposal_id == proposal_id, Member.role == MemberRole.PARTNER_CONTACT, ~left)
        leave = delete(Member).where(Member.id.in_(touched), *mine)
        db.session.execute(leave.execution_options(synchronize_session=False))


def _acts_for(actor: Actor, organisation: Organisation) -> bool:
    """By the rows of this moment: commands and the demo act without the session's organisations."""
    return any(each.id == actor.id for each in organisations.representatives_of(organisation.id))
