"""What a receipt says: as a PDF for people and as facts for programs. Neither is signed yet: see ``sealing``."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785
import typst

from grants.audit.models import AuditEvent
from grants.proposals.models import Proposal, Submission
from grants.web.filters import instant

#: A receipt as JSON is smaller than this, in bytes.
LARGEST_STATEMENT = 1024**2
#: Compiled anew each time: a compiler of bytes serves once only.
_TEMPLATE = r"""
#let facts = json(bytes(sys.inputs.facts))
#set document(title: "Receipt " + facts.number + " version " + facts.version, author: facts.funder)
#set page(paper: "a4", margin: 22mm, footer: align(center, text(8pt, facts.check)))
#set text(lang: "en", size: 10pt)
= Receipt
#v(2mm)
Proposal *#facts.number #facts.acronym*, version *#facts.version* \
#facts.title

#table(columns: (auto, 1fr), stroke: 0.5pt + gray, inset: 6pt,
  [Topic], facts.topic,
  [Received], facts.local + linebreak() + facts.utc,
  [Submitted by], facts.by,
  [Receipt code], raw(facts.code),
  [Content, SHA-256], text(8pt, raw(facts.hash)),
)
== Files
#for file in facts.files [
  - #file.name, #file.size bytes#file.pages \
    #text(8pt, raw(file.sha256))
]
"""


def pdf(submission: Submission, proposal: Proposal, *, base_url: str, funder: str = "Grants") -> bytes:
    """An accessible (tagged, PDF/UA-1) receipt. Facts go in as data, so nothing typed is ever markup."""
    zone = proposal.topic.call.zone
    facts = {
        "number": str(proposal.number), "version": str(submission.number), "acronym": submission.content["acronym"],
        "title": submission.content["title"], "topic": proposal.topic.identifier, "by": submission.submitted_by.name,
        "local": instant(submission.submitted_at, zone, seconds=True), "funder": funder,
        "utc": instant(submission.submitted_at, "UTC", seconds=True), "code": submission.code,
        "hash": submission.content_sha256, "check": f"Anyone can check this receipt at {base_url}/verify",
        "files": [
            {"name": each.name, "size": str(each.size), "sha256": each.sha256,
             "pages": f", {each.pages} pages" if each.pages else ""}
            for each in submission.files
        ],
    }  # fmt: skip
    made = typst.compile(
        _TEMPLATE.encode(), format="pdf", pdf_standards="ua-1", sys_inputs={"facts": json.dumps(facts)}
    )
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made


def statement(
    submission: Submission, proposal: Proposal, event: AuditEvent | None, *, base_url: str, funder: str
) -> dict[str, Any]:
    """The same as facts that a program reads. ``event``: the place of the submission in the audit trail, so that who
    holds the receipt can see that the trail was not written anew."""
    return {
        "funder": funder, "proposal": proposal.number, "version": submission.number, "code": submission.code,
        "acronym": submission.content["acronym"], "title": submission.content["title"],
        "topic": proposal.topic.identifier, "received": _utc(submission.submitted_at),
        "zone": proposal.topic.call.zone, "submitted_by": submission.submitted_by.name,
        "content_sha256": submission.content_sha256,
        "files": [
            {"kind": each.kind, "name": each.name, "size": each.size, "sha256": each.sha256, "pages": each.pages}
            for each in submission.files
        ],
        "audit": {"number": event.number, "hash": event.hash} if event else None, "check": f"{base_url}/verify",
    }  # fmt: skip


def _utc(instant: datetime) -> str:
    """To the millisecond, which is what decides at a deadline."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def canonical_sha256(content: bytes) -> str:
    """The hash of JSON in its canonical form, in which receipts are kept: a program that set it anew has changed
    nothing. Of anything else, the hash of its bytes."""
    if len(content) <= LARGEST_STATEMENT:
        with suppress(ValueError, RecursionError):
            content = rfc8785.dumps(json.loads(content))
    return sha256(content).hexdigest()


def plain_code(text: str) -> str:
    """A receipt's code as it is kept, however it was typed: with blanks, without hyphens, in small letters.

    >>> plain_code("abcde fghij-klmno pqrst")
    'ABCDE-FGHIJ-KLMNO-PQRST'
    """
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    return "-".join(signs[start : start + 5] for start in range(0, len(signs), 5))
