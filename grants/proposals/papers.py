"""Documents that are made from a version or a draft: asking for them, and how they stand. The worker makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from grants.db import db
from grants.documents import queries as documents
from grants.documents.models import Document
from grants.proposals.models import Proposal, SubmissionPaper
from grants.queue import defer

#: In the order of the page.
PAPERS = ("part_a", "bundle", "archive")
PREVIEW = "preview"
#: Two ways to ask, so that each finds an index: the queue keeps what is done.
_WAITING = text(
    "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND lock = :lock)"
    " OR EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND lock = :lock)"
)


@dataclass(frozen=True, slots=True)
class Papers:
    """The documents of a version by kind; all or none. ``waiting``: the worker has been asked."""

    documents: Mapping[str, Document]
    waiting: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The last print of a draft, and whether a new one is being made."""

    document: Document | None
    waiting: bool


def of_version(submission_id: int) -> Papers:
    """How the documents of a version stand."""
    rows = db.session.scalars(
        select(SubmissionPaper)
        .where(SubmissionPaper.submission_id == submission_id)
        .options(joinedload(SubmissionPaper.document))
    )
    made = {each.kind: each.document for each in rows}
    return Papers(made, not made and _waits(f"papers:{submission_id}"))


def preview_of(proposal: Proposal) -> Preview:
    """How the print of a draft stands."""
    made = documents.documents_of(proposal.ref(), kind=PREVIEW)
    return Preview(made[-1] if made else None, _waits(f"preview:{proposal.id}"))


def ask_for_papers(submission_id: int) -> None:
    """Let the worker make the documents of a version. Repeating is harmless."""
    if not of_version(submission_id).documents and not _waits(f"papers:{submission_id}"):
        defer("make_papers", lock=f"papers:{submission_id}", submission_id=submission_id)


def ask_for_preview(proposal: Proposal) -> None:
    """Let the worker print the draft as it stands when it comes to it. Repeating is harmless."""
    if not _waits(f"preview:{proposal.id}"):
        defer("make_preview", lock=f"preview:{proposal.id}", proposal_id=proposal.id)


def _waits(lock: str) -> bool:
    return bool(db.session.scalar(_WAITING, {"lock": lock}))
