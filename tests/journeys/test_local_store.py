"""Files on the local store, in a real browser: sent in, checked, fetched again, read beside the report."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.upload import pdf
from tests.journeys.conftest import Site, enter_as, fill, installation, look

pytestmark = pytest.mark.browser
TOPIC = "Hotlines that remove material within hours"


@pytest.fixture(scope="module")
def site(new_database, settings, tmp_path_factory) -> Iterator[Site]:
    """An installation of its own, whose files are in a folder."""
    url, storage = new_database(), f"file://{tmp_path_factory.mktemp('store')}/files"
    fill(url, settings, storage)
    with installation(url, settings, storage) as made:
        yield made


@pytest.fixture
def large(tmp_path) -> Path:
    """Larger than any form may be, small enough to be checked at once."""
    file = tmp_path / "Part B.pdf"
    file.write_bytes(pdf(6 * 1024**2))
    return file


def test_a_file_goes_to_the_folder_and_comes_back_and_an_expert_reads_beside_the_report(page: Page, large: Path):
    enter_as(page, "Jonas Lindqvist")
    page.get_by_role("link", name=TOPIC).click()
    page.get_by_role("button", name="Start a proposal").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("link", name="Files").click()
    page.set_input_files("#part_b-file", large)
    expect(page.locator("#part_b [data-upload-list]")).to_contain_text("1 page", timeout=20_000)
    expect(page.locator("#part_b")).to_contain_text("SHA-256")
    expect(page.locator("#part_b")).not_to_contain_text("Nothing uploaded yet")
    page.reload()
    expect(page.locator("#part_b")).to_contain_text("SHA-256")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Part B.pdf").click()
    assert sha256(Path(fetched.value.path()).read_bytes()).digest() == sha256(large.read_bytes()).digest()

    enter_as(page, "Rūta Kazlauskaitė")
    page.locator("li", has_text="Write your report").get_by_role("link").click()
    expect(page.locator("[data-pdf-count]")).not_to_be_empty(timeout=20_000)
    expect(page.locator("canvas").first).to_be_visible()
    sections = page.get_by_label("Go to a section")
    expect(sections).to_be_visible()
    last = sections.locator("option").last
    sections.select_option(index=sections.locator("option").count() - 1)
    expect(page.get_by_label("Page", exact=True)).to_have_value(str(last.get_attribute("value")))


def test_a_manager_adds_a_document_to_an_open_call(page: Page, tmp_path: Path, var: Path):
    guide = tmp_path / "Guide for applicants.pdf"
    guide.write_bytes(pdf(200_000))
    enter_as(page, "Marie Lambert")
    page.goto("/calls")
    page.get_by_role("link", name=TOPIC).click()
    page.wait_for_url("**/topics/**")
    call = page.locator("a[href^='/calls/']").first.get_attribute("href").rpartition("/")[2]
    page.goto(f"/manage/calls/{call}")
    page.set_input_files("#call-file", guide)
    expect(page.locator("[data-upload-list]")).to_contain_text("Saved", timeout=20_000)
    look(page, var, "call-documents-manage")
    page.goto(f"/calls/{call}")
    expect(page.get_by_text("Document replaced: Guide for applicants.pdf")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Guide for applicants.pdf").click()
    assert Path(fetched.value.path()).read_bytes() == guide.read_bytes()
    look(page, var, "call-documents-public")
