"""The files that browsers load, the rules for templates that make a strict policy possible, and every component at
work in a real browser."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from grants.kernel.actor import Actor, Role
from grants.kernel.findings import Finding, Severity
from grants.web import assets, components

TEMPLATES = sorted((assets.ROOT / "templates").rglob("*.html"))
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FORBIDDEN = {
    "a style of its own": r"\sstyle\s*=|<style",
    "a handler in the markup": r"\son[a-z]+\s*=\s*[\"']",
    "a script in the page": r"<script(?![^>]*\ssrc=)[^>]*>",
    "text that is not escaped": r"\|\s*safe\b|autoescape\s+false",
    "a file of another host": r"<(?:link|script|img|iframe|source)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//",
    "code for htmx": r"\bhx-on|\bjs:",
}


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    assets.build()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(assets.ROOT).as_posix())
def test_a_template_keeps_the_policy(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = {what: match[0] for what, rule in FORBIDDEN.items() if (match := re.search(rule, text))}
    assert not found


def test_templates_ask_only_for_assets_that_are_built() -> None:
    for template in TEMPLATES:
        for name in re.findall(r"asset_url\([\"']([^\"']+)[\"']\)", template.read_text(encoding="utf-8")):
            assert assets.asset_url(name).startswith("/static/dist/")


def test_the_lock_names_no_host_and_every_package_has_its_hash() -> None:
    text = (assets.ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text, "run: npm pkg fix, then take `funding` and `resolved` out of the lock"
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_versions_are_exact() -> None:
    package = json.loads((assets.ROOT / "package.json").read_text(encoding="utf-8"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_the_manifest_is_complete() -> None:
    manifest = json.loads(assets.MANIFEST.read_text(encoding="utf-8"))
    here = {path.name for path in assets.DIST.iterdir()} - {"manifest.json", ".stamp", ".building"}
    packed = {f"{name}.gz" for name in manifest.values() if Path(name).suffix in assets.TEXT}
    assert here - {name for name in here if name.endswith(".br")} == set(manifest.values()) | packed
    assert {
        "grants.css",
        "main.js",
        "theme.js",
        "htmx.min.js",
        "pdf.min.mjs",
        "pdf.worker.min.mjs",
    } <= manifest.keys()
    for name in packed:
        assert gzip.decompress((assets.DIST / name).read_bytes()) == (assets.DIST / name[:-3]).read_bytes()


def test_a_page_without_the_viewer_is_under_60_kb() -> None:
    names = [name for name in json.loads(assets.MANIFEST.read_text(encoding="utf-8")).values() if "pdf" not in name]
    assert (
        sum((assets.DIST / f"{name}.gz").stat().st_size for name in names if Path(name).suffix in assets.TEXT)
        < 60_000
    )


def test_css_loads_nothing_from_elsewhere() -> None:
    css = (assets.DIST / Path(assets.asset_url("grants.css")).name).read_text(encoding="utf-8")
    places = re.findall(r"url\(\"?([^)\"]+)", css)
    assert places
    assert all((assets.DIST / place).exists() for place in places if not place.startswith("data:"))


def test_building_again_does_nothing() -> None:
    began = time.perf_counter()
    assert assets.build() is False
    assert time.perf_counter() - began < 0.3


def test_missing_assets_say_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "MANIFEST", tmp_path / "manifest.json")
    assets._manifest.cache_clear()
    with pytest.raises(assets.AssetsMissing, match="make assets"):
        assets.asset_url("grants.css")
    assets._manifest.cache_clear()


def test_an_unknown_asset_names_those_that_there_are() -> None:
    with pytest.raises(KeyError, match=r"grants\.css"):
        assets.asset_url("nothing.css")


# The gallery: every component, with servers of our own behind the scripts.


class Row(Form):
    A = StringField("A. Personnel")
    B = StringField("B. Subcontracting")
    C1 = StringField("C1. Travel")
    C2 = StringField("C2. Equipment")
    rate = StringField("Rate %")


class Budget(Form):
    rows = FieldList(FormField(Row))


class Example(FlaskForm):
    acronym = StringField("Acronym", description="Up to 20 characters, for example ALPSENSE")
    abstract = TextAreaField("Abstract", description="What you will do and why it matters.")
    topic = SelectField("Topic", choices=[("", "Choose…"), ("c", "Climate"), ("h", "Health")])
    kind = RadioField("Type of action", choices=[("ria", "Research and innovation"), ("csa", "Coordination")])
    keywords = SelectMultipleField("Keywords", choices=[("a", "Sensors"), ("b", "Rockfall")])
    start = DateField("Start date", description="The first day of a month")
    amount = StringField("Requested contribution")
    rate = StringField("Funding rate")
    secret = PasswordField("Password")
    declaration = BooleanField("I have the agreement of all partners", description="Every partner gets a mail.")
    annex = FileField("Annex", description="A PDF of at most 10 MB")
    comment = TextAreaField("Excellence comment")


VALUES = [
    ["412 000", "15 000", "18 500", "42 000", "100"],
    ["305 500", "60000", "9 800", "48.500,x", "70"],
    ["196 000", "0", "14 200", "", "100"],
]
FINDINGS = [
    Finding("a", "Aldente Sensors S.r.l.: the equipment costs are not a number", "rows-1-C2"),
    Finding("b", "The abstract is short", "abstract", Severity.WARNS, "Guide for applicants, 3.2"),
    Finding("c", "Check the links to earlier projects", "", Severity.OFFICER),
]


def gallery_app(world: dict[str, Any]) -> Flask:
    """``world``: what the servers behind the scripts do next, and what they were sent."""
    app = Flask("gallery", static_folder=str(assets.DIST.parent), template_folder=str(assets.ROOT / "templates"))
    app.config.update(SECRET_KEY="for the gallery only")
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    assets.init_app(app)
    components.init_app(app)

    @app.after_request
    def policy(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.context_processor
    def frame() -> dict[str, Any]:
        nav = [
            {"label": name, "url": "#", "current": name == "Ranking"} for name in ("Proposals", "Calls", "Ranking")
        ]
        actor = Actor(1, "Anna Nowak", "anna@example.org", frozenset({Role.MANAGER}))
        return {"actor": actor, "nav": nav, "demo_mode": True, "funder_name": ""}

    @app.get("/")
    def gallery() -> str:
        budget = Budget(
            data={"rows": [dict(zip(("A", "B", "C1", "C2", "rate"), row, strict=True)) for row in VALUES]}
        )
        budget.rows[1].form.C2.errors = ["Use digits only, for example 48500"]
        form = Example(data={"acronym": "ALPSENSE", "abstract": "Early warning.", "kind": "ria", "keywords": ["a"]})
        form.topic.errors = ["Choose a topic"]
        now = int(time.time() * 1000)
        return render_template("components/gallery.html", form=form, broken=budget, findings=FINDINGS, now_ms=now)

    @app.get("/problem")
    def problem() -> str:
        return render_template("problems/problem.html", status=404, title="There is no such page", reference="7f3a")

    @app.get("/now")
    def now() -> ResponseReturnValue:
        return jsonify(now=int(time.time() * 1000))

    @app.get("/document.pdf")
    def document() -> ResponseReturnValue:
        return app.response_class(world["pdf"], mimetype="application/pdf")

    @app.post("/autosave")
    def autosave() -> ResponseReturnValue:
        answer = world["next"].pop(0) if world["next"] else "save"
        if answer == "broken":
            return jsonify(), 503
        if answer == "signed out":
            return jsonify(sign_in="/sign-in"), 401
        if answer == "conflict":
            world["version"] += 1
            theirs = {"acronym": "THEIRS", "abstract": "Their text."}
            yours = {name: request.form[name] for name in theirs}
            labels = {"acronym": "Acronym", "abstract": "Abstract"}
            return jsonify(version=world["version"], by="Jan Kowal", current=theirs, yours=yours, labels=labels), 409
        assert int(request.form["version"]) == world["version"]
        assert request.headers["X-Autosave"] == "1"
        world["version"] += 1
        world["saved"].append(request.form.to_dict())
        return jsonify(version=world["version"], saved_at="14:32:09", by="Anna Nowak", findings=[])

    @app.post("/sign-in")
    def sign_in() -> ResponseReturnValue:
        if request.get_json()["password"] != "right":
            return jsonify(message="E-mail address or password is wrong."), 401
        return jsonify(csrf_token=generate_csrf())

    @app.post("/tickets")
    def ticket() -> ResponseReturnValue:
        wanted = request.get_json()
        world["tickets"].append(wanted)
        token = {"X-CSRF-Token": request.headers["X-CSRF-Token"]}
        answer = {"document": 5, "method": "PUT", "url": "/put/0", "headers": token, "done_url": "/done"}
        answer |= {"cancel_url": "/cancel", "status_url": "/status"}
        if wanted["size"] > 2000:
            numbers = range(1, -(-wanted["size"] // 1000) + 1)
            parts = [{"number": number, "url": None if number == 2 else f"/put/{number}"} for number in numbers]
            answer["multipart"] = {"upload_id": "u", "part_size": 1000, "parts": parts, "part_url": "/part"}
            answer["multipart"] |= {"complete_url": "/complete", "done": sorted(world["parts"])}
        return jsonify(answer)

    @app.put("/put/<int:number>")
    def put(number: int) -> ResponseReturnValue:
        data = request.get_data()
        if number in world["fail"]:
            world["fail"].remove(number)
            return "", 500
        world["parts"][number] = len(data)
        return "", 200, {"ETag": f'"{number}"'}

    @app.post("/part")
    def part() -> ResponseReturnValue:
        return jsonify(url=f"/put/{request.get_json()['number']}")

    @app.post("/complete")
    def complete() -> ResponseReturnValue:
        world["complete"] = request.get_json()
        return jsonify()

    @app.post("/done")
    def done() -> ResponseReturnValue:
        return jsonify(state="checking")

    @app.get("/status")
    def status() -> ResponseReturnValue:
        return jsonify(world["verdict"])

    @app.post("/cancel")
    def cancel() -> ResponseReturnValue:
        world["cancelled"] = True
        return jsonify()

    return app


@pytest.fixture
def world() -> dict[str, Any]:
    accepted = {"state": "accepted", "pages": 40, "size": 3_100_000, "findings": [], "scanned": True}
    state: dict[str, Any] = {"version": 7, "next": [], "saved": [], "tickets": [], "parts": {}, "fail": []}
    return state | {"verdict": accepted, "pdf": b""}


@pytest.fixture
def site(world: dict[str, Any]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, gallery_app(world), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    """The gallery, opened; at the end nobody may have complained on the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=site)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    yield page
    context.close()
    assert not [line for line in said if "Failed to load resource" not in line]


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
