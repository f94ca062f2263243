"""Who acts for an organisation: asked by its people, and only after they agreed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from grants.accounts.rules import Limit
from grants.accounts.services import count_mail
from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.organisations import access, mails, queries
from grants.organisations.models import Organisation, Representative, RepresentativeInvitation
from grants.queue import recheck_conflicts

#: Letters to people whom one asks to act for organisations; counted tries are swept after a day.
INVITATIONS = Limit(20, timedelta(days=1))


def add_representative(organisation: Organisation, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a person act for an organisation; doing it again is harmless."""
    known = select(Representative.id).where(
        Representative.organisation_id == organisation.id, Representative.account_id == account_id
    )
    if db.session.scalar(known) is not None:
        return
    db.session.add(Representative(organisation_id=organisation.id, account_id=account_id, since=now))
    record(organisation.ref(), "organisation.representative", actor=actor, now=now, facts={"account": account_id})
    recheck_conflicts("account", account_id)


def invite(organisation: Organisation, email: str, *, actor: Actor, now: datetime) -> RepresentativeInvitation:
    """Ask the person with this address to act for the organisation. Whether they have an account is not said.

    Raises Invalid where they were asked already or act for it, Refused over the day's limit.
    """
    access.may_change(actor, organisation.id).require()
    address = email.strip().lower()
    if any(each.email == address for each in queries.representatives_of(organisation.id)):
        raise Invalid(Finding("acts-already", "This person acts for the organisation already.", place="email"))
    if any(each.email == address for each in queries.invitations_of(organisation.id)):
        raise Invalid(Finding("asked-already", "This person was asked already and has not answered.", place="email"))
    count_mail(actor, "represent", INVITATIONS, now=now)
    asked = RepresentativeInvitation(
        organisation_id=organisation.id, email=address, invited_at=now, invited_by_id=actor.id
    )
    db.session.add(asked)
    db.session.flush()
    record(
        organisation.ref(), "organisation.representative_asked", actor=actor, now=now, facts={"invitation": asked.id}
    )
    mails.asked_to_represent(organisation, asked, by=actor.name, now=now)
    return asked


def withdraw_invitation(organisation: Organisation, invitation_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back what was not answered. Raises NotFound."""
    access.may_change(actor, organisation.id).require()
    asked = next((each for each in queries.invitations_of(organisation.id) if each.id == invitation_id), None)
    if asked is None:
        raise NotFound
    db.session.delete(asked)
    facts = {"invitation": invitation_id}
    record(organisation.ref(), "organisation.representative_not_asked", actor=actor, now=now, facts=facts)


def accept_invitation(organisation: Organisation, *, actor: Actor, now: datetime) -> None:
    """The person who was asked acts for the organisation from now on. Raises NotFound for everybody else."""
    asked = queries.own_invitation(actor, organisation.id)
    if asked is None or actor.id is None:
        raise NotFound
    db.session.delete(asked)
    add_representative(organisation, actor.id, actor=actor, now=now)


def decline_invitation(organisation: Organisation, *, actor: Actor, now: datetime) -> None:
    """The person who was asked does not want to. Raises NotFound for everybody else."""
    asked = queries.own_invitation(actor, organisation.id)
    if asked is None:
        raise NotFound
    db.session.delete(asked)
    record(organisation.ref(), "organisation.representative_declined", actor=actor, now=now)


def remove_representative(organisation: Organisation, account_id: int, *, actor: Actor, now: datetime) -> None:
    """The person no longer acts for the organisation. Raises Refused for the last one, unless an administrator does
    it: an organisation without people can be changed by nobody else."""
    access.may_change(actor, organisation.id).require()
    refresh_locked(organisation)
    own = (Representative.organisation_id == organisation.id, Representative.account_id == account_id)
    if db.session.scalar(select(Representative.id).where(*own)) is None:
        raise NotFound
    others = select(func.count()).where(
        Representative.organisation_id == organisation.id, Representative.account_id != account_id
    )
    if not db.session.scalar(others) and not actor.has(Role.ADMINISTRATOR):
        message = "You are the only person who acts for this organisation. Ask somebody else first."
        raise Refused("last-representative", message, status=409)
    db.session.execute(delete(Representative).where(*own))
    record(
        organisation.ref(), "organisation.representative_removed", actor=actor, now=now, facts={"account": account_id}
    )
