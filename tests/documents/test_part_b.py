"""A Part B on its way through the pages: what it looks like is told and stops nothing; no name does harm."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
import typst

from grants.db import db
from grants.proposals import facts
from tests.factories.calls import topic
from tests.factories.people import person, signed_in
from tests.factories.proposals import draft
from tests.hostile import make


def paper(size: str, margin: str) -> bytes:
    made = typst.compile(f'#set page("a4", margin: {margin})\n#set text({size})\n#lorem(900)'.encode(), format="pdf")
    assert isinstance(made, bytes)
    return made


@pytest.fixture
def page(app, client) -> Any:
    contact = person()
    proposal = draft(topic(), main_contact=contact)
    signed_in(client, contact)
    return SimpleNamespace(
        proposal=proposal, topic=proposal.topic, client=client, address=f"/proposals/{proposal.number}"
    )


def upload(page: Any, content: bytes, name: str = "part-b.pdf", kind: str = "part_b") -> Any:
    file = {"file": (BytesIO(content), name)}
    return page.client.post(f"{page.address}/files/{kind}", data=file, follow_redirects=True)


def shown(page: Any) -> str:
    return " ".join(page.client.get(page.address).text.split())


def test_small_print_and_narrow_margins_are_told_with_their_pages_and_stop_nothing(page):
    upload(page, paper("9pt", "8mm"))

    said = shown(page)
    assert "The print on page 1 is smaller than 11 points (9 at the smallest)." in said
    assert "A margin on page 1 is narrower than 15 mm" in said
    db.session.refresh(page.proposal)
    measures = facts.part_b(page.proposal).measures
    assert [each["font"] for each in measures] == [9.0]


def test_a_part_b_as_it_should_be_is_not_complained_about(page):
    upload(page, paper("11pt", "20mm"))

    assert "smaller than" not in shown(page)
    assert "narrower than" not in shown(page)


def test_a_topic_that_asks_for_no_layout_gives_no_warning(page):
    page.topic.min_font_pt = page.topic.min_margin_mm = None
    db.session.flush()
    upload(page, paper("9pt", "8mm"))

    assert "smaller than" not in shown(page)
    assert "points" not in page.client.get(f"{page.address}/files").text


def test_annexes_are_not_measured(page):
    upload(page, paper("9pt", "8mm"), kind="annex")

    db.session.refresh(page.proposal)
    [annex] = [each.document for each in page.proposal.attachments if each.kind == "annex"]
    assert (annex.pages, annex.measures) == (1, None)


@pytest.mark.parametrize("name", [name for name in make.NAMES if name.endswith(".pdf")])
def test_a_hostile_name_is_kept_shown_and_given_back_without_harm(page, name):
    asked = {"name": name, "size": len(make.pdf())}
    plan = page.client.post(f"{page.address}/files/annex/ticket", json=asked).json
    assert page.client.put(plan["url"], data=make.pdf()).status_code == 200
    assert page.client.post(plan["done_url"]).json["state"] == "accepted"

    db.session.refresh(page.proposal)
    [annex] = [each.document for each in page.proposal.attachments if each.kind == "annex"]
    assert len(annex.name.encode()) <= 255
    assert annex.name.endswith(".pdf")
    assert not {"/", "\\", "\0", "\r", "\n", "\u202e"} & set(annex.name)
    answer = page.client.get(f"{page.address}/files/{annex.public_id}")
    with page.client.get(answer.headers["Location"]) as file:
        assert file.data == make.pdf()
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        disposition = file.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert not {"/", "\\", "\0", "\r", "\n", "\u202e"} & set(unquote(disposition))


def test_a_name_that_reads_backwards_does_not_hide_what_the_file_is(page):
    backwards = next(name for name in make.NAMES if "\u202e" in name)

    answer = upload(page, make.pdf(), backwards)

    assert "Choose a file of one of these types: PDF." in answer.text
