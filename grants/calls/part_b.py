"""The template of Part B that applicants fill in: a DOCX made from what the topic says. The worker's part.

Headings are the award criteria, the page is set as the topic asks (margins, size of print), tables for work plan and
risks are there to be filled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import docx as word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from grants.calls import queries
from grants.calls.models import Topic
from grants.db import db
from grants.documents.services import keep_generated
from grants.documents.store import Store
from uploads.kinds import DOCX

_FONT = "Arial"
_USUAL_PT, _USUAL_MM = 11, 15
_WORK_PLAN = ("No.", "Work package", "Lead", "First month", "Last month", "Person-months")
_RISKS = ("Risk", "Likelihood", "Effect", "What is done about it")
_DELIVERABLES = ("No.", "Deliverable", "Work package", "Month", "Who may read it")


def make(topic_id: int, *, store: Store, now: datetime) -> None:
    """Make the template of a topic as it stands; the one before it is no longer listed. Raises Unavailable."""
    topic = db.session.scalar(queries.whole_topic().where(Topic.id == topic_id))
    if topic is None:
        return
    for old in queries.part_b_templates(topic):
        old.removed_at = now
    name = re.sub(r"[^A-Za-z0-9._-]", "-", f"{topic.identifier}-Part-B.docx")
    kept = keep_generated(
        topic.call.papers(), queries.PART_B_TEMPLATE, name=name, content=content(topic), now=now, store=store,
        media_type=DOCX,
    )  # fmt: skip
    kept.part = str(topic.id)
    db.session.flush()


def content(topic: Topic) -> bytes:
    """The template's bytes."""
    made = word.Document()
    _page(made, topic)
    made.core_properties.title, made.core_properties.author = f"Part B, {topic.identifier}", ""
    made.add_heading("Part B: description of the action", level=0)
    made.add_paragraph(f"{topic.identifier} {topic.title}")
    made.add_paragraph(_rules(topic)).style = made.styles["Quote"]
    for number, criterion in enumerate(topic.criteria, 1):
        made.add_heading(f"{number}. {criterion.name}", level=1)
        made.add_paragraph(criterion.description).style = made.styles["Quote"]
        made.add_paragraph("")
    made.add_heading(f"{len(topic.criteria) + 1}. Work plan", level=1)
    for title, columns in (
        ("Work packages", _WORK_PLAN), ("Deliverables", _DELIVERABLES), ("Risks", _RISKS),
    ):  # fmt: skip
        made.add_heading(title, level=2)
        _table(made, columns)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _rules(topic: Topic) -> str:
    """What is asked of the file, in words; the applicants take this paragraph out."""
    size, margin = Decimal(topic.min_font_pt or _USUAL_PT), Decimal(topic.min_margin_mm or _USUAL_MM)
    limit = f"At most {topic.page_limit} pages; pages after that are not read. " if topic.page_limit else ""
    return (
        f"{limit}Text of at least {size.normalize():f} points, margins of at least {margin.normalize():f} mm. "
        "Save it as PDF and upload it under Files. Delete the paragraphs in this style."
    )


def _page(made: Any, topic: Topic) -> None:
    margin = Mm(float(topic.min_margin_mm or _USUAL_MM))
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = margin
    style = made.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(float(topic.min_font_pt or _USUAL_PT))
    for name in ("Title", "Heading 1", "Heading 2"):
        made.styles[name].font.name = _FONT
        made.styles[name].element.rPr.rFonts.set(qn("w:asciiTheme"), _FONT)
    section.header.paragraphs[0].text = f"{topic.identifier} · [acronym]"
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_number(foot)


def _page_number(paragraph: Any) -> None:
    """A field that the word processor fills."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _table(made: Any, columns: Sequence[str]) -> None:
    table = made.add_table(rows=4, cols=len(columns))
    table.style = "Table Grid"
    for cell, words in zip(table.rows[0].cells, columns, strict=True):
        cell.text = words
        cell.paragraphs[0].runs[0].bold = True
