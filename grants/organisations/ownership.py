"""What organisations say about their papers; see ``documents.owners``."""

from __future__ import annotations

from datetime import datetime

from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.verdicts import Verdict
from grants.organisations import access, services


class OrganisationPapers:
    """Papers are read by the organisation's people and by officers, and count once they are accepted."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:  # noqa: ARG002
        """As the papers' page."""
        return access.may_see_papers(actor, int(document.owner_key))

    def accepted(self, document: Document, *, now: datetime) -> None:
        """One of the organisation's papers from now on."""
        services.attach_paper(document, now=now)
