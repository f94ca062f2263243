"""Concepts of the tree of keywords."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import relationship

from grants.db import Base, Mapped, mapped_column, type_id


class Concept(Base):
    """One keyword. ``code``: what the file calls it, for good; ``label``: as people read it."""

    __tablename__ = "concept"
    __table_args__ = (CheckConstraint("broader_id <> id", name="not_its_own_broader"),)
    id: Mapped[type_id]
    code: Mapped[str] = mapped_column(String(200), unique=True)
    label: Mapped[str] = mapped_column(String(300))
    broader_id: Mapped[int | None] = mapped_column(ForeignKey("concept.id"), index=True)  # None: a root of the tree
    broader: Mapped[Concept | None] = relationship(remote_side="Concept.id")
