"""Every component at work in a real browser: seen, read aloud, used by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest

from grants.web import assets
from tests.components.gallery import gallery_app
from tests.web.test_assets import FORBIDDEN


def test_the_gallery_is_rendered(world: dict[str, Any]) -> None:
    answer = gallery_app(world).test_client().get("/")
    assert answer.status_code == 200
    assert "<title>Error: Components – Grants</title>" in answer.text or "Components – Grants" in answer.text
    assert not re.search(FORBIDDEN["a style of its own"], answer.text)
    ids = re.findall(r'\sid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    described = {one for ids in re.findall(r'aria-describedby="([^"]+)"', answer.text) for one in ids.split()}
    assert described <= set(ids)


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["/", "/problem"])
def test_nothing_stands_in_anybodys_way(browser: Any, site: str, width: int, theme: str, path: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, base_url=site)
    page = context.new_page()
    page.goto(path)
    # The bars that stay in sight would cover what is under them at this moment.
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight") + 50})
    page.wait_for_load_state("networkidle")
    page.evaluate((assets.PACKAGES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    # The dark theme has the same elements in other colours.
    every = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    rules = every if theme == "light" else ["color-contrast"]
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)[
        "violations"
    ]
    context.close()
    assert not [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 768, 1024])
def test_no_page_scrolls_sideways(browser: Any, site: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, base_url=site)
    page = context.new_page()
    page.goto("/")
    page.wait_for_load_state("networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert wide <= width


@pytest.mark.browser
def test_the_theme_is_chosen_and_kept(page: Any) -> None:
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.get_by_role("button", name="As my device").click()
    assert page.evaluate("document.documentElement.dataset.theme") is None


@pytest.mark.browser
def test_a_block_of_a_spreadsheet_is_pasted(page: Any) -> None:
    first = page.locator("#rows-0-A")
    first.focus()
    first.evaluate(
        """cell => {
            const data = new DataTransfer();
            data.setData('text/plain', '100.000,50\\t2 000\\r\\n1,000\\t0\\r\\n');
            cell.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    cells = [page.locator(f"#rows-{row}-{col}").input_value() for row in (0, 1) for col in ("A", "B")]
    assert cells == ["100 000.50", "2 000", "1 000", "0"]
    assert page.locator("[data-colsum=A]").inner_text() == "297 000.50".replace(" ", "\u202f")
    row = page.locator("tr[data-row]").first
    # 100 000.50 + 18 500 + 42 000 = 160 500.50, 25 % of it without subcontracting, 162 500.50 + 40 125.13 in all
    assert row.locator("[data-out=E]").inner_text() == "40\u202f125.13"
    assert row.locator("[data-out=total]").inner_text() == "202\u202f625.63"


@pytest.mark.browser
def test_chosen_rows_are_counted_and_confirmed(page: Any) -> None:
    page.get_by_label("Select all").check()
    assert page.locator("[data-bulk-count]").inner_text() == "6"
    page.get_by_role("button", name="Invite to grant preparation").click()
    dialog = page.get_by_role("dialog")
    assert "This invites 6 proposals." in dialog.inner_text()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_label("Select all").uncheck()
    assert not page.locator("[data-bulk]").is_visible()


@pytest.mark.browser
def test_a_pdf_is_shown_turned_and_searched(page: Any, world: dict[str, Any]) -> None:
    typst = pytest.importorskip("typst")
    pages = "\n#pagebreak()\n".join(f"= Section {number}\nThe radar feed of year {number}." for number in range(1, 7))
    world["pdf"] = typst.compile(pages.encode())
    frame = page.locator("[data-pdf]")
    frame.scroll_into_view_if_needed()
    page.get_by_label("Page", exact=True).wait_for()
    assert frame.locator("[data-pdf-count]").inner_text() == "6"
    frame.locator("[data-number='1'] .textLayer", has_text="radar feed").wait_for()
    find = page.get_by_label("Find in the document")
    find.fill("year 4")
    find.press("Enter")
    frame.get_by_text("1 of 1, page 4").wait_for()
    page.wait_for_function("document.querySelector('[data-pdf-page]').value === '4'")
    frame.get_by_role("button", name="Larger").click()
    frame.get_by_text("125 %").wait_for()
    assert page.get_by_label("Page", exact=True).input_value() == "4"


@pytest.mark.browser
def test_without_scripts_every_form_is_there(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/")
    assert page.locator("#part-b").is_visible()
    assert page.get_by_role("button", name="Save and continue").is_visible()
    assert page.get_by_role("button", name="Show", exact=True).is_visible()
    assert page.get_by_role("button", name="Invite to grant preparation").is_visible()
    context.close()


@pytest.mark.browser
def test_filters_change_the_page_without_the_button(page: Any, site: str) -> None:
    page.wait_for_function("window.htmx !== undefined")
    page.evaluate(
        "document.querySelector('.g-filters').before(Object.assign(document.createElement('i'), {id: 'here'}))"
    )
    page.locator("#filter-q").fill("abc")
    page.wait_for_url("**/*q=abc*")
    assert page.locator("#here").count() == 1, "the page itself was not loaded again"
