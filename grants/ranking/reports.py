"""The evaluation summary report as a PDF: what the consensus says, the total, the decision; never a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typst

#: Compiled anew each time: a compiler of bytes serves once only.
_TEMPLATE = r"""
#let facts = json(bytes(sys.inputs.facts))
#set document(title: facts.heading + " " + facts.number, author: facts.funder)
#set page(paper: "a4", margin: 22mm, footer: align(center, text(8pt, facts.number + " · " + facts.topic)))
#set text(lang: "en", size: 10pt)
= #facts.heading
#v(2mm)
Proposal *#facts.number #facts.acronym* \
#facts.title

#table(columns: (auto, 1fr), stroke: 0.5pt + gray, inset: 6pt,
  [Topic], facts.topic,
  [Result], facts.result,
  [Total], facts.total,
  [Thresholds], facts.thresholds,
)
#for each in facts.criteria [
  == #each.name: #each.score of #each.maximum
  #if each.threshold != "" [Threshold #each.threshold]

  #for part in each.comment [
    #part

  ]
  #for part in each.weaknesses [
    Weaknesses: #part

  ]
]
#if facts.questions.len() > 0 [
  == Questions
  #for each in facts.questions [
    - #each.text *#each.answer* #each.remark
  ]
]
#if facts.minority.len() > 0 [
  == Minority view
  #for part in facts.minority [
    #part

  ]
]
#if facts.overall.len() > 0 [
  == Overall comment
  #for part in facts.overall [
    #part

  ]
]
"""


def pdf(facts: Mapping[str, Any]) -> bytes:
    """A tagged PDF (PDF/UA-1). Facts go in as data, so nothing typed is ever markup.

    ``heading``, ``minority``, ``questions`` and ``overall`` may be left out.
    """
    facts = {"heading": "Evaluation summary report", "minority": [], "questions": [], "overall": [], **facts}
    made = typst.compile(
        _TEMPLATE.encode(), format="pdf", pdf_standards="ua-1", sys_inputs={"facts": json.dumps(facts)}
    )
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made


def paragraphs(text: str) -> list[str]:
    """What stands between empty lines."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]
