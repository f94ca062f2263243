"""The signed receipt of a version: made by the worker, kept with the files. The web never loads this module.

Three steps, so that no transaction is open while a time stamp authority thinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from grants.audit import queries as audit
from grants.audit.services import record
from grants.db import db, transaction
from grants.documents.services import keep_generated
from grants.documents.store import Store
from grants.kernel.actor import SYSTEM
from grants.kernel.clock import Clock
from grants.kernel.links import Ref
from grants.proposals import queries, receipts
from grants.proposals.models import Receipt, ReceiptCertificate
from grants.settings import Settings
from grants.signing import pdfs, statements
from grants.signing.keys import SigningKey, pem, signing_key

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """What is to be signed, read from the database once."""

    ref: Ref
    name: str
    version: int
    pdf: bytes
    statement: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The two files, signed."""

    pdf: bytes
    statement: bytes
    key: SigningKey


def seal(submission_id: int, *, settings: Settings, store: Store, clock: Clock) -> None:
    """Sign the receipt of a version and keep it; harmless where there is one already.

    Raises KeyProblem, StampProblem and Unavailable (the store): the queue tries again.
    """
    with transaction():
        unsigned = _unsigned(submission_id, settings)
    if unsigned is None:
        return
    sealed = _signed(unsigned, settings, now=clock.now())
    with transaction():
        _keep(submission_id, unsigned, sealed, store=store, now=clock.now())


def _unsigned(submission_id: int, settings: Settings) -> Unsigned | None:
    submission = queries.submission_to_sign(submission_id)
    if submission is None:
        return None
    proposal, site, funder = submission.proposal, settings.base_url, settings.funder_name
    ref = proposal.ref()
    event = audit.event_with(ref, "proposal.submit", name="version", value=submission.number)
    return Unsigned(
        ref, f"receipt-{proposal.number}-{submission.number}", submission.number,
        receipts.pdf(submission, proposal, base_url=site, funder=funder),
        receipts.statement(submission, proposal, event, base_url=site, funder=funder),
    )  # fmt: skip


def _signed(unsigned: Unsigned, settings: Settings, *, now: datetime) -> Sealed:
    key = signing_key(settings, now=now)
    pdf = pdfs.sign(
        unsigned.pdf, key, name=settings.funder_name, reason="Receipt of a proposal",
        timestamp_url=settings.timestamp_url,
    )  # fmt: skip
    return Sealed(pdf, statements.sign(unsigned.statement, key), key)


def _keep(submission_id: int, unsigned: Unsigned, sealed: Sealed, *, store: Store, now: datetime) -> None:
    if queries.receipt_of(submission_id) is not None:
        return  # another worker was faster
    ref, name = unsigned.ref, unsigned.name
    pdf = keep_generated(ref, "receipt", name=f"{name}.pdf", content=sealed.pdf, now=now, store=store)
    statement = keep_generated(
        ref, "receipt", name=f"{name}.json", content=sealed.statement, now=now, store=store, media_type=JSON
    )
    made = Receipt(
        submission_id=submission_id, pdf_id=pdf.id, statement_id=statement.id, pdf_sha256=pdf.sha256,
        statement_sha256=statement.sha256, certificate_id=certificate_id(sealed.key, now=now), made_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    hashes = {"version": unsigned.version, "pdf_sha256": made.pdf_sha256, "json_sha256": made.statement_sha256}
    facts = {**hashes, "certificate_sha256": sealed.key.fingerprint}
    record(ref, "proposal.receipt_signed", actor=SYSTEM, now=now, facts=facts)


def certificate_id(key: SigningKey, *, now: datetime) -> int:
    """The row of the key's certificate, made where it is new: the site lists every one that ever signed."""
    row = {"sha256": key.fingerprint, "pem": pem(key.certificate), "first_used_at": now}
    db.session.execute(insert(ReceiptCertificate).values(row).on_conflict_do_nothing(index_elements=["sha256"]))
    known = select(ReceiptCertificate.id).where(ReceiptCertificate.sha256 == key.fingerprint)
    return db.session.scalars(known).one()
