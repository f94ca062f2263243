"""Letters about projects: to the main contact, and to the programme's managers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from grants.accounts.models import Account
from grants.accounts.queries import managers_of
from grants.notifications import letters
from grants.projects.models import Project
from grants.proposals.queries import main_contacts


def to_coordinator(kind: str, project: Project, *, now: datetime, key: str = "", **facts: Any) -> None:
    """One letter to the main contact. ``key`` tells letters of one kind apart."""
    contact = main_contacts([project.proposal_id])[project.proposal_id]
    _write(kind, project, contact, now=now, key=key, **facts)


def to_officers(kind: str, project: Project, *, now: datetime, key: str = "", **facts: Any) -> None:
    """The same letter to each manager of the programme."""
    for manager in managers_of(project.proposal.topic.call.programme.code):
        _write(kind, project, manager, now=now, key=key, **facts)


def _write(kind: str, project: Project, to: Account, *, now: datetime, key: str, **facts: Any) -> None:
    letters.write(
        kind, key=f"{kind}:{project.number}:{key or now.isoformat()}:{to.id}", address=to.email, about=project.ref(),
        now=now, account_id=to.id, name=to.name, project=project, topic=project.proposal.topic, **facts,
    )  # fmt: skip
