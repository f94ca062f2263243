"""Components that lists need once a row: as functions, since a template's macro takes many times as long."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from markupsafe import Markup

_KINDS = frozenset({"ok", "wait", "bad", "info", "draft"})


@lru_cache(maxsize=2048)
def badge(text: str, kind: str = "info") -> Markup:
    """A state in words; ``kind`` is its colour.

    >>> badge("Late <1 day>", "bad")
    Markup('<span class="g-badge g-badge-bad">Late &lt;1 day&gt;</span>')
    """
    look = kind if kind in _KINDS else "info"
    return Markup('<span class="g-badge g-badge-{}">{}</span>').format(look, text)


def init_app(app: Flask) -> None:
    """What ``templates/components/badge.html`` hands on under the name that pages import."""
    app.jinja_env.globals["badge_of"] = badge
