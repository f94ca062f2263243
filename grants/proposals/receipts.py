"""The receipt of a submitted version as a PDF: a few lines, so it may be made while a person waits."""

from __future__ import annotations

import json

import typst

from grants.proposals.models import Proposal, Submission
from grants.web.filters import instant

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
