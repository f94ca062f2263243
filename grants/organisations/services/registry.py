"""Adding and changing entries of the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.findings import Finding
from grants.organisations import access, queries
from grants.organisations.models import Organisation, pic_sequence
from grants.organisations.rules import is_pic, read_lei, read_ror, read_vat
from grants.organisations.services.pairs import propose_duplicates
from grants.organisations.services.people import add_representative
from grants.organisations.states import VALIDATION, OrganisationKind, ValidationState
from grants.queue import recheck_conflicts

#: What people may change, apart from the numbers that are read by rules.
TEXTS = (
    "legal_name", "original_name", "short_name", "legal_form", "registration_number", "country", "address",
    "postcode", "city", "nuts", "website",
)  # fmt: skip
FLAGS = ("sme", "public_body", "nonprofit", "law_enforcement", "natural_person", "international")
#: What conflicts of interest are found by where an employer is not named by its PIC.
NAMES = frozenset({"legal_name", "original_name", "short_name"})
#: What papers prove: whoever changes it must prove it anew.
PROVEN = frozenset({"legal_name", "original_name", "legal_form", "registration_number", "vat", "country", "kind"})


def add_organisation(
    *,
    legal_name: str,
    country: str,
    kind: OrganisationKind,
    actor: Actor,
    now: datetime,
    pic: str | None = None,
    act_for: bool = True,
    despite_same_name: bool = False,
    **values: Any,
) -> Organisation:
    """Add one; a PIC is assigned unless an imported one is given. The actor acts for it unless told otherwise.

    ``values``: any of ``TEXTS``, ``FLAGS``, ``vat``, ``ror``, ``lei``. Raises Invalid (code ``same-name``) when one
    of this name and country exists, unless the person confirmed; and for numbers that cannot be right.
    """
    if pic is not None and not is_pic(pic):
        raise Invalid(Finding("bad-pic", "A PIC has nine digits.", place="pic"))
    if not despite_same_name and (known := queries.same_name(legal_name, country)):
        message = f"{known.legal_name} is in the registry already, PIC {known.pic}. Use it, or tick the box below."
        raise Invalid(Finding("same-name", message, place="legal_name"))
    given = _read({"legal_name": legal_name, "country": country, "kind": kind, **values}, country)
    organisation = Organisation(
        pic=pic or str(db.session.scalar(select(pic_sequence.next_value()))), created_at=now, created_by_id=actor.id,
        **given,
    )  # fmt: skip
    db.session.add(organisation)
    db.session.flush()
    record(organisation.ref(), "organisation.added", actor=actor, now=now)
    if act_for and actor.id is not None:
        add_representative(organisation, actor.id, actor=actor, now=now)
    propose_duplicates(organisation, now=now)
    return organisation


def change_organisation(
    organisation: Organisation, *, values: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Change what ``values`` names. Raises Refused for people who do not act for it, Invalid for wrong numbers.

    When something changes that papers proved, the organisation has to be validated again.
    """
    access.may_change(actor, organisation.id).require()
    refresh_locked(organisation)
    if organisation.superseded_by_id is not None:
        raise NotFound
    new = _read(values, values.get("country", organisation.country))
    before = {
        name: getattr(organisation, name) for name, value in new.items() if getattr(organisation, name) != value
    }
    if not before:
        return
    for name, value in new.items():
        setattr(organisation, name, value)
    record(organisation.ref(), "organisation.changed", actor=actor, now=now, facts={"before": before})
    if organisation.state is ValidationState.VALIDATED and before.keys() & PROVEN:
        changed = ", ".join(sorted(before.keys() & PROVEN)).replace("_", " ")
        VALIDATION.go(organisation, "change", actor=actor, now=now, reason=f"Changed: {changed}")
    db.session.flush()
    propose_duplicates(organisation, now=now)
    if before.keys() & NAMES:
        recheck_conflicts("organisation", organisation.id)


def _read(values: Mapping[str, Any], country: str) -> dict[str, Any]:
    """The given values as they are kept. Raises Invalid with one finding for each number that cannot be right."""
    given = {name: values[name].strip() for name in TEXTS if name in values}
    given |= {name: bool(values[name]) for name in FLAGS if name in values}
    if "kind" in values:
        given["kind"] = values["kind"]
    if "nuts" in given:
        given["nuts"] = given["nuts"].upper()
    readers: dict[str, Callable[[str], str]] = {
        "vat": lambda text: read_vat(text, country), "ror": read_ror, "lei": read_lei
    }  # fmt: skip
    findings = []
    for name, read in readers.items():
        if name in values:
            try:
                given[name] = read(values[name] or "")
            except ValueError as problem:
                findings.append(Finding(f"bad-{name}", str(problem), place=name, source="domain.md 14"))
    if findings:
        raise Invalid(findings)
    return given
