"""Submission, withdrawal, the receipt of each version, and checking one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.models import Document
from grants.documents.views import serve
from grants.kernel.errors import Invalid, NotFound
from grants.proposals import access, forms, papers, queries, receipts, services
from grants.proposals.models import Proposal, Receipt
from grants.proposals.views.common import bp, open_proposal, proposal_page
from grants.web import guards


@bp.route("/proposals/<int:number>/submit", methods=["GET", "POST"])
def submit(number: int) -> ResponseReturnValue:
    form, now = forms.SubmitForm(), guards.received_at()
    opened = open_proposal(number, locked=request.method == "POST")
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.submit_proposal(opened, actor=guards.actor(), now=now, key=_key(form.key.data))
                papers.ask_for_papers(made.id, new=made.submitted_at == now)
            flash("Your proposal is submitted. The receipt is on its way by e-mail.", "success")
            return redirect(url_for(".receipt", number=number, version=made.number))
        except Invalid as problem:
            form.show(problem.findings)
            opened = open_proposal(number)
    elif request.method == "POST":
        access.may_submit(guards.actor(), opened.access, now=now).require()
    if request.method == "GET":
        form.key.data = str(_intent(opened.proposal))
    return proposal_page("proposals/submit.html", opened, form=form), 422 if form.has_errors else 200


def _intent(proposal: Proposal) -> UUID:
    """To hand in this draft as it stands, as its next version: two tabs that show the same mean the same."""
    version = len(queries.versions(proposal.id)) + 1
    return uuid5(NAMESPACE_URL, f"{proposal.number}/{version}/{proposal.changed_at.isoformat()}")


def _key(text: str | None) -> UUID:
    return _uuid(text) or uuid4()


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


@bp.post("/proposals/<int:number>/withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    with transaction():
        services.withdraw(opened, actor=guards.actor(), now=guards.received_at())
    flash("The proposal is withdrawn. You can undo this until the deadline.", "success")
    return redirect(url_for(".overview", number=number))


@bp.post("/proposals/<int:number>/restore")
def restore(number: int) -> ResponseReturnValue:
    opened = open_proposal(number)
    with transaction():
        services.restore(opened, actor=guards.actor(), now=guards.received_at())
    flash("The last submitted version counts again.", "success")
    return redirect(url_for(".overview", number=number))


@bp.get("/proposals/<int:number>/versions/<int:version>")
def receipt(number: int, version: int) -> ResponseReturnValue:
    """All facts at once; the signed files when the worker has made them, for which the page asks again."""
    opened = open_proposal(number)
    last = queries.last_submission(opened.proposal.id)
    submission = last if last and last.number == version else queries.submission(opened.proposal.id, version)
    signed = queries.receipt_of(submission.id)
    return proposal_page(
        "proposals/receipt.html",
        opened,
        last=last,
        submission=submission,
        signed=signed,
        papers=papers.of_version(submission.id),
    )


@bp.get("/proposals/<int:number>/versions/<int:version>/receipt.pdf")
def receipt_pdf(number: int, version: int) -> ResponseReturnValue:
    return _signed_file(number, version, lambda signed: signed.pdf)


@bp.get("/proposals/<int:number>/versions/<int:version>/receipt.json")
def receipt_json(number: int, version: int) -> ResponseReturnValue:
    return _signed_file(number, version, lambda signed: signed.statement)


def _signed_file(number: int, version: int, choose: Callable[[Receipt], Document]) -> ResponseReturnValue:
    opened = open_proposal(number, whole=False)
    signed = queries.receipt_of(queries.submission(opened.proposal.id, version).id)
    if signed is None:
        flash("The receipt is being signed. It is here in a moment.", "info")
        return redirect(url_for(".receipt", number=number, version=version))
    return serve(choose(signed), guards.actor())


@bp.route("/verify", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """Open to everybody: a receipt's code, a signed receipt, a file or its SHA-256. Shows what their holder knows."""
    form = forms.FileForm()
    code, digest = request.values.get("code", "").strip().upper(), request.values.get("sha256", "").strip().lower()
    sent = request.files.get("file")
    content = b""
    if request.method == "POST" and sent is not None and sent.filename:
        digest = hashlib.file_digest(cast(BytesIO, sent.stream), "sha256").hexdigest()
        sent.stream.seek(0)
        content = sent.stream.read(receipts.LARGEST_STATEMENT + 1)
    submission = queries.submission_by_code(receipts.plain_code(code)) if code else None
    if submission is None and digest:
        hashes = [digest, receipts.canonical_sha256(content)] if content else [digest]
        submission = queries.submission_of_receipt(hashes)
    found = queries.submissions_with_file(digest) if digest and not submission else []
    return render_template(
        "proposals/verify.html", form=form, code=code, digest=digest, submission=submission, found=found,
        asked=bool(code or digest), empty=request.method == "POST" and not (code or digest),
        certificates=queries.certificates(),
    )  # fmt: skip


@bp.get("/verify/certificates.pem")
def certificates() -> ResponseReturnValue:
    """Every certificate that receipts were signed with: what checking one offline compares with."""
    known = queries.certificates()
    if not known:
        raise NotFound
    return Response("".join(each.pem for each in known), mimetype="application/x-pem-file")
