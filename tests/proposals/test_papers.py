"""Documents made from versions and drafts: what they say, how they are tagged, who may read them."""

from __future__ import annotations

import ctypes
import json
import zipfile
from hashlib import sha256
from io import BytesIO

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import typst
from sqlalchemy import text

from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.clock import FixedClock
from grants.proposals import bundles, papers, part_a, printing, queries
from grants.proposals.models import Proposal
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import answer_part_a, document_of, draft
from uploads.intake import keep

GOLDEN = [
    "Part A: SAFEKIDS", "A safer net", "Testing Fund", "Version 1, received Tue 1 Sept 2026, 12:00:00 Brussels time",
    "Total costs", "375 000.00", "100 000.00", "25 000.00", "Coordinator", "Beneficiary", "Belgium", "Portugal",
    "24 months", "part-b.pdf",
]  # fmt: skip


def words_of(data: bytes) -> str:
    """The text layer, by a library that did not make the file."""
    with pypdfium2.PdfDocument(data) as document:
        found = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join(" ".join(found).replace("\u202f", " ").replace("\xad", "").split())


def tags_of(data: bytes) -> list[str]:
    """All tags of the structure tree in reading order, by a library that did not make the file."""
    found: list[str] = []

    def walk(element) -> None:
        room = ctypes.create_string_buffer(80)
        length = pdfium.FPDF_StructElement_GetType(element, room, 80)
        found.append(room.raw[:length].decode("utf-16-le").strip("\0"))
        for place in range(pdfium.FPDF_StructElement_CountChildren(element)):
            if child := pdfium.FPDF_StructElement_GetChildAtIndex(element, place):
                walk(child)

    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            tree = pdfium.FPDF_StructTree_GetForPage(page)
            for place in range(pdfium.FPDF_StructTree_CountChildren(tree)):
                walk(pdfium.FPDF_StructTree_GetChildAtIndex(tree, place))
            pdfium.FPDF_StructTree_Close(tree)
    return found


def pages(count: int, word: str) -> bytes:
    source = f"#for n in range({count}) [{word} #n #pagebreak(weak: true)]"
    return typst.compile(source.encode(), format="pdf")


def stored(app, proposal: Proposal, content: bytes, *, kind: str, name: str, media_type: str = "application/pdf"):
    """An accepted file of the draft with its bytes in the store."""
    document = document_of(proposal, kind=kind, pages=3 if kind == "part_b" else 1)
    document.object_key = keep(app.extensions["store"].storage, content, media_type)
    document.sha256, document.size = document.object_key.rpartition("/")[2], len(content)
    document.media_type, document.name = media_type, name
    db.session.flush()
    db.session.refresh(proposal)
    return document


@pytest.fixture
def contact(app):
    return person("Ana Ferreira")


@pytest.fixture
def proposal(app, client, contact) -> Proposal:
    """Submitted on the site, with a Part B, an annex in PDF and a table."""
    made = draft(topic(), main_contact=contact, complete=False)
    answer_part_a(made)
    stored(app, made, pages(3, "Method"), kind="part_b", name="part-b.pdf")
    stored(app, made, pages(1, "Letter"), kind="annex", name="../Ünterstützung.pdf")
    stored(app, made, b"a,b\n1,2\n", kind="annex", name="table.csv", media_type="text/csv")
    signed_in(client, contact)
    client.post(f"/proposals/{made.number}/submit", data={"declared": "y"})
    return made


def printed(app, proposal: Proposal) -> dict[str, bytes]:
    """What the worker makes, by kind."""
    version = queries.last_submission(proposal.id)
    settings, store = app.extensions["settings"], app.extensions["store"]
    printing.make_papers(version.id, settings=settings, store=store, clock=FixedClock(NOW))
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.commit()
    return {kind: content_of(app, each) for kind, each in papers.of_version(version.id).documents.items()}


def content_of(app, document) -> bytes:
    with app.extensions["store"].storage.open(document.object_key) as source:
        return source.read()


