"""Part A as a PDF for people: what a version, or a draft, says about itself, its consortium and its budget.

Tagged by PDF/UA-1: headings, tables with their heads, a title, a language. Facts go in as data, so nothing typed is
ever markup. The same facts give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import typst

from grants.calls.parta.definition import Field, FieldKind, Form, Scope
from grants.organisations.states import OrganisationKind
from grants.proposals.states import ParticipantRole
from grants.web.filters import country, money

TEMPLATE = r"""
#let facts = json(bytes(sys.inputs.facts))
#set document(title: facts.title_line, author: facts.funder, keywords: facts.keywords, date: none)
#set text(lang: "en", size: 10pt)
#set page(paper: "a4", margin: (x: 20mm, top: 24mm, bottom: 22mm),
  header: text(8pt, facts.funder + " · " + facts.head),
  footer: context align(center, text(8pt, facts.state + " · page " + counter(page).display("1 of 1", both: true))))
#set par(justify: false, leading: 0.6em)
#set table(stroke: 0.4pt + rgb("#8a8a8a"), inset: 5pt)
#show table.cell.where(y: 0): strong
#show heading: set block(above: 1.4em, below: 0.8em)

= Part A: #facts.name
#facts.title

#facts.state_line

== General
#for (label, value) in facts.general [/ #label: #value
]

== Abstract
#for part in facts.abstract [#part

]

