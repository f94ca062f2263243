"""Who works on a proposal: invitations by letter, removal, leaving, handing the main contact's role over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from grants.accounts.models import Account
from grants.accounts.rules import Limit
from grants.accounts.services import count_mail
from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.organisations.models import Organisation
from grants.proposals import access, mails, queries
from grants.proposals.models import Member, Participant, Proposal
from grants.proposals.queries import Opened
from grants.proposals.states import MemberRole
from grants.proposals.writing_models import MemberInvitation, MemberParticipant

#: Letters to people whom one asks to work on proposals; counted tries are swept after a day.
INVITATIONS = Limit(30, timedelta(days=1))
_BAD_LINK = "This invitation is not valid any more. Ask the main contact of the proposal for a new one."


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the page of people shows them. ``organisations``: those that they are the contact of."""

    member: Member
    account: Account
    organisations: tuple[Organisation, ...]


def people_of(proposal: Proposal) -> list[Person]:
    """Everybody who works on a proposal: the main contact first, then by name."""
    found = db.session.scalars(
        select(Member).where(Member.proposal_id == proposal.id).options(joinedload(Member.account))
    ).all()
    rows = db.session.execute(
        select(MemberParticipant.member_id, Organisation)
        .join(Participant, Participant.id == MemberParticipant.participant_id)
        .join(Organisation, Organisation.id == Participant.organisation_id)
        .where(Participant.proposal_id == proposal.id)
        .order_by(Participant.position)
    ).all()
    people = [
        Person(each, each.account, tuple(organisation for member, organisation in rows if member == each.id))
        for each in found
    ]
    order = list(MemberRole)
    return sorted(people, key=lambda each: (order.index(each.member.role), each.account.name, each.account.id))


def seen_by(opened: Opened) -> list[Person]:
    """The people whom a member sees: all, or where partners read their own part only, the main contact and the
    contacts of the same organisations."""
    everybody, facts = people_of(opened.proposal), opened.access
    if access.reach(facts, access.WHOLE) >= access.Reach.READS:
        return everybody
    rows = select(MemberParticipant.member_id).where(MemberParticipant.participant_id.in_(facts.participants))
    near = set(db.session.scalars(rows))
    return [each for each in everybody if each.member.id in near or each.member.role is MemberRole.MAIN_CONTACT]


def invitations_of(proposal: Proposal) -> list[MemberInvitation]:
    """Who was asked and has not answered."""
    rows = select(MemberInvitation).where(MemberInvitation.proposal_id == proposal.id)
    named = joinedload(MemberInvitation.participant).joinedload(Participant.organisation)
    return list(db.session.scalars(rows.options(named).order_by(MemberInvitation.email, MemberInvitation.id)))


