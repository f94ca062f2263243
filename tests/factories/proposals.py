"""Proposals for tests: complete drafts, ready to submit unless told otherwise."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from uuid import uuid4

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.proposals import queries, services
from grants.proposals.models import Attachment, BudgetLine, Member, Participant, Proposal
from grants.proposals.states import MemberRole, ParticipantRole
from tests.conftest import NOW
from tests.factories.people import actor_of, organisation, person

COUNTRIES = ("BE", "PT", "PL", "GR", "SE")


def document_of(proposal: Proposal, *, kind: str = "part_b", pages: int = 12, content: str = "") -> Document:
    """An accepted file attached to a draft (no bytes in the store)."""
    digest = sha256((content or uuid4().hex).encode()).hexdigest()
    made = Document(
        public_id=uuid4(), owner_kind="proposal", owner_key=str(proposal.number), kind=kind, name="part-b.pdf",
        state=DocumentState.ACCEPTED, media_type="application/pdf", size=1234, sha256=digest, pages=pages,
        findings=[],
        created_by_id=proposal.changed_by_id, incoming_key="incoming/" + uuid4().hex,
        object_key=f"objects/{digest[:2]}/{digest}", created_at=NOW,
        accepted_at=NOW,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    db.session.add(Attachment(proposal_id=proposal.id, document_id=made.id, kind=kind))
    db.session.flush()
    return made


def draft(of: Topic, *, main_contact: Account | None = None, partners: int = 3, complete: bool = True) -> Proposal:
    """A draft with a consortium, a budget and a Part B."""
    contact = main_contact or person()
    made = Proposal(
        topic_id=of.id, acronym="SAFEKIDS", title="A safer net", abstract="What we do.", duration_months=24,
        created_at=NOW, changed_at=NOW, changed_by_id=contact.id,
    )  # fmt: skip
    made.topic = of
    db.session.add(made)
    db.session.flush()
    db.session.add(Member(proposal_id=made.id, account_id=contact.id, role=MemberRole.MAIN_CONTACT))
    for place in range(partners):
        role = ParticipantRole.COORDINATOR if place == 0 else ParticipantRole.BENEFICIARY
        row = Participant(
            proposal_id=made.id, organisation_id=organisation(country=COUNTRIES[place % 5]).id, position=place + 1,
            role=role, funding_rate=Decimal(100), lines=[BudgetLine(category="A", amount=Decimal(100_000))],
        )  # fmt: skip
        db.session.add(row)
    db.session.flush()
    if complete:
        document_of(made)
    db.session.refresh(made)
    return made


def submitted(of: Topic, *, main_contact: Account | None = None, partners: int = 3) -> Proposal:
    """A proposal with one submitted version."""
    contact = main_contact or person()
    made = draft(of, main_contact=contact, partners=partners)
    who = actor_of(contact)
    opened = queries.open_proposal(who, made.number, now=NOW)
    services.submit_proposal(opened, actor=who, now=NOW, key=uuid4())
    return made
