"""Names of participants in a blind proposal: what is looked for, reading Part B in the worker, what was found.

The words of each page are kept when a file is read, and searched whenever somebody looks: the file does not change,
its participants do. See docs/decisions/0018.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, text

from grants.accounts.models import Account
from grants.calls.facts import naming_of
from grants.calls.models import Topic
from grants.calls.states import Naming
from grants.db import db
from grants.documents.models import Document
from grants.documents.services import store_answers
from grants.documents.states import DocumentState
from grants.documents.store import Store
from grants.organisations.models import Organisation
from grants.proposals import queries
from grants.proposals.models import Attachment, Member, PartBText, Proposal, Submission
from grants.proposals.naming import (
    Mentions,
    Named,
    OrganisationNames,
    PersonNames,
    found_in,
    spellings,
    words_of_text,
)
from grants.proposals.reading import LARGEST, pages_of_pdf
from grants.queue import AWAITED, defer

#: Texts that one look for missing ones asks for.
AT_ONCE = 200
_WAITING = text(
    "NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE task_name = 'read_part_b'"
    " AND status IN ('todo', 'doing') AND lock = 'words:' || document.id)"
)


def looks_for_names(proposal: Proposal) -> bool:
    """Whether the proposal must name no participant, and this is looked for."""
    return naming_of(proposal.topic) is not None and queries.is_blind(proposal)


def mentions(proposal: Proposal, part_b: Document | None) -> Mentions | None:
    """Where the draft names a participant; None where nobody looks (participants and answers must be loaded)."""
    if not looks_for_names(proposal):
        return None
    return _mentions(proposal, proposal.title, proposal.abstract, part_b.id if part_b else None)


def mentions_of_version(proposal: Proposal, version: Submission) -> Mentions:
    """The same of a submitted version: for versions that were handed in before their Part B was read."""
    part_b = next((each.document_id for each in version.files if each.kind == "part_b"), None)
    return _mentions(proposal, version.content["title"], version.content["abstract"], part_b)


def named_in(proposal: Proposal, texts: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """Which participants other texts of the applicants name, by the texts' keys; nothing where nobody looks."""
    if not looks_for_names(proposal) or not any(texts.values()):
        return {}
    wanted = spellings(_organisations(proposal), _people(proposal))
    found = {
        key: tuple(each.name for each in found_in([words_of_text(given)], wanted)) for key, given in texts.items()
    }
    return {key: names for key, names in found.items() if names}


def _mentions(proposal: Proposal, title: str, abstract: str, part_b: int | None) -> Mentions:
    wanted = spellings(_organisations(proposal), _people(proposal))
    found: tuple[Named, ...] | None = ()
    if part_b is not None:
        pages: Sequence[str] | None = db.session.scalar(
            select(PartBText.pages).where(PartBText.document_id == part_b)
        )
        limit = queries.page_limit_of(proposal)
        found = None if pages is None else found_in(pages[:limit], wanted)
    title_has, abstract_has = (
        tuple(each.name for each in found_in([words_of_text(each)], wanted)) for each in (title, abstract)
    )
    return Mentions(title_has, abstract_has, found, has_part_b=part_b is not None)


def _organisations(proposal: Proposal) -> Iterator[OrganisationNames]:
    for row in proposal.participants:
        each: Organisation = row.organisation
        names = (each.legal_name, each.original_name, each.short_name, *each.former_names)
        yield OrganisationNames(tuple(name for name in names if name.strip()), each.legal_form, each.website)


def _people(proposal: Proposal) -> Iterator[PersonNames]:
    """Who writes the proposal, and whom Part A names as its team."""
    members = db.session.execute(
        select(Account.name, Account.email)
        .join(Member, Member.account_id == Account.id)
        .where(Member.proposal_id == proposal.id)
        .order_by(Member.id)
    )
    for name, email in members:
        yield PersonNames(name, email)
    for answer in proposal.answers:
        if answer.participant_id is not None:
            yield from _team(answer.given)


def _team(given: Any) -> Iterator[PersonNames]:
    """Rows of tables that name a person, see the column ``person`` of templates."""
    tables = [value for value in given.values() if isinstance(value, list)] if isinstance(given, dict) else []
    for row in (row for table in tables for row in table if isinstance(row, dict)):
        if row.get("person"):
            yield PersonNames(str(row["person"]), str(row.get("email") or ""), str(row.get("orcid") or ""))


def ask_for_words(document: Document, proposal: Proposal) -> None:
    """Have the worker read a Part B that must name nobody. Repeating is harmless."""
    if document.kind == "part_b" and looks_for_names(proposal):
        _ask(document.id)


def _ask(document_id: int) -> None:
    defer("read_part_b", lock=f"words:{document_id}", priority=AWAITED, document_id=document_id)


def ask_for_missing_words(*, now: datetime) -> dict[str, int]:  # noqa: ARG001 every job is told the time
    """Ask for texts that should be there: of files from before the topic became blind, or given up by the queue."""
    read = exists().where(PartBText.document_id == Document.id)
    missing = db.session.scalars(
        select(Document.id)
        .join(Attachment, Attachment.document_id == Document.id)
        .join(Proposal, Proposal.id == Attachment.proposal_id)
        .join(Topic, Topic.id == Proposal.topic_id)
        .where(
            Attachment.kind == "part_b", Attachment.removed_at.is_(None), Proposal.decided_at.is_(None),
            Document.state == DocumentState.ACCEPTED, Topic.naming != Naming.OFF, queries.blind_sql(), ~read,
            _WAITING,
        )
        .order_by(Document.id)
        .limit(AT_ONCE)
    ).all()  # fmt: skip
    for document_id in missing:
        _ask(document_id)
    return {"queued": len(missing)}


def read_part_b(document_id: int, *, store: Store, now: datetime) -> None:
    """The worker's part: keep the words of each page. Repeating is harmless. Raises Unavailable; the queue tries
    again."""
    document = db.session.get(Document, document_id, with_for_update=True)
    known = db.session.get(PartBText, document_id)
    if document is None or document.object_key is None or known is not None:
        return
    pages: list[str] = []
    if document.size <= LARGEST:
        with store_answers(), store.storage.open(document.object_key) as source:
            pages = pages_of_pdf(source.read() or b"")
    db.session.add(PartBText(document_id=document_id, pages=[words_of_text(each) for each in pages], read_at=now))
    db.session.flush()
