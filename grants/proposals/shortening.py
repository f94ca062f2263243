"""What evaluators read of Part B: of one longer than the topic's page limit, a copy whose pages after it say so and
no more; in a blind evaluation, a copy that does not say who wrote it.

The worker makes that copy, queued when the first expert is assigned, at the latest when one asks for the file. The
original stays in the store for applicants and managers; evaluators never get it. Source: domain.md 4 (page limits,
blind evaluation).
"""

from __future__ import annotations

import json
from datetime import datetime

import typst
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from grants.db import db
from grants.documents.models import Document
from grants.documents.services import keep_generated, store_answers
from grants.documents.store import Store
from grants.kernel.links import Ref
from grants.proposals import queries
from grants.proposals.models import Proposal, ShortenedPartB
from grants.proposals.rules import pages_not_read
from grants.queue import defer
from uploads.shortening import shortened

KIND = "part_b_shortened"
_NOTES = r"""
#let facts = json(bytes(sys.inputs.facts))
#set document(title: "Pages beyond the limit")
#set page(paper: "a4", margin: 30mm)
#set text(lang: "en", size: 14pt)
#for number in facts.pages [
  #v(1fr)
  #align(center)[Page #number is beyond the limit of #facts.limit pages and is not evaluated.]
  #v(2fr)
  #if number != facts.pages.last() { pagebreak() }
]
"""


def prepare(proposal: Proposal) -> None:
    """Queue the copy that evaluators of this proposal will need, if they need one."""
    version = queries.last_submission(proposal.id)
    limit, blind = queries.page_limit_of(proposal), queries.is_blind(proposal)
    for each in version.files if version else ():
        if each.kind == "part_b" and for_evaluators(each.document, limit, blind=blind) is None:
            ask_for(each.document, limit, blind=blind)


def for_evaluators(document: Document, page_limit: int | None, *, blind: bool = False) -> Document | None:
    """What an evaluator gets for this file of a proposal: itself, or its copy without pages beyond the limit; where
    the evaluation is ``blind`` always a copy, without what the file says of its authors.

    None while there is no copy yet: then ``ask_for`` it.
    """
    if blind or _is_over(document, page_limit):
        return _copy(document, _limit(document, page_limit), blind=blind)
    return document


def ask_for(document: Document, page_limit: int | None, *, blind: bool = False) -> None:
    """Queue the copy. Asking twice makes one."""
    which = {"page_limit": _limit(document, page_limit) or 0} | ({"blind": 1} if blind else {})
    defer("shorten_part_b", lock=f"shorten {document.id}", document_id=document.id, **which)


def make(document_id: int, page_limit: int, blind: int = 0, *, store: Store, now: datetime) -> None:
    """The worker's part; ``page_limit`` 0 leaves no page out. Repeating is harmless. Raises GaveUp, Unavailable and
    Missing; the queue tries again."""
    document = db.session.get(Document, document_id, with_for_update=True)
    limit, hides = page_limit or None, bool(blind)
    if document is None or document.kind != "part_b" or document.object_key is None or document.pages is None:
        return
    if for_evaluators(document, limit, blind=hides) is not None:
        return
    rest = _notes(pages_not_read(document.pages, limit), limit) if limit else None
    with store_answers():
        content, pages = shortened(
            store.storage, document.object_key, keep=limit or document.pages, rest=rest, bare=hides
        )
    if pages != document.pages:
        raise ValueError(f"document {document.public_id}: {pages} instead of {document.pages} pages")
    owner = Ref(document.owner_kind, document.owner_key)
    name = f"{document.owner_key} Part B.pdf" if hides else document.name
    copy = keep_generated(owner, KIND, name=name, content=content, now=now, store=store)
    copy.pages = pages
    made = ShortenedPartB(document_id=document.id, page_limit=limit, blind=hides, copy_id=copy.id, created_at=now)
    db.session.add(made)
    db.session.flush()


def _limit(document: Document, page_limit: int | None) -> int | None:
    """The limit where it leaves pages out: a copy of the whole file does not depend on it."""
    return page_limit if _is_over(document, page_limit) else None


def _is_over(document: Document, page_limit: int | None) -> bool:
    return document.kind == "part_b" and bool(pages_not_read(document.pages, page_limit))


def _copy(document: Document, page_limit: int | None, *, blind: bool) -> Document | None:
    made = db.session.scalar(
        select(ShortenedPartB)
        .where(
            ShortenedPartB.document_id == document.id,
            ShortenedPartB.blind.is_(blind),
            ShortenedPartB.page_limit.is_(None) if page_limit is None else ShortenedPartB.page_limit == page_limit,
        )
        .options(joinedload(ShortenedPartB.copy))
    )
    return made.copy if made else None


def _notes(pages: range, limit: int) -> bytes:
    """A page for each that is left out, which says that it is."""
    facts = json.dumps({"pages": list(pages), "limit": limit})
    made = typst.compile(_NOTES.encode(), format="pdf", pdf_standards="ua-1", sys_inputs={"facts": facts})
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made
