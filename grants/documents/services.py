"""The way of a file: expected, received, checked, accepted or refused. Who may do it is checked by the owner.

Source: the design's "way of a file". Nothing trusts what the browser said about the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import SEEK_END
from typing import BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import and_, exists, func, or_, select

from grants.audit.services import record
from grants.db import db, refresh_locked
from grants.documents import owners, queries
from grants.documents.models import Document
from grants.documents.rules import (
    CHECKED_AT_ONCE,
    DOWNLOAD_AGE,
    FORGOTTEN,
    KINDS,
    ORPHAN_AGE,
    PASSING,
    UPLOAD_AGE,
)
from grants.documents.states import DOCUMENT, DocumentState
from grants.documents.store import Store
from grants.kernel.actor import SYSTEM, Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Unavailable
from grants.kernel.findings import Finding
from grants.kernel.links import Ref
from grants.queue import URGENT, defer
from uploads.errors import Mismatch, Missing, ScannerUnavailable, StoreUnavailable
from uploads.intake import keep, take_in
from uploads.kinds import EXTENSIONS, PDF, UNKNOWN
from uploads.names import extension, safe_name
from uploads.port import Ticket, incoming_key, incoming_of
from uploads.sweep import sweep as sweep_store

#: Most files that one run of the sweep discards.
AT_ONCE = 500


def expect(
    owner: Ref,
    kind: str,
    *,
    name: str,
    size: int,
    sha256: str | None,
    actor: Actor,
    now: datetime,
    store: Store,
    part: str = "",
) -> tuple[Document, Ticket]:
    """Prepare for a file that the browser will send straight to the store. ``part``: which of several wanted files it
    is, in the owner's words. Raises Invalid, Unavailable."""
    document = _new(owner, kind, name=name, size=size, sha256=sha256, actor=actor, now=now, store=store)
    document.part = part
    with store_answers():
        ticket = store.storage.ticket(
            document.incoming_key, size=size, media_type=document.media_type, expires=UPLOAD_AGE
        )
    document.multipart_id = ticket.upload_id
    db.session.add(document)
    db.session.flush()
    return document, ticket


def interrupted(
    public_id: UUID, owner: Ref, kind: str, *, name: str, size: int, actor: Actor, part: str = ""
) -> Document | None:
    """The person's own large upload of this very file that was broken off: it goes on where it stopped."""
    document = queries.document(public_id)
    same = document is not None and (
        document.owner_kind, document.owner_key, document.kind, document.part, document.name, document.size,
        document.created_by_id,
    ) == (owner.kind, owner.key, kind, part, safe_name(name), size, actor.id)  # fmt: skip
    if document is None or not same or document.multipart_id is None or document.state is not DocumentState.EXPECTED:
        return None
    return document


def _new(
    owner: Ref, kind: str, *, name: str, size: int, sha256: str | None, actor: Actor, now: datetime, store: Store
) -> Document:
    """The row of a file to come. Raises Invalid for what can be refused before a byte is sent."""
    name = safe_name(name)
    ending = extension(name)
    if findings := _before_sending(kind, ending, size, store.limit(kind).most_bytes):
        raise Invalid(findings)
    return Document(
        public_id=uuid4(), owner_kind=owner.kind, owner_key=owner.key, kind=kind, name=name, size=size, sha256=sha256,
        media_type=EXTENSIONS.get(ending, UNKNOWN), incoming_key=incoming_key(), created_at=now,
        created_by_id=actor.id, state=DocumentState.EXPECTED, findings=[],
    )  # fmt: skip


def _before_sending(kind: str, ending: str, size: int, most: int) -> list[Finding]:
    wanted = KINDS[kind]
    if ending not in wanted.endings:
        return [Finding("type-not-allowed", f"Choose a file of one of these types: {wanted.words}.", place="file")]
    if size <= 0:
        return [Finding("empty", "This file is empty. Choose the right one.", place="file")]
    if size > most:
        limit = f"{most // 1024**2} MB"
        return [
            Finding("too-large", f"This file is larger than {limit}. Make it smaller, then try again.", place="file")
        ]
    return []


def part_address(document: Document, number: int, *, store: Store) -> str:
    """A fresh address for one part of a large file. Raises Refused when the upload is over."""
    if document.state is not DocumentState.EXPECTED or document.multipart_id is None:
        raise Refused("upload-over", "This upload is over. Choose the file again.", status=409)
    with store_answers():
        return store.storage.part_url(document.incoming_key, document.multipart_id, number, expires=UPLOAD_AGE)


