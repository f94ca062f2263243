"""The history of a draft: each accepted save leaves a row with what was before and after. Nothing is restored here,
see ``restoring``."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, Select, and_, func, literal, or_, select, text, update
from sqlalchemy.orm import joinedload

from grants.db import UtcDateTime, db
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.organisations.models import Organisation
from grants.proposals.access import Part, PartKind, Reach, reach
from grants.proposals.models import Attachment, Participant, Proposal
from grants.proposals.queries import Opened
from grants.proposals.writing_models import DraftChange

#: Saves of one person to one part within this time are one row: a script saves every few seconds.
ONE_ROW = timedelta(minutes=5)
State = dict[str, Any] | list[dict[str, Any]]

#: One statement, since every save of a field runs it.
_KEEP = text("""
WITH going_on AS (
  UPDATE draft_change SET after = CAST(:after AS jsonb), changed_at = :now
   WHERE id = (SELECT id FROM draft_change
                WHERE proposal_id = :proposal AND kind = :kind AND section = :section
                  AND organisation_id IS NOT DISTINCT FROM CAST(:organisation AS bigint)
                ORDER BY id DESC LIMIT 1)
     AND changed_by_id = :actor AND began_at > :since AND NOT closed
  RETURNING id)
INSERT INTO draft_change (proposal_id, kind, section, organisation_id, before, after, began_at, changed_at,
                          changed_by_id)
SELECT :proposal, :kind, :section, CAST(:organisation AS bigint), CAST(:before AS jsonb), CAST(:after AS jsonb),
       CAST(:now AS timestamptz), CAST(:now AS timestamptz), CAST(:actor AS bigint)
 WHERE NOT EXISTS (SELECT FROM going_on)
""")


def later(now: datetime) -> ColumnElement[datetime]:
    """``now``, or just after the draft's last change: a save that waited for a submission, received before it, is a
    change after it."""
    return func.greatest(now, Proposal.changed_at + literal(timedelta(microseconds=1), Interval()), type_=UtcDateTime)


def touch(proposal_id: int, *, actor: Actor, now: datetime) -> None:
    """Something in the draft changed: it differs from the last submission now."""
    db.session.execute(
        update(Proposal).where(Proposal.id == proposal_id).values(changed_at=later(now), changed_by_id=actor.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def keep(
    proposal_id: int,
    part: Part,
    before: State,
    after: State,
    *,
    organisation_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down what a save changed in one part; nothing where it changed nothing. One statement.

    ``organisation_id``: whose part it is, None for the whole proposal's.
    """
    if before == after:
        return
    row = {
        "proposal": proposal_id, "kind": part.kind.value, "section": part.section, "organisation": organisation_id,
        "before": json.dumps(before), "after": json.dumps(after), "now": now, "since": now - ONE_ROW,
        "actor": actor.id,
    }  # fmt: skip
    db.session.execute(_KEEP, row)


def close(proposal_id: int, part: Part, *, organisation_id: int | None = None) -> None:
    """Let the next save of this part make a row of its own: something else begins."""
    mine = (
        DraftChange.proposal_id == proposal_id, DraftChange.kind == part.kind.value,
        DraftChange.section == part.section, DraftChange.organisation_id.is_not_distinct_from(organisation_id),
    )  # fmt: skip
    db.session.execute(update(DraftChange).where(*mine, ~DraftChange.closed).values(closed=True))


def consortium_of(proposal_id: int) -> list[dict[str, Any]]:
    """The organisations of a draft with their roles, as its history keeps them."""
    rows = db.session.execute(
        select(Organisation.pic, Organisation.legal_name, Participant.role)
        .join(Participant, Participant.organisation_id == Organisation.id)
        .where(Participant.proposal_id == proposal_id)
        .order_by(Participant.position)
    )
    return [{"identifier": pic, "name": name, "role": role.value} for pic, name, role in rows]


def files_of(proposal_id: int) -> list[dict[str, Any]]:
    """The files of a draft, as its history keeps them; ``id`` is the attachment's."""
    rows = db.session.execute(
        select(Attachment.id, Document.name, Attachment.kind, Attachment.annex, Document.sha256)
        .join(Document, Document.id == Attachment.document_id)
        .where(Attachment.proposal_id == proposal_id, Attachment.removed_at.is_(None))
        .order_by(Attachment.id)
    )
    names = ("id", "name", "kind", "annex", "sha256")
    return [dict(zip(names, row, strict=True)) for row in rows]


def rows_for(opened: Opened) -> Select[DraftChange]:
    """Changes in the parts that the member may read, with person and organisation. Not ordered."""
    rows = (
        select(DraftChange)
        .where(DraftChange.proposal_id == opened.proposal.id)
        .options(joinedload(DraftChange.changed_by), joinedload(DraftChange.organisation))
    )
    if reach(opened.access, Part(PartKind.WHOLE)) >= Reach.READS:
        return rows
    own = select(Participant.organisation_id).where(Participant.id.in_(opened.access.participants))
    kinds = (PartKind.BUDGET.value, PartKind.SECTION.value)
    return rows.where(and_(or_(*(DraftChange.kind == kind for kind in kinds)), DraftChange.organisation_id.in_(own)))


def part_of_change(change: DraftChange, opened: Opened) -> Part:
    """The part as it is called now: the participant's identity is another one where the organisation came back."""
    mine = (row.id for row in opened.proposal.participants if row.organisation_id == change.organisation_id)
    return Part(PartKind(change.kind), next(mine, None) if change.organisation_id else None, change.section)
