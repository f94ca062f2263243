"""Reading the tree of keywords."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, select

from grants.db import db
from grants.vocabulary.models import Concept
from grants.vocabulary.rules import Node, outline, tree


def whole() -> list[Node]:
    """The whole tree; one statement."""
    rows = db.session.execute(select(Concept.id, Concept.label, Concept.broader_id))
    return tree((row[0], row[1], row[2]) for row in rows)


def choices() -> list[tuple[int, str]]:
    """All concepts for a list to choose from, each under its broader one and set in."""
    return [(identity, "\u2003" * depth + label) for identity, label, depth in outline(whole())]


def with_narrower(wanted: ColumnElement[bool]) -> Select[int]:
    """The identities of some concepts and of all below them."""
    below = select(Concept.id).where(wanted).cte("below", recursive=True)
    return select(below.union(select(Concept.id).join(below, Concept.broader_id == below.c.id)).c.id)
