"""What proposals say about their documents; see ``documents.owners``."""

from __future__ import annotations

from datetime import datetime

from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.kernel.verdicts import HIDDEN, Verdict
from grants.proposals import access, budgeting, queries, services
from grants.proposals.papers import PREVIEW


class ProposalDocuments:
    """Files of a proposal are read by whoever reads that part of it, and attached once they are accepted."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:
        """As the files of the proposal; prints show the whole, and that of a draft is its members' alone."""
        try:
            opened = queries.open_proposal(actor, int(document.owner_key), now=now, whole=False, part=None)
        except NotFound:
            return HIDDEN
        if document.kind == PREVIEW and not (verdict := access.may_preview(opened.access)):
            return verdict
        return access.may_read_part(actor, opened.access, access.FILES, now=now)

    def accepted(self, document: Document, *, now: datetime) -> None:
        """Part of the draft from now on; a spreadsheet of the budget is read by the worker."""
        if document.kind == "budget_import":
            budgeting.sheet_received(document, now=now)
        else:
            services.attach(document, now=now)