== Participants
#table(columns: (auto, 1fr, auto, auto, auto, auto),
  table.header([No.], [Organisation], [PIC], [Country], [Kind], [Role]),
  ..facts.participants.map(each => each.map(value => [#value])).flatten())

#if facts.sections.len() > 0 [== Questions]
#for section in facts.sections [
=== #section.title
#for (label, value) in section.rows [/ #label: #value
]
]

#set page(flipped: true)
== Budget, in euro
#table(columns: (1fr,) + (auto,) * (facts.budget_head.len() - 1),
  align: (column, row) => if column == 0 { left } else { right },
  table.header(..facts.budget_head.map(value => [#text(8pt, value)])),
  ..facts.budget.map(each => each.map(value => [#text(8pt, value)])).flatten())

#for (title, rows) in facts.behind [
=== #title
#for (label, value) in rows [/ #label: #value
]
]

== Files
#if facts.files.len() == 0 [None.]
#for file in facts.files [
  - #file.name, #file.facts \
    #text(8pt, raw(file.sha256))
]
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the snapshot does not say. ``state``: short, in the foot of every page; ``state_line``: a sentence.

    ``categories``: names of the cost categories by code, in the topic's order; ``form``: the questions of Part A.
    """

    funder: str
    topic_title: str
    categories: Mapping[str, str]
    state: str
    state_line: str
    form: Form = field(default_factory=Form)


def pdf(content: Mapping[str, Any], frame: Frame) -> bytes:
    """Part A of a snapshot (``proposals.facts.snapshot``)."""
    return typeset(TEMPLATE, facts_of(content, frame))


def typeset(template: str, facts: Mapping[str, Any]) -> bytes:
    """A tagged PDF of a template that reads ``facts``, in the fonts of typst: they are the same on every machine."""
    compiler = typst.Compiler(template.encode(), ignore_system_fonts=True)
    made = compiler.compile(format="pdf", pdf_standards="ua-1", sys_inputs={"facts": json.dumps(facts)})
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made


def facts_of(content: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    """All texts of the document, in its order."""
    name = content["acronym"] or "without an acronym"
    codes = _codes(content, frame)
    return {
        "funder": frame.funder, "name": name, "title": content["title"] or "No title yet",
        "title_line": f"Part A of proposal {content['number']} {content['acronym']}".strip(),
        "head": f"proposal {content['number']}", "keywords": content["keywords"],
        "state": frame.state, "state_line": frame.state_line, "general": _general(content, frame),
        "abstract": [part.strip() for part in content["abstract"].splitlines() if part.strip()] or ["None yet."],
        "participants": [_participant(place, each) for place, each in enumerate(content["participants"], 1)] or _NONE,
        "sections": _sections(content, frame.form),
        "budget_head": ["Participant", *(frame.categories.get(code, code) for code in codes), *_SUMS],
        "budget": [
            *(_budget(place, each, codes) for place, each in enumerate(content["participants"], 1)),
            _totals(content, codes),
        ],
        "behind": [row for each in content["participants"] if (row := _behind(each, content, frame))[1]],
        "files": [_file(each) for each in content["files"]],
    }  # fmt: skip


_NONE = [["–", "No organisation yet", "–", "–", "–", "–"]]
_SUMS = ("Indirect costs", "Total costs", "Rate, %", "Requested")


def _general(content: Mapping[str, Any], frame: Frame) -> list[tuple[str, str]]:
    people = [f"{content[key]} {key}" for key in ("women", "men") if content[key] is not None]
    months = content["duration_months"]
    return [
        ("Proposal number", str(content["number"])),
        ("Call", content["call"]),
        ("Topic", f"{content['topic']} {frame.topic_title}"),
        ("Duration", f"{months} months" if months else "not given"),
        ("Keywords", ", ".join(content["keywords"]) or "none"),
        ("Named researchers", ", ".join(people) or "not given"),
        ("Total costs", money(Decimal(content["total"]), cents=True)),
        ("Requested contribution", money(Decimal(content["requested"]), cents=True)),
    ]


def _sections(content: Mapping[str, Any], form: Form) -> list[dict[str, Any]]:
    """Questions with what was answered, those of participants once for each; what was not answered is left out."""
    found = []
    for section in form.sections:
        if section.scope is Scope.PROPOSAL:
            whose = [(section.title, content.get("part_a", {}))]
        else:
            whose = [(f"{section.title}: {row['name']}", row.get("part_a", {})) for row in content["participants"]]
        for title, answers in whose:
            given = answers.get(section.key, {})
            rows = [(each.label, _answer(each, given.get(each.key))) for each in section.fields]
            if any(text for _, text in rows):
                found.append({"title": title, "rows": [row for row in rows if row[1]]})
    return found


def _answer(asked: Field, typed: Any) -> str:
    """One answer as people read it; empty for none."""
    labels = {"yes": "Yes", "no": "No"} | {choice.value: choice.label for choice in asked.choices}
    if asked.kind is FieldKind.TABLE:
        rows = [
            "; ".join(f"{column.label} {row[column.key]}" for column in asked.columns if row.get(column.key))
            for row in typed or []
        ]
        return " · ".join(rows)
    if isinstance(typed, list):
        return ", ".join(str(labels.get(each, each)) for each in typed)
    text = str(typed or "")
    return labels.get(text, text) if asked.kind in (FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.FILE) else text


def _participant(place: int, row: Mapping[str, Any]) -> list[str]:
    kind = OrganisationKind(row["kind"]).label + (", SME" if row["sme"] else "")
    role = ParticipantRole(row["role"]).label
    return [str(place), row["name"], row["pic"], country(row["country"]), kind, role]


def _codes(content: Mapping[str, Any], frame: Frame) -> list[str]:
    """Categories in the topic's order; then those that the topic does not have any more."""
    used = {code for row in content["participants"] for code in row["costs"]}
    return [*frame.categories, *sorted(used - set(frame.categories))]


def _budget(place: int, row: Mapping[str, Any], codes: list[str]) -> list[str]:
    costs = [_amount(row["costs"].get(code)) for code in codes]
    rate = f"{Decimal(row['funding_rate']).normalize():f}"
    sums = [_amount(row["indirect"]), _amount(row["total"]), rate, _amount(row["requested"])]
    return [f"{place}. {row['name']}", *costs, *sums]


def _totals(content: Mapping[str, Any], codes: list[str]) -> list[str]:
    rows = content["participants"]
    sums = [sum((_number(row["costs"].get(code)) for row in rows), Decimal(0)) for code in codes]
    indirect = sum((Decimal(row["indirect"]) for row in rows), Decimal(0))
    whole = [_amount(content["total"]), "–", _amount(content["requested"])]
    return ["All", *map(_plain, (*sums, indirect)), *whole]


def _behind(row: Mapping[str, Any], content: Mapping[str, Any], frame: Frame) -> tuple[str, list[tuple[str, str]]]:
    """What stands behind a participant's costs; versions from before these were asked for have none of it."""
    names, titles = frame.categories, content.get("work_packages", [])
    said = [
        (f"{names.get(code, code)}, units", _decimal(counted)) for code, counted in row.get("quantities", {}).items()
    ]
    said += [(f"Why {names.get(code, code)}", reason) for code, reason in row.get("justifications", {}).items()]
    for number, share in row.get("shares", {}).items():
        title = titles[int(number) - 1] if int(number) <= len(titles) else ""
        said.append((f"Share in WP{number} {title}".strip(), _amount(share)))
    means = (("own_contribution", "Own contribution"), ("income", "Income"))
    said += [(words, _amount(row.get(key))) for key, words in means if _number(row.get(key))]
    return row["name"], said


def _decimal(text: str) -> str:
    """Without needless zeros."""
    return f"{_number(text).normalize():f}"


def _number(text: str | None) -> Decimal:
    """A draft may hold what is no amount: it counts nothing, as in its sums."""
    try:
        return Decimal(text or 0)
    except InvalidOperation:
        return Decimal(0)


def _amount(text: str | None) -> str:
    return _plain(_number(text))


def _plain(amount: Decimal) -> str:
    return money(amount, cents=True).lstrip("€\u202f")


def _file(file: Mapping[str, Any]) -> dict[str, str]:
    pages = f", {file['pages']} pages" if file["pages"] else ""
    return {"name": file["name"], "facts": f"{file['size']} bytes{pages}", "sha256": file["sha256"] or ""}
