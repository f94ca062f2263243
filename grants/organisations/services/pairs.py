"""Entries that may be one organisation: found when a name or number is written, decided by an officer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.organisations import access, queries
from grants.organisations.models import DuplicatePair, Organisation
from grants.organisations.rules import MOST_PROPOSED, compare, is_candidate
from grants.organisations.states import PAIR, PairState


def propose_duplicates(organisation: Organisation, *, now: datetime) -> int:
    """Propose what may be the same organisation; how many pairs. What an officer decided stays as it is."""
    own = organisation.entry()
    rows: list[dict[str, Any]] = []
    for other in queries.candidates(organisation):
        found = compare(own, other.entry())
        if is_candidate(found, same_country=other.country == organisation.country):
            first, second = sorted((organisation.id, other.id))
            rows.append(
                {"first_id": first, "second_id": second, "state": PairState.PROPOSED, "found_at": now,
                 "similarity": found.similarity, "agree": list(found.agree), "contradict": list(found.contradict)}
            )  # fmt: skip
    rows.sort(key=lambda row: (not row["agree"], -row["similarity"]))
    rows = rows[:MOST_PROPOSED]
    if rows:
        statement = insert(DuplicatePair).values(rows)
        fresh = {name: statement.excluded[name] for name in ("similarity", "agree", "contradict")}
        db.session.execute(
            statement.on_conflict_do_update(
                constraint="uq_duplicate_pair_once", set_=fresh, where=DuplicatePair.state == PairState.PROPOSED
            )
        )
    return len(rows)


def propose_pair(one: Organisation, other: Organisation, *, now: datetime) -> DuplicatePair:
    """The pair of two entries that an officer names, new or known. Raises Invalid for one and the same entry."""
    if one.id == other.id:
        raise Invalid(Finding("same", "Both PICs lead to one entry. It was merged already.", place="second"))
    first, second = sorted((one, other), key=lambda each: each.id)
    known = select(DuplicatePair).where(DuplicatePair.first_id == first.id, DuplicatePair.second_id == second.id)
    pair = db.session.scalar(known)
    if pair is None:
        found = compare(first.entry(), second.entry())
        pair = DuplicatePair(
            first=first, second=second, state=PAIR.initial, similarity=Decimal(str(found.similarity)),
            agree=list(found.agree), contradict=list(found.contradict), found_at=now,
        )  # fmt: skip
        db.session.add(pair)
        db.session.flush()
    return pair


def compare_all(*, now: datetime, after: int = 0, limit: int = 500) -> int | None:
    """Look for duplicates of the next ``limit`` entries after an identity, for a registry that was imported.

    Gives the last identity that was looked at; None at the end. Does not commit.
    """
    rows = select(Organisation).where(Organisation.id > after, Organisation.superseded_by_id.is_(None))
    found = db.session.scalars(rows.order_by(Organisation.id).limit(limit)).all()
    for each in found:
        propose_duplicates(each, now=now)
    return found[-1].id if found else None


def keep_apart(pair: DuplicatePair, *, reason: str, actor: Actor, now: datetime) -> None:
    """They are two organisations: the pair is not proposed again. Raises Invalid without a reason."""
    access.is_officer(actor).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say by what you know that they are two organisations.", place="reason"))
    pics = [pair.first.pic, pair.second.pic]
    PAIR.go(pair, "keep_apart", actor=actor, now=now, reason=reason.strip(), pics=pics)
    pair.decided_at = now
