"""Named places on earlier stages' pages that later stages fill. ``app.py`` connects the two.

A filler gets the page's facts by keyword and returns rendered, escaped HTML, or an empty string.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from markupsafe import Markup

Filler = Callable[..., str]


def init_app(app: Flask) -> None:
    """Give templates ``slot(name, **facts)``."""
    app.extensions["slots"] = {}
    app.jinja_env.globals["slot"] = render


def fill(app: Flask, name: str, filler: Filler) -> None:
    """Add a filler; several fill one slot in the order of their adding."""
    app.extensions["slots"].setdefault(name, []).append(filler)


def render(name: str, **facts: Any) -> Markup:
    """What all fillers of this slot give."""
    fillers: list[Filler] = current_app.extensions["slots"].get(name, [])
    return Markup("").join(Markup(filler(**facts)) for filler in fillers)  # noqa: S704 rendered by templates
