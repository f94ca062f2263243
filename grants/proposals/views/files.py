"""Part B and annexes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls.parta.definition import FieldKind, form_of
from grants.db import transaction
from grants.documents import queries as documents_read
from grants.documents.rules import KINDS
from grants.documents.views import begin, serve, take
from grants.kernel.errors import NotFound
from grants.proposals import access, blindness, facts, forms, queries, services
from grants.proposals.models import Proposal
from grants.proposals.views.common import bp, open_proposal, proposal_page
from grants.web import guards

UPLOADED = ("part_b", "annex")


@bp.get("/proposals/<int:number>/files")
def files(number: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    return proposal_page(
        "proposals/files.html", opened, kinds=KINDS, form=forms.FileForm(), slots=_slots(opened.proposal),
        blind=queries.is_blind(opened.proposal), searched=blindness.looks_for_names(opened.proposal),
    )  # fmt: skip


def _slots(proposal: Proposal) -> list[dict[str, Any]]:
    """What may be uploaded: Part B, each annex that the topic or Part A names, free annexes."""
    limit = facts.stage_limits(proposal).get("page_limit")
    words = f"At most {limit} pages. Longer files are taken, but pages after the limit are not read." if limit else ""
    named = [
        {"part": each["code"], "title": each["name"], "hint": each.get("hint", ""), "required": each.get("required")}
        for each in proposal.topic.annexes
    ]  # fmt: skip
    named += [
        {"part": field.key, "title": field.label, "hint": field.hint, "required": field.required}
        for _, field in form_of(proposal.topic.form).fields() if field.kind is FieldKind.FILE
    ]  # fmt: skip
    slots = [
        {"kind": "part_b", "part": "", "title": "Part B", "hint": words, "required": True},
        *({"kind": "annex", **each} for each in named),
        {"kind": "annex", "part": "", "title": "Other annexes", "hint": "", "required": False},
    ]
    for each in slots:
        kept = [
            row for row in proposal.attachments
            if (row.kind, row.annex) == (each["kind"], each["part"]) and row.removed_at is None
        ]  # fmt: skip
        each["id"], each["kept"] = each["part"] or each["kind"], kept
        single = each["part"] or each["kind"] == "part_b"
        verb = "Replace" if kept and single else "Upload"
        each["label"] = f"{verb} {each['title'] if single else 'an annex'}"
    return slots


@bp.post("/proposals/<int:number>/files/<kind>/ticket")
def ticket(number: int, kind: str) -> ResponseReturnValue:
    opened, actor, now = open_proposal(number), guards.actor(), guards.received_at()
    access.may_edit(actor, opened.access, now=now).require()
    return begin(opened.proposal.ref(), _kind(kind), part=_part(opened.proposal, kind))


@bp.post("/proposals/<int:number>/files/<kind>")
def upload(number: int, kind: str) -> ResponseReturnValue:
    """The whole file through the app, for browsers without JavaScript."""
    opened, actor, now = open_proposal(number), guards.actor(), guards.received_at()
    access.may_edit(actor, opened.access, now=now).require()
    take(opened.proposal.ref(), _kind(kind), done="is in the proposal.", part=_part(opened.proposal, kind))
    return redirect(url_for(".files", number=number))


def _part(proposal: Proposal, kind: str) -> str:
    """Which annex of the topic, or file of Part A, an upload is; empty for a free annex. Raises NotFound."""
    part = request.args.get("part", "")
    form = form_of(proposal.topic.form)
    wanted = {each["code"] for each in proposal.topic.annexes}
    wanted |= {field.key for _, field in form.fields() if field.kind is FieldKind.FILE}
    if part and (kind != "annex" or part not in wanted):
        raise NotFound
    return part


def _kind(kind: str) -> str:
    if kind not in UPLOADED:
        raise NotFound
    return kind


@bp.post("/proposals/<int:number>/files/<int:attachment_id>/remove")
def remove_file(number: int, attachment_id: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    with transaction():
        services.remove_attachment(opened, attachment_id, actor=guards.actor(), now=guards.received_at())
    flash("The file is out of the draft. Submitted versions keep it.", "success")
    return redirect(url_for(".files", number=number))


@bp.get("/proposals/<int:number>/files/<uuid:document_id>")
def file(number: int, document_id: UUID) -> ResponseReturnValue:
    opened = open_proposal(number)
    document = documents_read.document(document_id)
    if document is None or document.owner_key != str(opened.proposal.number) or document.owner_kind != "proposal":
        raise NotFound
    return serve(document, guards.actor())
