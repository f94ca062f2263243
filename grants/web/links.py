"""``url_for`` of templates: a list asks for the address of every row, and most rows are asked for again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, request

#: What an address is remembered for: these print as they compare, so equal values give equal addresses.
_PLAIN = frozenset({str, int})
#: With these the address names the host that the request asked for: never remembered.
_WHOLE = frozenset({"_external", "_scheme"})


def init_app(app: Flask) -> None:
    """Routes never change while the program runs, so the path for plain values is computed once."""

    @lru_cache(maxsize=8192)
    def remembered(root: str, endpoint: str, values: tuple[tuple[str, str | int], ...]) -> str:  # noqa: ARG001
        # ``root``: what this request says it is mounted under must never reach another request
        return app.url_for(endpoint, **dict(values))  # type: ignore[arg-type]

    def url_for(endpoint: str, **values: Any) -> str:
        if endpoint[0] == ".":
            endpoint = f"{request.blueprint}{endpoint}"
        if not _WHOLE.isdisjoint(values) or not _PLAIN.issuperset(map(type, values.values())):
            return app.url_for(endpoint, **values)
        return remembered(request.script_root, endpoint, tuple(values.items()))

    app.jinja_env.globals["url_for"] = url_for