def invite(
    opened: Opened, email: str, role: MemberRole, *, participant_id: int | None = None, actor: Actor, now: datetime
) -> tuple[MemberInvitation, str]:
    """Ask the person with this address by letter; the invitation and the token of its link.

    ``participant_id``: whose contact a partner's contact will be. Whether the address has an account is not said.
    Raises Refused (not the main contact, the deadline has passed, over the day's limit) and Invalid.
    """
    access.may_manage_people(opened.access).require()
    if now >= opened.access.deadline:
        raise Refused("deadline-passed", "The deadline has passed: nobody can be invited any more.", status=409)
    address, proposal = email.strip().lower(), opened.proposal
    _check(proposal, address, role, participant_id)
    count_mail(actor, "member", INVITATIONS, now=now)
    token = token_urlsafe(32)
    asked = MemberInvitation(
        proposal_id=proposal.id, email=address, role=role, participant_id=participant_id, token_hash=_hash(token),
        invited_at=now, invited_by_id=actor.id,
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()
    facts = {"invitation": asked.id, "role": role.value, "participant": participant_id}
    record(proposal.ref(), "proposal.member_invited", actor=actor, now=now, facts=facts)
    mails.member_invited(proposal, asked, token=token, by=actor.name, now=now)
    return asked, token


def _check(proposal: Proposal, address: str, role: MemberRole, participant_id: int | None) -> None:
    if role is MemberRole.MAIN_CONTACT:
        raise Invalid(Finding("one-main-contact", "Invite the person first, then hand your role over.", place="role"))
    if (role is MemberRole.PARTNER_CONTACT) != (participant_id is not None):
        message = "Choose the organisation for the contact of a partner, and for nobody else."
        raise Invalid(Finding("organisation-needed", message, place="participant"))
    if participant_id is not None:
        queries.participant_row(proposal, participant_id)
    known = next((each for each in people_of(proposal) if each.account.email == address), None)
    both = known is not None and known.member.role is role is MemberRole.PARTNER_CONTACT
    if known is not None and not both:
        raise Invalid(Finding("member-already", "This person works on the proposal already.", place="email"))
    asked = invitations_of(proposal)
    if any((each.email, each.participant_id) == (address, participant_id) for each in asked):
        raise Invalid(Finding("asked-already", "This person was asked already and has not answered.", place="email"))


def withdraw_invitation(opened: Opened, invitation_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back what was not answered: its link is worth nothing any more. Raises NotFound."""
    access.may_manage_people(opened.access).require()
    asked = next((each for each in invitations_of(opened.proposal) if each.id == invitation_id), None)
    if asked is None:
        raise NotFound
    db.session.delete(asked)
    facts = {"invitation": invitation_id}
    record(opened.proposal.ref(), "proposal.invitation_withdrawn", actor=actor, now=now, facts=facts)


def invitation_by_token(token: str, *, now: datetime, lock: bool = False) -> MemberInvitation:
    """The invitation of a link, until the proposal closes. Raises Refused (404), whatever the cause."""
    rows = select(MemberInvitation).where(MemberInvitation.token_hash == _hash(token))
    asked = db.session.scalar(rows.with_for_update() if lock else rows)
    if asked is None or now >= queries.closes_at(asked.proposal):
        raise Refused("bad-link", _BAD_LINK, status=404)
    return asked


def accept(token: str, *, actor: Actor, now: datetime) -> Proposal:
    """Whoever holds the link and is signed in works on the proposal from now on; the link is used up.

    A member gets the role of the invitation, or one more organisation. Raises Refused for the main contact, whose
    role is handed over and never lost, and NotFound for nobody.
    """
    if actor.id is None:
        raise NotFound
    asked = invitation_by_token(token, now=now, lock=True)
    proposal = asked.proposal
    mine = (Member.proposal_id == proposal.id, Member.account_id == actor.id)
    member = db.session.scalar(select(Member).where(*mine).with_for_update())
    if member is not None and member.role is MemberRole.MAIN_CONTACT:
        raise Refused("main-contact", "You are the main contact of this proposal already.", status=409)
    if member is None:
        member = Member(proposal_id=proposal.id, account_id=actor.id, role=asked.role)
        db.session.add(member)
    _take_role(member, asked.role, asked.participant_id)
    facts = {"invitation": asked.id, "role": asked.role.value, "account": actor.id}
    db.session.delete(asked)
    db.session.flush()
    record(proposal.ref(), "proposal.member_joined", actor=actor, now=now, facts=facts)
    return proposal


def _take_role(member: Member, role: MemberRole, participant_id: int | None) -> None:
    member.role = role
    db.session.flush()
    if role is not MemberRole.PARTNER_CONTACT:
        db.session.execute(delete(MemberParticipant).where(MemberParticipant.member_id == member.id))
    elif participant_id is not None and db.session.get(MemberParticipant, (member.id, participant_id)) is None:
        db.session.add(MemberParticipant(member_id=member.id, participant_id=participant_id))
    db.session.flush()


def decline(token: str, *, actor: Actor, now: datetime) -> None:
    """The person does not want to; the link is used up."""
    asked = invitation_by_token(token, now=now, lock=True)
    facts = {"invitation": asked.id}
    db.session.delete(asked)
    record(asked.proposal.ref(), "proposal.invitation_declined", actor=actor, now=now, facts=facts)


def remove(opened: Opened, member_id: int, *, actor: Actor, now: datetime) -> None:
    """A person no longer works on the proposal; what they wrote stays. Raises NotFound, Refused for oneself."""
    access.may_manage_people(opened.access).require()
    member = _member(opened, member_id)
    if member.role is MemberRole.MAIN_CONTACT:
        message = "A proposal needs a main contact. Hand the role over, then leave."
        raise Refused("main-contact-stays", message)
    _out(opened, member, "proposal.member_removed", actor=actor, now=now)


def leave(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """One's own work on the proposal ends. Raises Refused for the main contact."""
    access.is_member(opened.access).require()
    member = _own(opened, actor)
    if member.role is MemberRole.MAIN_CONTACT:
        message = "A proposal needs a main contact. Hand the role over, then leave."
        raise Refused("main-contact-stays", message)
    _out(opened, member, "proposal.member_left", actor=actor, now=now)


def _out(opened: Opened, member: Member, action: str, *, actor: Actor, now: datetime) -> None:
    facts: dict[str, Any] = {"account": member.account_id, "role": member.role.value}
    db.session.execute(delete(Member).where(Member.id == member.id))
    record(opened.proposal.ref(), action, actor=actor, now=now, facts=facts)


def offer(opened: Opened, member_id: int, *, actor: Actor, now: datetime) -> None:
    """Offer the main contact's role to another member; it goes over when they accept. An earlier offer ends."""
    access.may_manage_people(opened.access).require()
    member = _member(opened, member_id)
    if member.account_id == actor.id:
        raise Refused("main-contact", "You are the main contact of this proposal already.", status=409)
    take_back(opened, actor=actor, now=now)
    member.offered_at = now
    facts = {"account": member.account_id}
    record(opened.proposal.ref(), "proposal.main_contact_offered", actor=actor, now=now, facts=facts)
    mails.main_contact_offered(opened.proposal, member.account, by=actor.name, now=now)


def take_back(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """The offer ends unanswered; harmless where there is none."""
    access.may_manage_people(opened.access).require()
    for each in people_of(opened.proposal):
        if each.member.offered_at is not None:
            each.member.offered_at = None
            facts = {"account": each.account.id}
            record(opened.proposal.ref(), "proposal.main_contact_kept", actor=actor, now=now, facts=facts)


def answer_offer(opened: Opened, *, agreed: bool, actor: Actor, now: datetime) -> None:
    """The answer of whom the role was offered to: the two change roles, or nothing changes. The former main contact
    goes on as the deputy. Raises NotFound without an offer."""
    refresh_locked(opened.proposal)
    member = _own(opened, actor)
    db.session.refresh(member)
    if member.offered_at is None:
        raise NotFound
    member.offered_at = None
    if not agreed:
        record(opened.proposal.ref(), "proposal.main_contact_declined", actor=actor, now=now)
        return
    former = next(each.member for each in people_of(opened.proposal) if each.member.role is MemberRole.MAIN_CONTACT)
    _take_role(former, MemberRole.CONTACT, None)
    _take_role(member, MemberRole.MAIN_CONTACT, None)
    facts = {"from": former.account_id, "to": member.account_id}
    record(opened.proposal.ref(), "proposal.main_contact_changed", actor=actor, now=now, facts=facts)


def show_partners(opened: Opened, *, everything: bool, actor: Actor, now: datetime) -> None:
    """The coordinator chooses whether contacts of partners read the whole draft, or what is theirs alone."""
    access.may_manage_people(opened.access).require()
    opened.proposal.partners_read_all = everything
    facts = {"everything": everything}
    record(opened.proposal.ref(), "proposal.partners_read", actor=actor, now=now, facts=facts)


def _member(opened: Opened, member_id: int) -> Member:
    found = db.session.get(Member, member_id)
    if found is None or found.proposal_id != opened.proposal.id:
        raise NotFound
    return found


def _own(opened: Opened, actor: Actor) -> Member:
    mine = (Member.proposal_id == opened.proposal.id, Member.account_id == actor.id)
    found = db.session.scalar(select(Member).where(*mine))
    if found is None:
        raise NotFound
    return found


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
