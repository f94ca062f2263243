"""Forms that save by themselves: nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest


def state_of(page: Any, text: str) -> None:
    page.locator("[data-save-state]", has_text=text).wait_for(timeout=8000)


@pytest.mark.browser
def test_text_saves_itself(page: Any, world: dict[str, Any]) -> None:
    page.get_by_label("Abstract").fill("A new text")
    state_of(page, "All changes saved 14:32:09")
    assert world["saved"][-1]["abstract"] == "A new text"
    assert page.locator("input[name=version]").input_value() == "8"
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('grants-draft'))") == []


@pytest.mark.browser
def test_a_save_that_fails_is_kept_on_the_device_and_tried_again(page: Any, world: dict[str, Any]) -> None:
    world["next"] = ["broken"]
    page.get_by_label("Abstract").fill("Not lost")
    state_of(page, "Not saved, retrying (kept on this device)")
    state_of(page, "All changes saved")
    assert world["saved"][-1]["abstract"] == "Not lost"


@pytest.mark.browser
def test_text_of_a_killed_tab_comes_back(page: Any, world: dict[str, Any]) -> None:
    world["next"] = ["broken"] * 50
    page.get_by_label("Abstract").fill("Typed, then the tab was gone")
    state_of(page, "Not saved")
    world["next"] = []
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_text("was brought back from this device").wait_for()
    assert page.get_by_label("Abstract").input_value() == "Typed, then the tab was gone"
    state_of(page, "All changes saved 14:32:09")
    assert world["saved"][-1]["abstract"] == "Typed, then the tab was gone"


@pytest.mark.browser
def test_of_two_versions_the_person_chooses(page: Any, world: dict[str, Any]) -> None:
    world["next"] = ["conflict"]
    page.get_by_label("Abstract").fill("My text.")
    dialog = page.get_by_role("dialog", name="This was changed elsewhere")
    dialog.wait_for()
    assert dialog.get_by_text("Their text.").is_visible()
    assert dialog.get_by_text("My text.").is_visible()
    assert dialog.get_by_role("group", name="Acronym").count() == 0, "only they changed it, so there is no question"
    dialog.get_by_label("Keep mine").check()
    dialog.get_by_role("button", name="Save my choice").click()
    state_of(page, "All changes saved")
    assert world["saved"][-1]["abstract"] == "My text."
    assert world["saved"][-1]["acronym"] == "THEIRS"


@pytest.mark.browser
def test_their_text_can_be_taken(page: Any, world: dict[str, Any]) -> None:
    world["next"] = ["conflict"]
    page.get_by_label("Abstract").fill("My text.")
    dialog = page.get_by_role("dialog", name="This was changed elsewhere")
    dialog.get_by_label("Take theirs").check()
    dialog.get_by_role("button", name="Save my choice").click()
    state_of(page, "All changes saved")
    assert world["saved"][-1]["abstract"] == "Their text."


@pytest.mark.browser
def test_signing_in_again_keeps_the_text(page: Any, world: dict[str, Any]) -> None:
    world["next"] = ["signed out"]
    page.get_by_label("Abstract").fill("Written while the session ended")
    dialog = page.get_by_role("dialog", name="You were signed out")
    dialog.get_by_label("E-mail address").fill("anna@example.org")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in and save").click()
    dialog.get_by_text("E-mail address or password is wrong.").wait_for()
    dialog.get_by_label("Password").fill("right")
    dialog.get_by_role("button", name="Sign in and save").click()
    state_of(page, "All changes saved")
    assert world["saved"][-1]["abstract"] == "Written while the session ended"


@pytest.mark.browser
def test_the_keyboard_saves(page: Any, world: dict[str, Any]) -> None:
    page.get_by_label("Abstract").focus()
    page.keyboard.press("Control+s")
    state_of(page, "All changes saved 14:32:09")
    assert world["saved"]


@pytest.mark.browser
def test_a_question_is_asked_once_though_a_save_is_on_its_way(page: Any, world: dict[str, Any]) -> None:
    held: list[Any] = []
    page.route("**/autosave", lambda route: held.append(route))
    with page.expect_request("**/autosave"):
        page.get_by_label("Abstract").fill("Typed just before the button")
    page.get_by_role("button", name="Hand in").click()
    with page.expect_event("framenavigated"):  # until the other page is there: a window is not closed on its way
        page.get_by_role("dialog").get_by_role("button", name="Hand in").click()
        assert world["saved"] == []
        held[0].continue_()
    page.wait_for_load_state()
    page.unroute_all()
    assert [each["abstract"] for each in world["saved"]] == ["Typed just before the button"]
