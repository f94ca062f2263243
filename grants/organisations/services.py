"""Adding and changing organisations; acting for one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from grants.audit.services import record
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.organisations import access, queries
from grants.organisations.models import Organisation, Representative, pic_sequence
from grants.organisations.rules import is_pic
from grants.organisations.states import OrganisationKind


def add_organisation(
    *,
    legal_name: str,
    country: str,
    kind: OrganisationKind,
    actor: Actor,
    now: datetime,
    sme: bool = False,
    short_name: str = "",
    city: str = "",
    website: str = "",
    pic: str | None = None,
    act_for: bool = True,
    despite_same_name: bool = False,
) -> Organisation:
    """Add one; a PIC is assigned unless an imported one is given. The actor acts for it unless told otherwise.

    Raises Invalid (code ``same-name``) when one of this name and country exists, unless the person confirmed.
    """
    if pic is not None and not is_pic(pic):
        raise Invalid(Finding("bad-pic", "A PIC has nine digits.", place="pic"))
    if not despite_same_name and (known := queries.same_name(legal_name, country)):
        message = f"{known.legal_name} is in the registry already, PIC {known.pic}. Use it, or tick the box below."
        raise Invalid(Finding("same-name", message, place="legal_name"))
    organisation = Organisation(
        pic=pic or str(db.session.scalar(select(pic_sequence.next_value()))), legal_name=legal_name.strip(),
        short_name=short_name.strip(), country=country, city=city.strip(), website=website.strip(), kind=kind,
        sme=sme, created_at=now, created_by_id=actor.id,
    )  # fmt: skip
    db.session.add(organisation)
    db.session.flush()
    record(organisation.ref(), "organisation.added", actor=actor, now=now)
    if act_for and actor.id is not None:
        add_representative(organisation, actor.id, actor=actor, now=now)
    return organisation


def change_organisation(
    organisation: Organisation,
    *,
    legal_name: str,
    country: str,
    kind: OrganisationKind,
    sme: bool,
    short_name: str,
    city: str,
    website: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the legal data. Raises Refused for people who do not act for it."""
    access.may_change(actor, organisation.id).require()
    new = {
        "legal_name": legal_name.strip(), "country": country, "kind": kind, "sme": sme,
        "short_name": short_name.strip(), "city": city.strip(), "website": website.strip(),
    }  # fmt: skip
    before = {
        name: getattr(organisation, name) for name, value in new.items() if getattr(organisation, name) != value
    }
    for name, value in new.items():
        setattr(organisation, name, value)
    if before:
        record(organisation.ref(), "organisation.changed", actor=actor, now=now, facts={"before": before})


def add_representative(organisation: Organisation, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a person act for an organisation; doing it again is harmless."""
    known = select(Representative.id).where(
        Representative.organisation_id == organisation.id, Representative.account_id == account_id
    )
    if db.session.scalar(known) is not None:
        return
    db.session.add(Representative(organisation_id=organisation.id, account_id=account_id, since=now))
    record(organisation.ref(), "organisation.representative", actor=actor, now=now, facts={"account": account_id})
