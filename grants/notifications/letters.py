"""Writing letters into the outbox from templates: ``templates/letters/KIND.txt``, first line the subject.

A letter is written in the transaction that causes it; its key makes it unique, so repeating is harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.dialects.postgresql import insert

from grants.db import db
from grants.kernel.links import Ref
from grants.notifications.models import Letter

_SITE: dict[str, Any] = {"base_url": "http://localhost", "funder": "Grants"}
_FILTERS: dict[str, Any] = {}
_FOLDER = Path(__file__).resolve().parents[2] / "templates" / "letters"


def configure(*, base_url: str, funder: str, filters: Mapping[str, Any]) -> None:
    """Say what every letter knows: the site's address, the funder's name, how values are written."""
    _SITE.update(base_url=base_url, funder=funder)
    _FILTERS.update(filters)
    _environment.cache_clear()


@cache
def _environment() -> Environment:
    """Plain text: nothing to escape. A missing fact is an error, never a gap in a letter."""
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    environment.globals.update(_SITE)
    return environment


def render(kind: str, **facts: Any) -> tuple[str, str]:
    """Subject and body of a letter of this kind: what will be sent, for previews too."""
    text = _environment().get_template(f"{kind}.txt").render(**facts)
    subject, _, body = text.partition("\n")
    return " ".join(subject.removeprefix("Subject:").split()), body.strip() + "\n"


def write(
    kind: str,
    *,
    key: str,
    address: str,
    about: Ref,
    now: datetime,
    account_id: int | None = None,
    due_at: datetime | None = None,
    **facts: Any,
) -> bool:
    """Put one letter into the outbox unless its key is there. Whether it was new. Does not commit."""
    subject, body = render(kind, **facts)
    row = {
        "key": key, "kind": kind, "account_id": account_id, "address": address, "subject": subject, "body": body,
        "object_kind": about.kind, "object_key": about.key, "created_at": now, "due_at": due_at or now,
    }  # fmt: skip
    statement = insert(Letter).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(Letter.id)
    return db.session.execute(statement).scalar() is not None
