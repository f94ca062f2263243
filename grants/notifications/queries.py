"""Reading the outbox."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from grants.db import db
from grants.kernel.links import Ref
from grants.notifications.models import Letter


def letters(*, state: str = "", text: str = "") -> Select[Letter]:
    """All letters, narrowed by state (``waiting``, ``sent``, ``failed``) and by recipient or subject. Not ordered."""
    rows = select(Letter)
    if state == "sent":
        rows = rows.where(Letter.sent_at.is_not(None))
    elif state == "failed":
        rows = rows.where(Letter.failed_at.is_not(None))
    elif state == "waiting":
        rows = rows.where(Letter.sent_at.is_(None), Letter.failed_at.is_(None))
    if text:
        rows = rows.where(
            Letter.address.icontains(text, autoescape=True) | Letter.subject.icontains(text, autoescape=True)
        )
    return rows


def letters_about(ref: Ref) -> Select[Letter]:
    """Letters about one object, newest first."""
    about = (Letter.object_kind == ref.kind, Letter.object_key == ref.key)
    return select(Letter).where(*about).order_by(Letter.id.desc())


def counts() -> dict[str, int]:
    """How many letters wait, were sent, were given up."""
    sent, failed = Letter.sent_at.is_not(None), Letter.failed_at.is_not(None)
    row = db.session.execute(
        select(
            func.count().filter(~sent & ~failed).label("waiting"),
            func.count().filter(sent).label("sent"),
            func.count().filter(failed).label("failed"),
        ).select_from(Letter)
    ).one()
    return dict(row._mapping)
