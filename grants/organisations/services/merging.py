"""Two entries become one: everything that referred to the one refers to the other, in one transaction.

Both PICs stay: the entry that was merged keeps its data, points to the one that took it over, and is found as it.
The audit event of each of the two lists every row that moved. Source: domain.md 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from grants.audit.services import record
from grants.db import db
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding, blocking
from grants.organisations import access, queries
from grants.organisations.holdings import Holding, holders
from grants.organisations.models import (
    BankAccount,
    DuplicatePair,
    Organisation,
    Representative,
    RepresentativeInvitation,
)
from grants.organisations.rules import Comparison, compare, masked_iban
from grants.organisations.services.pairs import propose_pair
from grants.organisations.services.registry import PROVEN
from grants.organisations.states import PAIR, VALIDATION, PairState, ValidationState
from grants.queue import recheck_conflicts

#: Filled in the entry that stays where it has nothing.
_FILLED = (
    "original_name", "short_name", "legal_form", "registration_number", "vat", "ror", "lei", "address", "postcode",
    "city", "nuts", "website",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do: what moves, which empty fields are filled, and what stands against it."""

    comparison: Comparison
    moves: Sequence[Holding]
    filled: dict[str, str]
    problems: Sequence[Finding]


def preview(kept: Organisation, merged: Organisation) -> Preview:
    """What merging ``merged`` into ``kept`` would do. Changes nothing."""
    problems = [finding for holder in holders() for finding in holder.clashes(kept.id, merged.id)]
    if kept.id == merged.id or kept.superseded_by_id or merged.superseded_by_id:
        problems.insert(0, Finding("merged-already", "One of the two was merged already. Reload the page."))
    moves = [*_own(merged), *(row for holder in holders() for row in holder.held(merged.id))]
    filled = {name: getattr(merged, name) for name in _FILLED if not getattr(kept, name) and getattr(merged, name)}
    return Preview(compare(kept.entry(), merged.entry()), moves, filled, problems)


def merge(
    kept: Organisation, merged: Organisation, *, despite_contradiction: bool = False, actor: Actor, now: datetime
) -> Preview:
    """Merge. Raises Invalid where both stand in one proposal or project, and where identifiers contradict, unless the
    officer confirmed that they belong to one organisation all the same."""
    access.is_officer(actor).require()
    for identity in sorted((kept.id, merged.id)):  # always in this order: two officers cannot block each other
        locked = select(Organisation).where(Organisation.id == identity).with_for_update()
        db.session.scalars(locked.execution_options(populate_existing=True)).one()
    plan = preview(kept, merged)
    problems = blocking(plan.problems)
    if plan.comparison.contradict and not despite_contradiction:
        names = ", ".join(name.replace("_", " ").upper() for name in plan.comparison.contradict)
        message = f"The two have different numbers ({names}). Confirm below that it is one organisation all the same."
        problems.append(Finding("contradiction", message, place="despite_contradiction"))
    if problems:
        raise Invalid(problems)
    _move_own(kept, merged, now=now)
    for holder in holders():
        holder.move(kept.id, merged.id)
    _take_over(kept, merged, plan.filled, actor=actor, now=now)
    _settle_pairs(kept, merged, actor=actor, now=now)
    moved = [{"table": each.table, "id": each.id} for each in plan.moves]
    facts = {"merged": merged.pic, "kept": kept.pic, "moved": moved, "filled": plan.filled}
    record(kept.ref(), "organisation.took_over", actor=actor, now=now, facts=facts)
    record(merged.ref(), "organisation.merged", actor=actor, now=now, facts=facts)
    db.session.flush()
    recheck_conflicts("organisation", kept.id)
    return plan


def _own(merged: Organisation) -> list[Holding]:
    """The registry's own rows about an entry. People are counted, not named: an officer need not know them."""
    people = select(Representative.id).where(Representative.organisation_id == merged.id).order_by(Representative.id)
    rows = [Holding("representative", each, "A person who acts for it") for each in db.session.scalars(people)]
    asked = queries.invitations_of(merged.id)
    rows += [Holding("representative_invitation", each.id, "A person who was asked to act for it") for each in asked]
    rows += [Holding("document", each.id, f"Paper: {each.name}") for each in queries.papers_of(merged)]
    accounts = queries.bank_accounts_of(merged.id)
    rows += [Holding("bank_account", each.id, f"Bank account {masked_iban(each.iban)}") for each in accounts]
    earlier = queries.taken_over(merged.id)
    return rows + [Holding("organisation", each.id, f"{each.legal_name}, merged earlier") for each in earlier]


def _move_own(kept: Organisation, merged: Organisation, *, now: datetime) -> None:
    """Rows that the one who stays has already are not doubled: a person acts for it once."""
    for table, column in (
        (Representative, Representative.account_id),
        (RepresentativeInvitation, RepresentativeInvitation.email),
    ):
        there = select(column).where(table.organisation_id == kept.id)
        db.session.execute(delete(table).where(table.organisation_id == merged.id, column.in_(there)))
        db.session.execute(update(table).where(table.organisation_id == merged.id).values(organisation_id=kept.id))
    known = select(BankAccount.iban).where(BankAccount.organisation_id == kept.id, BankAccount.removed_at.is_(None))
    twice = (BankAccount.organisation_id == merged.id, BankAccount.removed_at.is_(None), BankAccount.iban.in_(known))
    db.session.execute(update(BankAccount).where(*twice).values(removed_at=now))
    db.session.execute(
        update(BankAccount).where(BankAccount.organisation_id == merged.id).values(organisation_id=kept.id)
    )
    papers = (Document.owner_kind == merged.papers().kind, Document.owner_key == merged.papers().key)
    db.session.execute(update(Document).where(*papers).values(owner_key=kept.papers().key))
    earlier = update(Organisation).where(Organisation.superseded_by_id == merged.id)
    db.session.execute(earlier.values(superseded_by_id=kept.id))


def _take_over(
    kept: Organisation, merged: Organisation, filled: dict[str, str], *, actor: Actor, now: datetime
) -> None:
    """What fills an empty field was proven by nobody's papers: a validated entry is validated again."""
    if kept.state is ValidationState.VALIDATED and filled.keys() & PROVEN:
        VALIDATION.go(kept, "change", actor=actor, now=now, reason=f"Merged with PIC {merged.pic}")
    for name, value in filled.items():
        setattr(kept, name, value)
    names = (*kept.former_names, *merged.former_names, merged.legal_name, merged.original_name, merged.short_name)
    kept.former_names = list(dict.fromkeys(name for name in names if name))
    merged.superseded_by_id, merged.superseded_at = kept.id, now


def _settle_pairs(kept: Organisation, merged: Organisation, *, actor: Actor, now: datetime) -> None:
    """The pair of the two is merged; other proposals about the entry that is gone are no longer asked."""
    pair = propose_pair(kept, merged, now=now)
    if pair.state is not PairState.MERGED:
        PAIR.go(pair, "merge", actor=actor, now=now)
        pair.decided_at = now
    about = or_(DuplicatePair.first_id == merged.id, DuplicatePair.second_id == merged.id)
    db.session.execute(delete(DuplicatePair).where(about, DuplicatePair.state == PairState.PROPOSED))
