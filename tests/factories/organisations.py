"""What belongs to organisations, for tests."""

from __future__ import annotations

from uuid import uuid4

from grants.accounts.models import Account
from grants.db import db
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.organisations.models import BankAccount, Organisation
from grants.organisations.queries import PAPER
from tests.conftest import NOW

#: Numbers with right check digits that belong to nobody: from the standards' own examples.
IBAN, OTHER_IBAN = "BE71096123456769", "DE89370400440532013000"
VAT, OTHER_VAT = "BE0428759497", "BE0403019261"


def organisation_paper(organisation: Organisation, by: Account, name: str = "Register.pdf") -> Document:
    """An accepted paper of an organisation, without bytes in the store."""
    digest = uuid4().hex * 2
    made = Document(
        public_id=uuid4(), owner_kind="organisation", owner_key=organisation.papers().key, kind=PAPER, name=name,
        state=DocumentState.ACCEPTED, media_type="application/pdf", size=10, sha256=digest, pages=1, findings=[],
        created_by_id=by.id, incoming_key="incoming/" + uuid4().hex, object_key=f"objects/{digest[:2]}/{digest}",
        created_at=NOW, accepted_at=NOW,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def bank_account(organisation: Organisation, by: Account, iban: str = IBAN) -> BankAccount:
    """An account in use."""
    made = BankAccount(
        organisation_id=organisation.id, iban=iban, bic="", holder=organisation.legal_name, added_at=NOW,
        added_by_id=by.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made
