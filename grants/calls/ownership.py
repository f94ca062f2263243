"""What calls say about their documents; see ``documents.owners``."""

from __future__ import annotations

from datetime import datetime

from grants.calls import queries, services
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.verdicts import Verdict


class CallDocuments:
    """Documents of a call are read by whoever may see the call, and listed once they are accepted."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:  # noqa: ARG002
        """As the call itself."""
        return queries.may_see_documents(actor, int(document.owner_key))

    def accepted(self, document: Document, *, now: datetime) -> None:
        """On the call's pages from now on."""
        services.attach_document(document, now=now)
