"""What deliverables and reports say about their files; see ``documents.owners``."""

from __future__ import annotations

from datetime import datetime

from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict
from grants.projects.queries import open_project
from grants.reporting import services


class ProjectDocuments:
    """Files of a project are read by whoever may see it, and attached once they are accepted."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:  # noqa: ARG002
        """As the project itself."""
        try:
            open_project(actor, int(document.owner_key.partition("/")[0]))
        except NotFound:
            return HIDDEN
        return ALLOWED

    def accepted(self, document: Document, *, now: datetime) -> None:
        """The file of its deliverable or report from now on."""
        services.attach(document, now=now)
