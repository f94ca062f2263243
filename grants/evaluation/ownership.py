"""What the evaluation says about its documents; see ``documents.owners``."""

from __future__ import annotations

from datetime import datetime

from grants.documents.models import Document
from grants.evaluation.services import form_received
from grants.kernel.actor import Actor
from grants.kernel.verdicts import HIDDEN, Verdict


class OfflineForms:
    """Forms are served by their own page alone, which looks at each report in them; one that comes in is read."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:  # noqa: ARG002
        """Nobody, by the common address of files."""
        return HIDDEN

    def accepted(self, document: Document, *, now: datetime) -> None:
        """Read by the worker."""
        form_received(document, now=now)
