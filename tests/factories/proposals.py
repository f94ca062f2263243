"""Proposals for tests: complete drafts, ready to submit unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import uuid4

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.calls.parta.definition import Field, FieldKind, Scope, form_of
from grants.db import db
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.proposals import queries, services
from grants.proposals.models import Answer, Attachment, BudgetLine, Member, Participant, Proposal
from grants.proposals.states import MemberRole, ParticipantRole
from tests.conftest import NOW
from tests.factories.people import actor_of, organisation, person

#: Questions of yes or no that are answered with yes by whoever applies in good faith.
AGREED = frozenset({"consent", "information_correct", "not_excluded", "no_double_funding", "certificate"})
COUNTRIES = ("BE", "PT", "PL", "GR", "SE")


def document_of(
    proposal: Proposal, *, kind: str = "part_b", pages: int = 12, content: str = "", annex: str = ""
) -> Document:
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
    db.session.add(Attachment(proposal_id=proposal.id, document_id=made.id, kind=kind, annex=annex))
    db.session.flush()
    return made


def draft(
    of: Topic, *, main_contact: Account | None = None, partners: int = 3, complete: bool = True,
    answers: Mapping[str, Any] | None = None,
) -> Proposal:  # fmt: skip
    """A draft with a consortium, a budget and a Part B; ``answers``: of Part A, by field."""
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
            role=role, funding_rate=Decimal(100),
            lines=[BudgetLine(category="A", amount=Decimal(100_000), quantity=Decimal(20))],
        )  # fmt: skip
        db.session.add(row)
    db.session.flush()
    if complete:
        document_of(made)
        db.session.refresh(made)
        answer_part_a(made, **(answers or {}))
    db.session.refresh(made)
    return made


def answer_part_a(proposal: Proposal, **other: Any) -> None:
    """Every question of Part A answered in a way that stands in nobody's way; ``other``: answers by field. Files that
    are asked for are uploaded."""
    form = form_of(proposal.topic.form)
    for section in form.sections:
        whose = proposal.participants if section.scope is Scope.PARTICIPANT else [None]
        given = {field.key: other.get(field.key, _answer(field)) for field in section.fields}
        for each in whose:
            db.session.add(
                Answer(
                    proposal_id=proposal.id, participant_id=each.id if each else None, section=section.key,
                    given=given, changed_at=NOW, changed_by_id=proposal.changed_by_id,
                )
            )  # fmt: skip
    for code in [each["code"] for each in proposal.topic.annexes if each.get("required")]:
        document_of(proposal, kind="annex", annex=code)
    db.session.flush()
    db.session.expire(proposal, ["answers", "attachments"])


def _answer(field: Field) -> Any:
    """A plain answer of the field's kind; to a question of yes or no: yes where it is a declaration, else no."""
    match field.kind:
        case FieldKind.YES_NO:
            return "yes" if field.key in AGREED else "no"
        case FieldKind.NUMBER:
            return str(field.minimum if field.minimum is not None else 1)
        case FieldKind.DATE:
            return "2026-01-31"
        case FieldKind.CHOICE:
            return field.choices[0].value
        case FieldKind.CHOICES:
            return [field.choices[0].value]
        case FieldKind.TABLE:
            return [{column.key: _answer(column) for column in field.columns}]
    return "As planned"


def submitted(
    of: Topic, *, main_contact: Account | None = None, partners: int = 3, answers: Mapping[str, Any] | None = None
) -> Proposal:
    """A proposal with one submitted version."""
    contact = main_contact or person()
    made = draft(of, main_contact=contact, partners=partners, answers=answers)
    who = actor_of(contact)
    opened = queries.open_proposal(who, made.number, now=NOW)
    services.submit_proposal(opened, actor=who, now=NOW, key=uuid4())
    return made
