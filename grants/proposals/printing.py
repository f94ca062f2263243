"""Making the documents of versions and drafts. The worker's part; who may ask and read is decided elsewhere."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from grants.calls.models import Topic
from grants.calls.parta.definition import Form, form_of
from grants.db import db
from grants.documents import queries as documents
from grants.documents.rules import KINDS
from grants.documents.services import keep_generated
from grants.documents.store import Store
from grants.kernel.clock import Clock
from grants.proposals import bundles, facts, papers, part_a, queries
from grants.proposals.bundles import Piece
from grants.proposals.models import Proposal, Submission, SubmissionFile, SubmissionPaper
from grants.settings import Settings
from grants.web.filters import instant
from uploads.kinds import PDF, ZIP

#: An archive above this size is written to a file instead of memory, in bytes.
IN_MEMORY = 8 * 1024**2


def make_papers(submission_id: int, *, settings: Settings, store: Store, clock: Clock) -> None:
    """Part A, the bundle and the archive of a version; harmless where they are there. Raises Unavailable."""
    submission = _version(submission_id)
    if submission is None or papers.of_version(submission_id).documents:
        return
    frame, content = _frame_of_version(submission, settings), submission.content
    first = part_a.pdf(content, frame)
    pieces = [_piece(each) for each in submission.files]
    title = f"Proposal {content['number']} {content['acronym']}, version {submission.number}"
    whole = bundles.bundle(
        first, pieces, store.storage, title=title, state=frame.state_line, funder=settings.funder_name
    )
    now, name = clock.now(), f"{content['number']}-{submission.number}"
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as packed:
        file = cast(BinaryIO, packed)
        data = rfc8785.dumps(content)
        bundles.archive(file, data, first, pieces, store.storage, made=submission.submitted_at)
        files: list[tuple[str, str, bytes | BinaryIO, str]] = [
            ("part_a", f"{name} Part A.pdf", first, PDF), ("bundle", f"{name}.pdf", whole, PDF),
            ("archive", f"{name}.zip", file, ZIP),
        ]  # fmt: skip
        for kind, label, made, media_type in files:
            kept = keep_generated(
                submission.proposal.ref(), kind, name=label, content=made, now=now, store=store, media_type=media_type
            )
            db.session.add(SubmissionPaper(submission_id=submission_id, kind=kind, document_id=kept.id, made_at=now))
    db.session.flush()


def make_preview(proposal_id: int, *, settings: Settings, store: Store, clock: Clock) -> None:
    """Part A of the draft as it stands; the print before it is no longer listed. Raises Unavailable."""
    proposal = db.session.get(Proposal, proposal_id)
    if proposal is None:
        return
    now = clock.now()
    frame = _frame(
        proposal.topic, settings, "draft",
        f"A draft as it stood {instant(now, proposal.topic.call.zone, seconds=True)}. It is not submitted.",
        number=proposal.topic.form_number,
    )  # fmt: skip
    for old in documents.documents_of(proposal.ref(), kind=papers.PREVIEW):
        old.removed_at = now
    made = part_a.pdf(facts.snapshot(proposal), frame)
    name = f"{proposal.number} draft.pdf"
    keep_generated(proposal.ref(), papers.PREVIEW, name=name, content=made, now=now, store=store)


def _version(submission_id: int) -> Submission | None:
    topic = joinedload(Submission.proposal).joinedload(Proposal.topic)
    return db.session.scalar(
        select(Submission)
        .where(Submission.id == submission_id)
        .options(
            topic.joinedload(Topic.call), topic.selectinload(Topic.categories),
            selectinload(Submission.files).joinedload(SubmissionFile.document),
        )
    )  # fmt: skip


def _frame_of_version(submission: Submission, settings: Settings) -> part_a.Frame:
    topic = submission.proposal.topic
    received = instant(submission.submitted_at, topic.call.zone, seconds=True)
    utc = instant(submission.submitted_at, "UTC", seconds=True)
    line = f"Version {submission.number}, received {received} ({utc}). Receipt code {submission.code}."
    number = submission.content.get("form", topic.form_number)
    return _frame(topic, settings, f"version {submission.number}", line, number=number)


def _frame(topic: Topic, settings: Settings, state: str, line: str, *, number: int) -> part_a.Frame:
    names = {each.code: each.name for each in sorted(topic.categories, key=lambda each: each.position)}
    return part_a.Frame(settings.funder_name, topic.title, names, state, line, _form(topic, number))


def _form(topic: Topic, number: int) -> Form:
    """The questions as they were under this number; those of now where they were never published."""
    known = queries.form_version(topic.id, number)
    return form_of(known.definition if known else topic.form)


def _piece(file: SubmissionFile) -> Piece:
    document = file.document
    if document.object_key is None:
        raise ValueError(f"file {file.id} of a version is not in the store")
    return Piece(KINDS[file.kind].label, file.name, document.media_type, file.size, document.object_key)
