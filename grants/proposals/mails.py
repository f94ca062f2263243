"""Letters about proposals: to their main contact, to people who are invited, to organisations that are named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.accounts.models import Account
from grants.notifications import letters
from grants.organisations.models import Organisation
from grants.proposals import queries
from grants.proposals.models import Proposal, Submission
from grants.proposals.writing_models import MemberInvitation


def receipt(submission: Submission, proposal: Proposal, *, now: datetime) -> None:
    """Confirms a submitted version with the hash of each file."""
    _write(
        "receipt", proposal, f"receipt:{proposal.number}:{submission.number}", now=now, submission=submission,
        zone=proposal.topic.call.zone, deadline=proposal.topic.deadline,
    )  # fmt: skip


def withdrawn(proposal: Proposal, *, now: datetime) -> None:
    """Confirms a withdrawal and says how to undo it."""
    key = f"withdrawn:{proposal.number}:{now.isoformat()}"
    _write("withdrawn", proposal, key, now=now, zone=proposal.topic.call.zone, deadline=proposal.topic.deadline)


def _write(kind: str, proposal: Proposal, key: str, *, now: datetime, **facts: object) -> None:
    contact = queries.main_contacts([proposal.id])[proposal.id]
    letters.write(
        kind, key=key, address=contact.email, about=proposal.ref(), now=now, account_id=contact.id, name=contact.name,
        proposal=proposal, **facts,  # type: ignore[arg-type]
    )  # fmt: skip


def member_invited(proposal: Proposal, asked: MemberInvitation, *, token: str, by: str, now: datetime) -> None:
    """Asks a person to work on a proposal; its link is the invitation."""
    letters.write(
        "member_invited", key=f"member_invited:{asked.id}", address=asked.email, about=proposal.ref(), now=now,
        proposal=proposal, role=asked.role.label.lower(), token=token, by=by,
        organisation=asked.participant.organisation.legal_name if asked.participant else "",
        deadline=queries.closes_at(proposal), zone=proposal.topic.call.zone,
    )  # fmt: skip


def main_contact_offered(proposal: Proposal, to: Account, *, by: str, now: datetime) -> None:
    """Tells a member that the main contact's role is offered to them."""
    letters.write(
        "main_contact_offered", key=f"main_contact_offered:{proposal.number}:{now.isoformat()}", address=to.email,
        about=proposal.ref(), now=now, account_id=to.id, name=to.name, proposal=proposal, by=by,
    )  # fmt: skip


def named(
    proposal: Proposal, organisation: Organisation, people: Sequence[Account], *, key: str, by: str, now: datetime
) -> None:
    """Tells an organisation's people that somebody who does not act for it named it in a proposal."""
    for each in people:
        letters.write(
            "named_in_proposal", key=f"named_in_proposal:{key}:{each.id}", address=each.email,
            about=organisation.ref(), now=now, account_id=each.id, name=each.name, number=proposal.number,
            acronym=proposal.acronym, topic=proposal.topic.identifier, organisation=organisation, by=by,
            deadline=queries.closes_at(proposal), zone=proposal.topic.call.zone,
        )  # fmt: skip


def stopped(
    proposal: Proposal, organisation: Organisation, *, reason: str, last: Submission | None, now: datetime
) -> None:
    """Tells the main contact that an organisation is no longer in the draft, by its own word."""
    key = f"organisation_stopped:{proposal.number}:{organisation.pic}:{now.isoformat()}"
    _write(
        "organisation_stopped", proposal, key, now=now, organisation=organisation, reason=reason, last=last,
        zone=proposal.topic.call.zone, deadline=queries.closes_at(proposal),
    )  # fmt: skip


def consent_asked(
    proposal: Proposal, organisation: Organisation, people: Sequence[Account], *, by: str, now: datetime
) -> None:
    """Asks an organisation's people whether it may be named after all."""
    for each in people:
        letters.write(
            "consent_asked", key=f"consent_asked:{proposal.number}:{organisation.pic}:{now.isoformat()}:{each.id}",
            address=each.email, about=organisation.ref(), now=now, account_id=each.id, name=each.name,
            number=proposal.number, acronym=proposal.acronym, organisation=organisation, by=by,
        )  # fmt: skip


def consent_given(proposal: Proposal, organisation: Organisation, *, now: datetime) -> None:
    """Tells the main contact that the organisation may be added again."""
    key = f"consent_given:{proposal.number}:{organisation.pic}:{now.isoformat()}"
    _write("consent_given", proposal, key, now=now, organisation=organisation)
