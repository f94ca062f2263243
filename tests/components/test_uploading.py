"""Files on their way: in one, in parts, refused."""

from __future__ import annotations

from typing import Any

import pytest


def uploaded(page: Any, text: str, timeout: int = 15_000) -> None:
    page.locator("[data-upload-list]").get_by_text(text).wait_for(timeout=timeout)


def choose(page: Any, size: int, name: str = "partB.pdf") -> None:
    file = {"name": name, "mimeType": "application/pdf", "buffer": b"x" * size}
    page.locator("#part-b").set_input_files(file)


@pytest.mark.browser
def test_a_small_file_goes_up_in_one(page: Any, world: dict[str, Any]) -> None:
    choose(page, 1500)
    uploaded(page, "Saved: 3.1 MB, 40 pages, checked for viruses")
    assert world["parts"] == {0: 1500}
    assert world["tickets"][0]["size"] == 1500
    assert len(world["tickets"][0]["sha256"]) == 64


@pytest.mark.browser
def test_a_large_file_goes_up_in_parts_that_are_tried_again(page: Any, world: dict[str, Any]) -> None:
    world["fail"] = [3, 3]
    choose(page, 4500)
    uploaded(page, "Saved: 3.1 MB")
    assert world["parts"] == {1: 1000, 2: 1000, 3: 1000, 4: 1000, 5: 500}
    assert [part["number"] for part in world["complete"]["parts"]] == [1, 2, 3, 4, 5]


@pytest.mark.browser
def test_parts_that_are_there_are_not_sent_again(page: Any, world: dict[str, Any]) -> None:
    world["parts"] = {1: -1, 2: -1}
    choose(page, 4500)
    uploaded(page, "Saved: 3.1 MB")
    assert world["parts"] == {1: -1, 2: -1, 3: 1000, 4: 1000, 5: 500}


@pytest.mark.browser
def test_a_refused_file_says_why(page: Any, world: dict[str, Any]) -> None:
    world["verdict"] = {"state": "refused", "findings": [{"message": "The PDF has 41 pages; 40 are allowed."}]}
    choose(page, 100)
    page.locator("[data-upload-list]").get_by_text("The PDF has 41 pages; 40 are allowed.").wait_for()
