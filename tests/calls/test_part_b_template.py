"""The template of Part B: made for each topic when it is published and corrected, readable, as the topic asks."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.shared import Pt
from sqlalchemy import text

from grants.calls import part_b, queries, services
from grants.db import db
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of


def test_it_has_the_criteria_as_headings_and_the_page_as_the_topic_asks(app):
    made = Document(BytesIO(part_b.content(topic())))
    heads = [each.text for each in made.paragraphs if each.style.name.startswith("Heading")]
    assert heads[:4] == ["1. Excellence", "2. Impact", "3. Implementation", "4. Work plan"]
    section = made.sections[0]
    assert (round(section.left_margin.mm, 1), round(section.page_width.mm)) == (15.0, 210)
    assert made.styles["Normal"].font.size == Pt(11)
    assert "At most 45 pages" in " ".join(each.text for each in made.paragraphs)
    assert [cell.text for cell in made.tables[0].rows[0].cells][:2] == ["No.", "Work package"]


def test_publication_asks_for_one_of_each_topic_and_a_newer_one_takes_the_place_of_the_older(app, client):
    of = topic(published=False)
    _, manager = manager_of(of)
    services.publish(of.call, actor=manager, now=NOW)
    jobs = db.session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'make_part_b_template'"))
    assert {"topic_id": of.id} in [row[0] for row in jobs]

    for _ in range(2):
        part_b.make(of.id, store=app.extensions["store"], now=NOW)
    db.session.commit()

    (kept,) = queries.part_b_templates(of)
    assert kept.name == f"{of.identifier}-Part-B.docx"
    assert kept.name in client.get(f"/topics/{of.identifier}").text
    with client.get(f"/calls/{of.call.identifier}/documents/{kept.public_id}", follow_redirects=True) as answer:
        assert Document(BytesIO(answer.data)).paragraphs[0].text == "Part B: description of the action"


def test_a_topic_that_is_gone_has_none(app):
    part_b.make(10**9, store=app.extensions["store"], now=NOW)