def test_part_a_says_everything_that_was_submitted(app, proposal):
    said = words_of(printed(app, proposal)["part_a"])

    assert [each for each in GOLDEN if each not in said] == []
    version = queries.last_submission(proposal.id)
    assert version.code in said
    assert "All participants have agreed to this proposal and to their part in it Yes" in " ".join(said.split())
    for row in version.content["participants"]:
        assert row["pic"] in said
        assert row["name"] in said


def test_part_a_is_tagged_with_headings_and_heads_of_tables(app, proposal):
    data = printed(app, proposal)["part_a"]

    tags = tags_of(data)
    assert tags.count("H1") == 1
    assert tags.count("H2") == 6
    people = len(proposal.participants)
    assert tags.count("H3") == 3 + 3 * people + people  # sections, those of participants once for each, their costs
    heads = len(proposal.topic.categories) + 1 + 4
    assert (tags.count("Table"), tags.count("TH")) == (2, 6 + heads)
    with pypdfium2.PdfDocument(data) as document:
        assert document.get_metadata_dict()["Title"] == f"Part A of proposal {proposal.number} SAFEKIDS"
    assert b"pdfuaid" in data


def test_what_people_type_is_never_markup_and_every_script_is_set():
    content = {
        "number": 101_000_001, "topic": "T", "call": "C", "acronym": "#panic()", "title": "*bold* _x_ $1$ @ref <a>",
        "abstract": "Ελληνικά и кириллица\n\n#set page(width: 1pt)", "keywords": ["#a"], "duration_months": None,
        "women": None, "men": 3, "participants": [], "total": "0", "requested": "0", "files": [],
    }  # fmt: skip
    frame = part_a.Frame("Fund", "Title", {"A": "Personnel"}, "draft", "A draft.")

    said = words_of(part_a.pdf(content, frame))

    for each in ("#panic()", "*bold* _x_ $1$ @ref <a>", "Ελληνικά и кириллица", "#set page(width: 1pt)", "3 men"):
        assert each in said


def test_the_bundle_holds_all_pdfs_behind_a_page_of_contents(app, proposal):
    made = printed(app, proposal)

    with pypdfium2.PdfDocument(made["bundle"]) as whole, pypdfium2.PdfDocument(made["part_a"]) as first:
        length = len(first)
        assert len(whole) == 1 + length + 3 + 1
        contents = "".join(whole[0].get_textpage().get_text_bounded().split())
        part_b = whole[1 + length].get_textpage().get_text_bounded()
    assert "PartA2" in contents
    assert f"PartB:part-b.pdf{2 + length}" in contents
    assert "Annex:table.csvintheZIPonly" in contents
    assert "Method 0" in part_b


def test_the_archive_holds_every_byte_and_the_data_that_the_receipt_names(app, proposal):
    version = queries.last_submission(proposal.id)

    with zipfile.ZipFile(BytesIO(printed(app, proposal)["archive"])) as packed:
        names = packed.namelist()
        data = packed.read("proposal.json")
        hashes = {sha256(packed.read(name)).hexdigest() for name in names}
    assert sha256(data).hexdigest() == version.content_sha256
    assert json.loads(data) == version.content
    assert {each.sha256 for each in version.files} <= hashes
    assert all("/" not in name and ".." not in name for name in names)
    assert names[:2] == ["proposal.json", "00 Part A.pdf"]


def test_a_version_is_printed_alike_each_time(app, proposal):
    version = queries.last_submission(proposal.id)
    frame = printing._frame_of_version(version, app.extensions["settings"])
    assert part_a.pdf(version.content, frame) == part_a.pdf(version.content, frame)


def test_a_damaged_or_huge_annex_is_in_the_archive_only(app, monkeypatch):
    storage = app.extensions["store"].storage
    good, bad = pages(2, "Good"), b"%PDF-1.7 broken"
    pieces = [
        bundles.Piece("Annex", f"{name}.pdf", "application/pdf", len(data), keep(storage, data, "application/pdf"))
        for name, data in (("good", good), ("bad", bad))
    ]

    def contents() -> str:
        return words_of(bundles.bundle(pages(1, "A"), pieces, storage, title="T", state="S", funder="F"))

    assert "good.pdf 3" in contents()
    assert "bad.pdf in the ZIP only" in contents()
    monkeypatch.setattr(bundles, "LARGEST_BUNDLE", 10)
    assert "good.pdf in the ZIP only" in contents()


