"""What experts say about their CVs; see ``documents.owners``."""

from __future__ import annotations

from datetime import datetime

from grants.db import db
from grants.documents.models import Document
from grants.experts import access, services
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.kernel.verdicts import HIDDEN, Verdict


class ExpertTables:
    """A table of experts is read by the officer who asked for it, as long as they are one."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:  # noqa: ARG002
        """Nobody else's."""
        mine = actor.id is not None and document.owner_key == str(actor.id)
        return access.may_see_registry(actor) if mine else HIDDEN

    def accepted(self, document: Document, *, now: datetime) -> None:
        """Read by the worker."""
        services.sheet_received(document, now=now)


class ExpertFiles:
    """A CV is read by its expert and by who sees the registry, until it is removed or replaced."""

    def may_read(self, actor: Actor, document: Document, *, now: datetime) -> Verdict:  # noqa: ARG002
        """As the profile's page."""
        expert = db.session.get(Expert, int(document.owner_key))
        if expert is None or document.removed_at is not None:
            return HIDDEN
        return access.may_read_cv(actor, expert_account=expert.account_id)

    def accepted(self, document: Document, *, now: datetime) -> None:
        """The expert's CV from now on."""
        services.attach_cv(document, now=now)
