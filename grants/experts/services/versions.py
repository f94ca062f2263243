"""Saving what was not changed elsewhere meanwhile: each page of a profile counts its versions on its own, so that
different pages never collide."""

from __future__ import annotations

from collections.abc import Callable

from grants.db import db, refresh_locked
from grants.experts.models import Expert
from grants.kernel.errors import Stale


def next_version(expert: Expert, page: str, texts: Callable[[Expert], dict[str, str]], *, seen: int | None) -> None:
    """Lock the profile and count a new version of one page. ``texts``: what is kept now, for who must compare.

    ``seen``: the version that the person saw; None where nobody saw one. Raises Stale where it is not the last.
    """
    db.session.flush()  # what is not written yet would be read over
    refresh_locked(expert)
    last: int = getattr(expert, f"{page}_version")
    if seen is not None and seen != last:
        raise Stale(current=texts(expert), yours={}, version=last)
    setattr(expert, f"{page}_version", last + 1)
