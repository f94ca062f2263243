"""The files that browsers load, and the rules for templates that make a strict policy possible."""

from __future__ import annotations

import gzip
import json
import re
import time
from pathlib import Path

import pytest

from grants.web import assets

TEMPLATES = sorted((assets.ROOT / "templates").rglob("*.html"))
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