def arrived_parts(document: Document, *, store: Store) -> list[int]:
    """Numbers of the parts that the store has: what a resumed upload need not send again."""
    if document.state is not DocumentState.EXPECTED or document.multipart_id is None:
        return []
    try:
        with store_answers():
            return [part.number for part in store.storage.list_parts(document.incoming_key, document.multipart_id)]
    except Missing:
        return []


def receive(document: Document, *, actor: Actor, now: datetime, store: Store) -> None:
    """The browser says that all is sent: check it now, or in the worker where it is large.

    Repeating is harmless. Raises Invalid when parts are missing, Unavailable when the store does not answer.
    """
    refresh_locked(document)
    if document.state is not DocumentState.EXPECTED:
        return
    if document.multipart_id is not None:
        try:
            with store_answers():
                store.storage.complete(document.incoming_key, document.multipart_id, size=document.size)
        except (Mismatch, Missing):
            message = "Not all of the file has arrived. Choose it again: what is there already is not sent twice."
            raise Invalid(Finding("parts-missing", message, place="file")) from None
    DOCUMENT.go(document, "receive", actor=actor, now=now)
    if document.size > CHECKED_AT_ONCE:
        db.session.flush()
        defer("check_document", priority=URGENT, document_id=document.id)
    else:
        _check(document, now=now, store=store)


def take_whole(
    owner: Ref, kind: str, *, name: str, content: BinaryIO, actor: Actor, now: datetime, store: Store, part: str = ""
) -> Document:
    """A file that came through the app, from a browser without JavaScript: put, then the same checks."""
    size = content.seek(0, 2)
    content.seek(0)
    document = _new(owner, kind, name=name, size=size, sha256=None, actor=actor, now=now, store=store)
    document.part = part
    with store_answers():
        store.storage.put(document.incoming_key, content, document.media_type)
    db.session.add(document)
    db.session.flush()
    DOCUMENT.go(document, "receive", actor=actor, now=now)
    _check(document, now=now, store=store)
    return document


def check(document_id: int, *, store: Store, now: datetime) -> None:
    """The worker's part: check one received file. Repeating is harmless."""
    document = db.session.scalar(select(Document).where(Document.id == document_id).with_for_update())
    if document is not None and document.state is DocumentState.CHECKING:
        _check(document, now=now, store=store)


def _check(document: Document, *, now: datetime, store: Store) -> None:
    try:
        with store_answers():
            taken = take_in(
                store.storage, document.incoming_key, name=document.name, policy=store.policy(document.kind),
                size=document.size, sha256=document.sha256, scanner=store.scanner,
            )  # fmt: skip
    except Missing:
        return _refuse(document, [("missing", "The file did not arrive. Choose it again.")], now=now)
    except ScannerUnavailable as problem:
        message = "The virus scanner does not answer. The file is kept: try again in a few minutes."
        raise Unavailable("scanner", message) from problem
    verdict = taken.verdict
    document.size, document.pages, document.measures = verdict.size, verdict.pages, verdict.measures
    if taken.key is None:
        return _refuse(document, [(finding.code, finding.message) for finding in verdict.findings], now=now)
    _hold(taken.key)
    with store_answers():
        if store.storage.head(taken.key) is None:  # equal bytes were just discarded
            return _refuse(document, [("missing", "The file did not arrive. Choose it again.")], now=now)
    document.sha256, document.object_key, document.media_type = verdict.sha256, taken.key, verdict.media_type
    document.accepted_at = now
    DOCUMENT.go(document, "accept", actor=SYSTEM, now=now, sha256=verdict.sha256, size=verdict.size)
    db.session.flush()
    try:
        owners.owner_of(document).accepted(document, now=now)
    except Refused as refused:
        document.removed_at = now
        document.findings = [{"code": refused.code, "message": refused.message}]
    return None


def _refuse(document: Document, findings: list[tuple[str, str]], *, now: datetime) -> None:
    document.findings = [{"code": code, "message": message} for code, message in findings]
    DOCUMENT.go(document, "refuse", actor=SYSTEM, now=now, codes=[code for code, _ in findings])


