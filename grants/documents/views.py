"""Addresses of files: the steps of an upload, downloads, and the local store's own two addresses."""

from __future__ import annotations

from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents import owners, queries, services
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.documents.store import Store
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.links import Ref
from grants.web import guards
from uploads.errors import BadToken, Mismatch, Missing, StoreUnavailable
from uploads.local import LocalStorage
from uploads.port import PART_SIZE, Ticket, part_count

bp = Blueprint("documents", __name__)


def store() -> Store:
    """The store of this application."""
    found: Store = current_app.extensions["store"]
    return found


def ticket_json(document: Document, ticket: Ticket | None) -> dict[str, Any]:
    """What the page's upload script needs; see assets/js/upload.js. No ticket: a broken-off upload goes on."""
    if ticket is None:
        parts = tuple(range(1, part_count(document.size, PART_SIZE) + 1))
        ticket = Ticket(
            document.incoming_key, document.size, document.media_type, upload_id=document.multipart_id,
            part_size=PART_SIZE, parts=parts,
        )  # fmt: skip
    own = document.public_id
    answer: dict[str, Any] = {
        "document": str(document.public_id), "method": ticket.method, "url": ticket.url,
        "headers": dict(ticket.headers), "done_url": url_for("documents.done", document_id=own),
        "cancel_url": url_for("documents.cancel", document_id=own),
        "status_url": url_for("documents.status", document_id=own),
        "multipart": None,
    }  # fmt: skip
    if ticket.upload_id is not None:
        answer["multipart"] = {
            "upload_id": ticket.upload_id, "part_size": ticket.part_size,
            "parts": [{"number": number, "url": None} for number in ticket.parts],
            "part_url": url_for("documents.part", document_id=own),
            "done": services.arrived_parts(document, store=store()),
            "complete_url": url_for("documents.complete", document_id=own),
        }  # fmt: skip
    return answer


def state_json(document: Document, *, parts: list[int] | None = None) -> dict[str, Any]:
    """How an upload stands."""
    refused = document.state is DocumentState.REFUSED or document.findings
    return {
        "state": "refused" if refused else document.state.value, "findings": document.findings,
        "scanned": store().scanner is not None, "pages": document.pages, "size": document.size,
        "sha256": document.sha256, "done": parts or [],
        "url": url_for("documents.get", document_id=document.public_id),
    }  # fmt: skip


@bp.post("/files/<uuid:document_id>/part")
def part(document_id: UUID) -> ResponseReturnValue:
    document = _own_upload(guards.actor(), document_id)
    number = (request.get_json(silent=True) or {}).get("number")
    if not isinstance(number, int) or not 1 <= number <= 10_000:
        abort(400)
    return jsonify(url=services.part_address(document, number, store=store()))


@bp.get("/files/<uuid:document_id>/status")
def status(document_id: UUID) -> ResponseReturnValue:
    document = _own_upload(guards.actor(), document_id)
    return jsonify(state_json(document, parts=services.arrived_parts(document, store=store())))


@bp.post("/files/<uuid:document_id>/complete")
def complete(document_id: UUID) -> ResponseReturnValue:
    """The browser's list of parts is not needed: the store itself is asked when the upload is *done*."""
    return jsonify(state_json(_own_upload(guards.actor(), document_id)))


@bp.post("/files/<uuid:document_id>/done")
def done(document_id: UUID) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    document = _own_upload(actor, document_id)
    with transaction():
        services.receive(document, actor=actor, now=now, store=store())
    return jsonify(state_json(document))


@bp.post("/files/<uuid:document_id>/cancel")
def cancel(document_id: UUID) -> ResponseReturnValue:
    actor = guards.actor()
    document = _own_upload(actor, document_id)
    with transaction():
        services.cancel(document, actor=actor, now=guards.received_at(), store=store())
    return jsonify(state_json(document))


