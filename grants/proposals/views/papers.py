"""Addresses of the documents that are made from a version or a draft."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.documents.views import serve
from grants.kernel.errors import NotFound
from grants.proposals import access, papers, queries
from grants.proposals.queries import Opened
from grants.web import guards

bp = Blueprint("papers", __name__)


def _open(number: int) -> Opened:
    return queries.open_proposal(guards.actor(), number, now=guards.received_at(), whole=False)


@bp.post("/proposals/<int:number>/versions/<int:version>/papers")
def prepare(number: int, version: int) -> ResponseReturnValue:
    submission = queries.submission(_open(number).proposal.id, version)
    with transaction():
        papers.ask_for_papers(submission.id)
    flash("The documents are being made. They are here in a moment.", "success")
    return redirect(url_for("proposals.receipt", number=number, version=version, _anchor="papers"))


@bp.get("/proposals/<int:number>/versions/<int:version>/papers/<paper>")
def get(number: int, version: int, paper: str) -> ResponseReturnValue:
    submission = queries.submission(_open(number).proposal.id, version)
    if paper not in papers.PAPERS:
        raise NotFound
    document = papers.of_version(submission.id).documents.get(paper)
    if document is None:
        flash("This document is not made yet.", "info")
        return redirect(url_for("proposals.receipt", number=number, version=version, _anchor="papers"))
    return serve(document, guards.actor())


@bp.post("/proposals/<int:number>/preview")
def make_preview(number: int) -> ResponseReturnValue:
    opened = _open(number)
    access.may_preview(opened.access).require()
    with transaction():
        papers.ask_for_preview(opened.proposal)
    flash("The preview is being made. It is here in a moment.", "success")
    return redirect(url_for("proposals.overview", number=number, _anchor="preview"))


@bp.get("/proposals/<int:number>/preview")
def preview(number: int) -> ResponseReturnValue:
    opened = _open(number)
    access.may_preview(opened.access).require()
    document = papers.preview_of(opened.proposal).document
    if document is None:
        raise NotFound
    return serve(document, guards.actor(), inline=True)