def test_page_numbers_are_right_when_the_contents_take_several_pages(app):
    storage = app.extensions["store"].storage
    data = pages(1, "One")
    key = keep(storage, data, "application/pdf")
    pieces = [bundles.Piece("Annex", f"{place}.pdf", "application/pdf", len(data), key) for place in range(60)]

    made = bundles.bundle(pages(1, "A"), pieces, storage, title="T", state="S", funder="F")

    with pypdfium2.PdfDocument(made) as whole:
        front = len(whole) - 61
        assert front > 1
        assert f"PartA{front + 1}" in "".join(whole[0].get_textpage().get_text_bounded().split())


def test_the_page_says_that_documents_are_made_and_then_offers_them(app, client, proposal):
    address = f"/proposals/{proposal.number}/versions/1"
    assert "are being made" in client.get(address).text

    printed(app, proposal)

    page = client.get(address).text
    assert "are being made" not in page
    for kind in papers.PAPERS:
        assert f"{address}/papers/{kind}" in page
        assert client.get(f"{address}/papers/{kind}").location.startswith("/files/objects/")
    assert client.get(f"{address}/papers/secret").status_code == 404


def test_documents_of_old_versions_are_asked_for_once_by_a_button(app, client, proposal):
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    address = f"/proposals/{proposal.number}/versions/1"
    assert "Make Part A" in client.get(address).text
    for _ in range(2):
        client.post(f"{address}/papers")
    count = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'make_papers'")
    assert db.session.scalar(count) == 1


def test_strangers_and_the_funder_before_the_deadline_find_no_documents(app, client, proposal):
    document = papers.of_version(queries.last_submission(proposal.id).id)
    printed(app, proposal)
    document = papers.of_version(queries.last_submission(proposal.id).id).documents["bundle"]
    manager = person("Marie", Role.MANAGER, programme=proposal.topic.call.programme.code)
    for who in (person("A rival"), manager):
        signed_in(client, who)
        assert client.get(f"/proposals/{proposal.number}/versions/1/papers/bundle").status_code == 404
        assert client.get(f"/files/{document.public_id}").status_code == 404


def test_a_draft_is_printed_as_it_stands_for_its_members_alone(app, client, contact, clock):
    made = draft(topic(), main_contact=contact, complete=False)
    answer_part_a(made)
    signed_in(client, contact)
    client.post(f"/proposals/{made.number}/preview")
    assert "preview is being made" in client.get(f"/proposals/{made.number}").text
    assert client.get(f"/proposals/{made.number}/preview").status_code == 404

    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    for _ in range(2):
        printing.make_preview(
            made.id, settings=app.extensions["settings"], store=app.extensions["store"], clock=FixedClock(NOW)
        )
    db.session.commit()

    kept = papers.preview_of(made).document
    assert "It is not submitted" in words_of(content_of(app, kept))
    assert client.get(f"/proposals/{made.number}/preview").status_code == 302
    signed_in(client, person("A rival"))
    assert client.get(f"/files/{kept.public_id}").status_code == 404


def test_the_print_of_a_draft_is_hidden_from_the_manager_even_after_the_deadline(app, client, proposal, clock):
    printing.make_preview(
        proposal.id, settings=app.extensions["settings"], store=app.extensions["store"], clock=FixedClock(NOW)
    )
    db.session.commit()
    clock.instant = proposal.topic.deadline
    manager = person("Marie", Role.MANAGER, programme=proposal.topic.call.programme.code)
    assert queries.open_proposal(
        actor_of(manager, Role.MANAGER, programme=proposal.topic.call.programme.code), proposal.number,
        now=clock.instant,
    )  # fmt: skip
    signed_in(client, manager, now=clock.instant)
    kept = papers.preview_of(proposal).document
    assert client.get(f"/files/{kept.public_id}").status_code == 404
    assert client.get(f"/proposals/{proposal.number}/preview").status_code == 404
    assert "Print preview" not in client.get(f"/proposals/{proposal.number}").text