def cancel(document: Document, *, actor: Actor, now: datetime, store: Store) -> None:
    """Give an upload up; nothing of it stays. Repeating is harmless."""
    refresh_locked(document)
    if document.state not in {DocumentState.EXPECTED, DocumentState.CHECKING}:
        return
    DOCUMENT.go(document, "cancel", actor=actor, now=now)
    with store_answers():
        if document.multipart_id is not None:
            store.storage.abort(document.incoming_key, document.multipart_id)
        store.storage.delete(document.incoming_key)


def keep_generated(
    owner: Ref, kind: str, *, name: str, content: bytes | BinaryIO, now: datetime, store: Store, media_type: str = PDF
) -> Document:
    """A file that the server made, kept like any accepted one."""
    size = len(content) if isinstance(content, bytes) else content.seek(0, SEEK_END)
    with store_answers():
        key = keep(store.storage, content, media_type)
        _hold(key)
        keep(store.storage, content, media_type)  # does nothing, unless equal bytes were just discarded
    document = Document(
        public_id=uuid4(), owner_kind=owner.kind, owner_key=owner.key, kind=kind, name=safe_name(name),
        size=size, sha256=key.rpartition("/")[2], media_type=media_type, incoming_key=incoming_key(),
        object_key=key, state=DocumentState.ACCEPTED, findings=[], created_at=now, accepted_at=now,
    )  # fmt: skip
    db.session.add(document)
    db.session.flush()
    return document


def address(document: Document, *, inline: bool, store: Store) -> str:
    """A short-lived address of an accepted file. The right to it was checked by the caller, just now."""
    if document.object_key is None:
        raise NotFound
    with store_answers():
        return store.storage.get_url(
            document.object_key, filename=document.name, media_type=document.media_type, inline=inline,
            expires=DOWNLOAD_AGE,
        )  # fmt: skip


def opened(document: Document, *, actor: Actor, now: datetime) -> None:
    """Write down that somebody opened a file: asked for when a conflict of interest is found later."""
    record(
        Ref(document.owner_kind, document.owner_key),
        "document.opened",
        actor=actor,
        now=now,
        facts={"document": str(document.public_id), "kind": document.kind},
    )


def sweep(*, store: Store, now: datetime) -> dict[str, int]:
    """Remove uploads that were never finished; never anything that a waiting or accepted document needs."""
    old = now - ORPHAN_AGE
    waiting = (DocumentState.EXPECTED, DocumentState.CHECKING)
    stale = select(Document).where(Document.state.in_(waiting), Document.created_at < old)
    cancelled = 0
    for document in db.session.scalars(stale.with_for_update(skip_locked=True)):
        DOCUMENT.go(document, "cancel", actor=SYSTEM, now=now, reason="never finished")
        cancelled += 1
    db.session.flush()
    with store_answers():
        report = sweep_store(
            store.storage, in_use=lambda key: bool(queries.waiting_keys([incoming_of(key)])), older_than=old
        )
        discarded = _discard(store=store, now=now)
    return {
        "cancelled": cancelled, "discarded": discarded, "removed": report.removed, "aborted": report.aborted,
        "kept": report.kept,
    }  # fmt: skip


def _discard(*, store: Store, now: datetime) -> int:
    """Remove the bytes of files whose time is over; who had them, and when, stays known. How many."""
    over = or_(*(and_(Document.kind == kind, Document.created_at < now - age) for kind, age in PASSING.items()))
    over = or_(over, and_(Document.kind.in_(FORGOTTEN), Document.removed_at <= now))
    rows = select(Document).where(over, Document.state == DocumentState.ACCEPTED)
    found = db.session.scalars(rows.order_by(Document.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for document in found:
        key = document.object_key
        assert key is not None
        _hold(key)
        document.object_key, document.removed_at = None, document.removed_at or now
        DOCUMENT.go(document, "discard", actor=SYSTEM, now=now, reason="its time is over")
        db.session.flush()
        if not db.session.scalar(select(exists().where(Document.object_key == key))):
            store.storage.delete(key)
    return len(found)


def _hold(object_key: str) -> None:
    """Until the transaction ends nobody else keeps or removes these bytes: equal files share one object."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(object_key, 0))))


@contextmanager
def store_answers() -> Iterator[None]:
    """A store that is down is said in words; nothing of the draft is touched."""
    try:
        yield
    except StoreUnavailable as problem:
        message = "The file store does not answer. Nothing is lost: try again in a minute."
        raise Unavailable("store", message) from problem
