"""Taking a file of keywords over: creates, changes what differs, leaves the rest; all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import resources

from sqlalchemy import select

from grants.audit.services import record
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid
from grants.kernel.links import Ref
from grants.vocabulary.models import Concept
from grants.vocabulary.rules import Entry, problems, read_csv, read_json


def own_file() -> str:
    """The keywords that come with this software: a small tree, for an installation that loads no other."""
    return resources.files("grants.vocabulary").joinpath("keywords.csv").read_text(encoding="utf-8")


def import_keywords(text: str, *, as_json: bool = False, actor: Actor, now: datetime) -> dict[str, int]:
    """Counts of read, created, updated and unchanged. Concepts that the file does not name stay as they are: people
    have chosen them. Raises Invalid with every wrong line; nothing is kept then. Flushes."""
    entries, wrong = (read_json if as_json else read_csv)(text)
    known = {each.code: each for each in db.session.scalars(select(Concept))}
    codes = {each.id: each.code for each in known.values()}
    above = {code: codes.get(each.broader_id or 0, "") for code, each in known.items()}
    if found := wrong or problems(entries, above):
        raise Invalid(found)
    counts = {"read": len(entries), "created": 0, "updated": 0, "unchanged": 0}
    for each in entries:
        concept = known.get(each.code)
        if concept is None:
            known[each.code] = concept = Concept(code=each.code, label=each.label)
            db.session.add(concept)
            counts["created"] += 1
        elif (concept.label, above[each.code]) == (each.label, each.broader):
            counts["unchanged"] += 1
        else:
            counts["updated"] += 1
        concept.label = each.label
    db.session.flush()
    _set_broader(entries, known)
    if counts["created"] or counts["updated"]:
        record(Ref("vocabulary", "keywords"), "vocabulary.imported", actor=actor, now=now, facts=counts)
    return counts


def _set_broader(entries: Sequence[Entry], known: dict[str, Concept]) -> None:
    """After all are there: a line may name what comes later."""
    for each in entries:
        known[each.code].broader_id = known[each.broader].id if each.broader else None
    db.session.flush()
