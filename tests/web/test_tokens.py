"""Every pair of colours that stand on each other can be read, in light and in dark (WCAG 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "assets" / "scss" / "_tokens.scss"

#: Text and its ground.
READ = [
    *(("ink", ground) for ground in ("page", "sunk", "raised", "field", "field-cell", "brand-soft")),
    *(("ink-soft", ground) for ground in ("page", "sunk", "raised", "brand-soft")),
    *(("link", ground) for ground in ("page", "sunk", "raised", "brand-soft")),
    *(("link-over", ground) for ground in ("page", "sunk")),
    *(("link-seen", ground) for ground in ("page", "sunk")),
    *(("error", ground) for ground in ("page", "sunk", "raised")),
    *((f"{kind}-ink", kind) for kind in ("ok", "wait", "bad", "info", "draft")),
    *((f"{kind}-ink", kind) for kind in ("brand", "accent", "button", "quiet", "danger", "bar")),
    ("ok-ink", "page"),
    ("brand-ink", "brand-deep"),
    ("button-ink", "button-over"),
    ("quiet-ink", "quiet-over"),
    ("danger-ink", "danger-over"),
    ("ink-soft", "quiet"),
]
#: What a control or a mark is seen by, and its ground.
SEEN = [
    *(("edge", ground) for ground in ("page", "sunk", "field", "field-cell", "raised")),
    *((f"{kind}-mark", ground) for kind in ("ok", "wait", "bad", "info") for ground in ("page", "sunk")),
    *((f"chart-{kind}", "page") for kind in ("1", "2", "3", "4", "bad", "mark")),
    ("button", "page"),
    ("rule", "page"),
    ("accent", "brand"),
    ("ink", "page"),
]


def tokens(theme: str) -> dict[str, str]:
    block = re.search(rf"@mixin {theme} \{{(.*?)\n\}}", TOKENS.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block[1]))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_both_themes_name_the_same_colours() -> None:
    assert tokens("light").keys() == tokens("dark").keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READ)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), SEEN)
def test_edges_can_be_seen(theme: str, mark: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[mark], colours[ground]) >= 3
