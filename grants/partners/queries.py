"""Reading the partner search. Public lists show what the pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants.calls.models import Call, Topic
from grants.calls.states import CallState
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.organisations.rules import fold
from grants.partners import access
from grants.partners.models import (
    PartnerConversation,
    PartnerEntry,
    PartnerLetter,
    PartnerLimits,
    PartnerReport,
)
from grants.partners.rules import DAY, Limits
from grants.partners.states import EntryState


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a person filters by; empty means all. ``topic``: its identifier."""

    text: str = ""
    topic: str = ""
    kind: str = ""
    country: str = ""


def _rows() -> Select[PartnerEntry]:
    return (
        select(PartnerEntry)
        .join(PartnerEntry.topic)
        .join(Topic.call)
        .join(Call.programme)
        .options(
            contains_eager(PartnerEntry.topic).contains_eager(Topic.call).contains_eager(Call.programme),
            joinedload(PartnerEntry.author),
            joinedload(PartnerEntry.organisation),
        )
    )


def public(wanted: EntryFilter, *, now: datetime) -> Select[PartnerEntry]:
    """Entries that everybody may read now: published, on a topic of a published call that is not closed."""
    rows = _rows().where(
        PartnerEntry.state == EntryState.PUBLISHED, Topic.deadline > now, Call.state == CallState.PUBLISHED
    )
    if wanted.topic:
        rows = rows.where(Topic.identifier == wanted.topic)
    if wanted.kind:
        rows = rows.where(PartnerEntry.kind == wanted.kind)
    if wanted.country:
        rows = rows.where(PartnerEntry.country == wanted.country)
    if words := fold(wanted.text).split():
        query = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
        rows = rows.where(PartnerEntry.search.op("@@")(query))
    return rows


def choices(*, now: datetime) -> tuple[list[str], list[str]]:
    """Topics and countries of the public entries, which the filters offer."""
    shown = public(EntryFilter(), now=now).with_only_columns(Topic.identifier, PartnerEntry.country).distinct()
    found = db.session.execute(shown).all()
    return sorted({row[0] for row in found}), sorted({row[1] for row in found})


def on_topic(topic_id: int) -> Select[PartnerEntry]:
    """All entries on a topic, for its managers. Not ordered."""
    return _rows().where(PartnerEntry.topic_id == topic_id)


def count_public(topic_id: int) -> int:
    """How many entries of a topic are published."""
    own = (PartnerEntry.topic_id == topic_id, PartnerEntry.state == EntryState.PUBLISHED)
    return db.session.scalar(select(func.count()).select_from(PartnerEntry).where(*own)) or 0


def own(actor: Actor) -> Select[PartnerEntry]:
    """What a person published, and what was published for the organisations they act for. Not ordered."""
    mine = or_(PartnerEntry.author_id == actor.id, PartnerEntry.organisation_id.in_(actor.organisations))
    return _rows().where(mine)


def open_entry(actor: Actor, entry_id: int, *, now: datetime) -> PartnerEntry:
    """One entry. Raises NotFound where the actor may not read it."""
    entry = db.session.scalar(_rows().where(PartnerEntry.id == entry_id))
    if entry is None:
        raise NotFound
    access.may_read(
        actor, author=entry.author_id, organisation_id=entry.organisation_id,
        programme=entry.topic.call.programme.code, state=entry.state, closed=is_closed(entry.topic, now=now),
    ).require()  # fmt: skip
    return entry


def is_closed(topic: Topic, *, now: datetime) -> bool:
    """Whether a topic takes no proposals any more: its deadline has passed, or its call is not public."""
    return topic.deadline <= now or topic.call.state is not CallState.PUBLISHED


def conversation(actor: Actor, public_id: UUID) -> PartnerConversation:
    """A conversation with its letters. Raises NotFound for everybody but the two."""
    rows = select(PartnerConversation).where(PartnerConversation.public_id == public_id)
    found = db.session.scalar(
        rows.options(
            joinedload(PartnerConversation.asker),
            joinedload(PartnerConversation.entry).options(
                joinedload(PartnerEntry.author), joinedload(PartnerEntry.topic), joinedload(PartnerEntry.organisation)
            ),
            selectinload(PartnerConversation.letters).joinedload(PartnerLetter.author),
        )
    )
    if found is None:
        raise NotFound
    access.may_converse(actor, {found.asker_id, found.entry.author_id}).require()
    return found


def conversation_about(entry_id: int, asker_id: int) -> PartnerConversation | None:
    """What this person wrote about this entry before."""
    rows = select(PartnerConversation).where(
        PartnerConversation.entry_id == entry_id, PartnerConversation.asker_id == asker_id
    )
    return db.session.scalar(rows)


def conversations_of(actor: Actor) -> Select[PartnerConversation]:
    """Conversations that a person takes part in. Not ordered."""
    return (
        select(PartnerConversation)
        .join(PartnerConversation.entry)
        .where(or_(PartnerConversation.asker_id == actor.id, PartnerEntry.author_id == actor.id))
        .options(
            contains_eager(PartnerConversation.entry).joinedload(PartnerEntry.author),
            joinedload(PartnerConversation.asker),
        )
    )


def reports_of(entry_ids: Sequence[int]) -> dict[int, list[str]]:
    """Why entries were reported, by entry; who did is not said."""
    rows = select(PartnerReport).where(PartnerReport.entry_id.in_(entry_ids)).order_by(PartnerReport.id)
    found: dict[int, list[str]] = {}
    for report in db.session.scalars(rows):
        found.setdefault(report.entry_id, []).append(report.reason)
    return found


def has_reported(entry_id: int, account_id: int) -> bool:
    """Whether this person reported this entry."""
    rows = select(PartnerReport.id).where(PartnerReport.entry_id == entry_id, PartnerReport.account_id == account_id)
    return db.session.scalar(rows) is not None


def limits_row(programme_id: int) -> PartnerLimits | None:
    """The programme's own limits."""
    return db.session.scalar(select(PartnerLimits).where(PartnerLimits.programme_id == programme_id))


def limits_of(programme_id: int) -> Limits:
    """The limits that hold in a programme."""
    row = limits_row(programme_id)
    return Limits(row.entries, row.letters, row.reports) if row else Limits()


def done_today(actor: Actor, *, now: datetime) -> Limits:
    """How many entries, letters and reports the person wrote within the day that ends now."""
    since, who = now - DAY, actor.id
    counted = (
        select(func.count()).where(PartnerEntry.author_id == who, PartnerEntry.published_at > since),
        select(func.count()).where(PartnerLetter.author_id == who, PartnerLetter.sent_at > since),
        select(func.count()).where(PartnerReport.account_id == who, PartnerReport.at > since),
    )
    row = db.session.execute(select(*(each.scalar_subquery() for each in counted))).one()
    return Limits(*row)
