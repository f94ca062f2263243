"""Bank accounts: added and removed by the organisation's people, never changed. The trail holds them masked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.findings import Finding
from grants.organisations import access, mails, queries
from grants.organisations.models import BankAccount, Organisation
from grants.organisations.rules import masked_iban, read_bic, read_iban


def add_bank_account(
    organisation: Organisation, *, iban: str, bic: str, holder: str, actor: Actor, now: datetime
) -> BankAccount:
    """Add an account; everybody who acts for the organisation gets a letter, so that a false one is noticed.

    Raises Invalid for numbers that cannot be right and for an account that is there.
    """
    access.may_change_bank(actor, organisation.id).require()
    refresh_locked(organisation)
    findings, kept = [], {}
    for name, read, text in (("iban", read_iban, iban), ("bic", read_bic, bic)):
        try:
            kept[name] = read(text)
        except ValueError as problem:
            findings.append(Finding(f"bad-{name}", str(problem), place=name, source="domain.md 14"))
    if not holder.strip():
        findings.append(Finding("no-holder", "Enter the holder as the bank writes it.", place="holder"))
    if any(each.iban == kept.get("iban") for each in queries.bank_accounts_of(organisation.id)):
        findings.append(Finding("known", "This account is there already.", place="iban"))
    if findings:
        raise Invalid(findings)
    account = BankAccount(
        organisation_id=organisation.id, holder=holder.strip(), added_at=now, added_by_id=actor.id, **kept
    )
    db.session.add(account)
    db.session.flush()
    shown = masked_iban(account.iban)
    facts = {"bank_account": account.id, "iban": shown}
    record(organisation.ref(), "organisation.bank_added", actor=actor, now=now, facts=facts)
    people = queries.representatives_of(organisation.id)
    mails.bank_account_added(organisation, people, number=account.id, shown=shown, by=actor.name, now=now)
    return account


def remove_bank_account(organisation: Organisation, account_id: int, *, actor: Actor, now: datetime) -> None:
    """No money goes there any more; the row stays for what was paid. Raises NotFound."""
    access.may_change_bank(actor, organisation.id).require()
    own = (BankAccount.organisation_id == organisation.id, BankAccount.removed_at.is_(None))
    account = db.session.scalar(select(BankAccount).where(BankAccount.id == account_id, *own).with_for_update())
    if account is None:
        raise NotFound
    account.removed_at = now
    facts = {"bank_account": account.id, "iban": masked_iban(account.iban)}
    record(organisation.ref(), "organisation.bank_removed", actor=actor, now=now, facts=facts)


def bank_shown(organisation: Organisation, *, actor: Actor, now: datetime) -> None:
    """Write down that somebody of the funder read whole account numbers."""
    if organisation.id not in actor.organisations:
        record(organisation.ref(), "organisation.bank_shown", actor=actor, now=now)
