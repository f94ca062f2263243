"""Who has a place of a draft open now. A page says so every 20 seconds while it is in sight; nothing is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from grants.accounts.models import Account
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.proposals import access, people
from grants.proposals.access import Part, PartKind, part_of
from grants.proposals.narrowing import reads_all
from grants.proposals.queries import Opened
from grants.proposals.writing_models import Presence

#: Two beats of a page and a slow line: who was silent longer is not there.
STILL_HERE = timedelta(seconds=45)
#: How long rows are left for the sweep.
KEPT = timedelta(minutes=10)
_LONGEST = 80


def here(opened: Opened, place: str, *, actor: Actor, now: datetime) -> list[str]:
    """The actor has this place open; the names of the others who have, in order. ``place``: as findings name places.

    Raises NotFound for the funder and for places that there are not, Refused for parts that one may not read.
    """
    access.is_member(opened.access).require()
    part = part_of(place)
    if len(place) > _LONGEST or place.partition(".")[0] not in {
        "general",
        "consortium",
        "budget",
        "sections",
        "files",
    }:
        raise NotFound
    if part != Part(PartKind.BUDGET):
        access.may_read_part(actor, opened.access, part, now=now).require()
    row = {"proposal_id": opened.proposal.id, "place": place, "account_id": actor.id, "seen_at": now}
    statement = insert(Presence).values(row)
    key = ["proposal_id", "place", "account_id"]
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_={"seen_at": now}))
    others = (
        select(Account.id, Account.name)
        .join(Presence, Presence.account_id == Account.id)
        .where(
            Presence.proposal_id == opened.proposal.id, Presence.place == place, Presence.account_id != actor.id,
            Presence.seen_at > now - STILL_HERE,
        )
        .order_by(Account.name, Account.id)
    )  # fmt: skip
    found = db.session.execute(others).all()
    if found and not reads_all(opened):
        seen = {each.account.id for each in people.seen_by(opened)}
        found = [each for each in found if each.id in seen]
    return [each.name for each in found]


def in_words(names: list[str]) -> str:
    """A sentence for the section.

    >>> in_words(["Ana Ferreira", "Jonas Lindqvist"])
    'Ana Ferreira and Jonas Lindqvist are here too.'
    """
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} is here too."
    return f"{', '.join(names[:-1])} and {names[-1]} are here too."


def sweep(*, now: datetime) -> int:
    """Forget who was there; how many rows."""
    gone = delete(Presence).where(Presence.seen_at < now - KEPT)
    return len(db.session.execute(gone.returning(Presence.account_id)).all())
