"""What proves an organisation: papers, the officer's decision about them, and who controls it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grants.accounts.queries import actor_now
from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, Refused
from grants.kernel.findings import Finding
from grants.organisations import access, mails, queries
from grants.organisations.models import Organisation, OrganisationOwner
from grants.organisations.states import VALIDATION


def attach_paper(document: Document, *, now: datetime) -> None:
    """An accepted file is one of the organisation's papers from now on. Raises Refused where they are handed in."""
    organisation = db.session.get_one(Organisation, int(document.owner_key))
    refresh_locked(organisation)  # nobody hands in between the check and the commit
    actor = queries.with_organisations(actor_now(document.created_by_id or 0))
    access.may_change_papers(actor, organisation.id, organisation.state).require()
    facts = {"name": document.name, "sha256": document.sha256}
    record(organisation.ref(), "organisation.paper_added", actor=actor, now=now, facts=facts)


def remove_paper(organisation: Organisation, document: Document, *, actor: Actor, now: datetime) -> None:
    """Take a paper back before it is handed in."""
    access.may_change_papers(actor, organisation.id, organisation.state).require()
    document.removed_at = now
    facts = {"name": document.name, "sha256": document.sha256}
    record(organisation.ref(), "organisation.paper_removed", actor=actor, now=now, facts=facts)


def hand_in(organisation: Organisation, *, actor: Actor, now: datetime) -> None:
    """Ask the funder to validate with the papers that are there. Raises Invalid without any."""
    refresh_locked(organisation)
    access.may_change_papers(actor, organisation.id, organisation.state).require()
    papers = queries.papers_of(organisation)
    if not papers:
        message = "Add at least one paper first, such as an extract from the register or the statutes."
        raise Invalid(Finding("no-papers", message, place="file", source="domain.md 5"))
    VALIDATION.go(organisation, "hand_in", actor=actor, now=now, papers=[each.sha256 for each in papers])


def validate(organisation: Organisation, *, actor: Actor, now: datetime) -> None:
    """The papers prove the legal data. Raises Refused for who is no officer, or acts for the organisation."""
    _decide(organisation, "validate", reason="", actor=actor, now=now)


def refuse(organisation: Organisation, *, reason: str, actor: Actor, now: datetime) -> None:
    """The papers do not prove the legal data; the organisation's people read why and may hand in again."""
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say what is missing or wrong.", place="reason"))
    _decide(organisation, "refuse", reason=reason.strip(), actor=actor, now=now)


def _decide(organisation: Organisation, action: str, *, reason: str, actor: Actor, now: datetime) -> None:
    access.may_validate(actor, organisation.id).require()
    refresh_locked(organisation)
    if organisation.superseded_by_id is not None:
        raise Refused("merged", "This entry was merged into another one.", status=409)
    papers = [each.sha256 for each in queries.papers_of(organisation)]
    VALIDATION.go(organisation, action, actor=actor, now=now, reason=reason, papers=papers)
    organisation.validation_reason = reason
    mails.decided(organisation, queries.representatives_of(organisation.id), now=now)


def declare_control(
    organisation: Organisation,
    *,
    controlled_outside_eu: bool,
    owners: Sequence[tuple[str, str]],
    actor: Actor,
    now: datetime,
) -> None:
    """Declare who owns the organisation, as (name, country), and whether it is controlled from outside the EU.

    Raises Invalid where outside control is declared without naming an owner. Source: domain.md 4.3, Art. 22(5).
    """
    access.may_change(actor, organisation.id).require()
    named = [(name.strip(), country) for name, country in owners if name.strip()]
    if controlled_outside_eu and not named:
        message = "Name at least one owner: the funder must know who controls the organisation."
        raise Invalid(Finding("no-owner", message, place="owners", source="domain.md 4.3"))
    refresh_locked(organisation)
    organisation.owners.clear()
    db.session.flush()
    organisation.owners.extend(
        OrganisationOwner(position=position, name=name, country=country)
        for position, (name, country) in enumerate(named, start=1)
    )
    organisation.controlled_outside_eu = controlled_outside_eu
    organisation.control_declared_at, organisation.control_declared_by_id = now, actor.id
    facts = {"controlled_outside_eu": controlled_outside_eu, "owners": [list(each) for each in named]}
    record(organisation.ref(), "organisation.control_declared", actor=actor, now=now, facts=facts)