@bp.get("/files/<uuid:document_id>")
def get(document_id: UUID) -> ResponseReturnValue:
    actor, now = guards.visitor(), guards.received_at()
    document = queries.document(document_id)
    if document is None:
        raise NotFound
    owners.may_read(actor, document, now=now).require()
    return serve(document, actor)


def serve(document: Document, actor: Actor, *, inline: bool | None = None) -> ResponseReturnValue:
    """Lead to a short-lived address of the file and write down who opened it. Rights are the caller's to check."""
    with transaction():
        services.opened(document, actor=actor, now=guards.received_at())
    inline = request.args.get("view") == "1" if inline is None else inline
    return redirect(services.address(document, inline=inline, store=store()))


def begin(owner: Ref, kind: str, *, part: str = "") -> ResponseReturnValue:
    """The ticket that the page's script asks for: for a new upload, or to go on with one that broke off. ``part``:
    which of several wanted files it is. Rights are the caller's to check."""
    actor, sent = guards.actor(), request.get_json(silent=True) or {}
    name, size = str(sent.get("name", "")), sent.get("size")
    size = size if isinstance(size, int) else 0
    earlier = _uuid(sent.get("document"))
    known = _going_on(earlier, owner, kind, part, name, size)
    if known is not None:
        return jsonify(ticket_json(known, None))
    with transaction():
        document, leave = services.expect(
            owner, kind, name=name, size=size, sha256=sent.get("sha256") or None,
            actor=actor, now=guards.received_at(), store=store(), part=part,
        )  # fmt: skip
    return jsonify(ticket_json(document, leave))


def _going_on(earlier: UUID | None, owner: Ref, kind: str, part: str, name: str, size: int) -> Document | None:
    if earlier is None:
        return None
    return services.interrupted(earlier, owner, kind, name=name, size=size, actor=guards.actor(), part=part)


def take(owner: Ref, kind: str, *, done: str, part: str = "") -> None:
    """The whole file of the form through the app, for browsers without JavaScript; says how it went. ``done``: what
    follows the file's name when it is taken. Rights are the caller's to check."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        flash("Choose a file first.", "error")
        return
    try:
        with transaction():
            document = services.take_whole(
                owner, kind, name=sent.filename, content=cast(BinaryIO, sent.stream), actor=guards.actor(),
                now=guards.received_at(), store=store(), part=part,
            )  # fmt: skip
    except Invalid as problem:
        flash(problem.message, "error")
        return
    said = " ".join(finding["message"] for finding in document.findings)
    flash(said or f"{document.name} {done}", "error" if said else "success")


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def _own_upload(actor: Actor, document_id: UUID) -> Document:
    """The steps of an upload are open to the person who began it."""
    document = queries.document(document_id)
    if document is None or document.created_by_id != actor.id:
        raise NotFound
    return document


# The local store's addresses: signed, so that who holds one may use it until it expires, as with S3.


def _local() -> LocalStorage:
    storage = store().storage
    if not isinstance(storage, LocalStorage):
        raise NotFound
    return storage


@bp.put("/files/incoming/<token>")
def put_local(token: str) -> ResponseReturnValue:
    local = _local()
    try:
        said = local.verify_token(token, "put")
        local.receive(said, request.stream)
    except BadToken:
        abort(403, "This address is not valid any more. Choose the file again.")
    except Mismatch:
        abort(400, "Not all of the file has arrived. Choose it again.")
    except StoreUnavailable:
        abort(503, "The file store has no room or does not answer. Try again later.")
    return "", 200, {"ETag": f'"{said.key}"'}


@bp.get("/files/objects/<token>")
def get_local(token: str) -> ResponseReturnValue:
    local = _local()
    try:
        download = local.download(local.verify_token(token, "get"))
    except BadToken:
        abort(403, "This address is not valid any more. Open the file again from its page.")
    except Missing:
        raise NotFound from None
    response = send_file(download.path, mimetype=download.media_type, conditional=True)
    response.headers["Content-Disposition"] = download.disposition
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
