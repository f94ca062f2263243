"""``url_for`` of templates: a list asks for the address of every row, and most rows are asked for again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request

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

    def addresses(root: str, blueprint: str | None) -> Callable[..., str]:
        def url_for(endpoint: str, **values: Any) -> str:
            if endpoint[0] == ".":
                endpoint = f"{blueprint}{endpoint}"
            if not _WHOLE.isdisjoint(values) or not _PLAIN.issuperset(map(type, values.values())):
                return app.url_for(endpoint, **values)
            return remembered(root, endpoint, tuple(values.items()))

        return url_for

    def url_for(endpoint: str, **values: Any) -> str:
        return addresses(request.script_root, request.blueprint)(endpoint, **values)

    @app.context_processor
    def of_this_request() -> dict[str, Any]:
        """For templates with context: what the request says of itself is asked for once, not for every row."""
        return {"url_for": addresses(request.script_root, request.blueprint)} if has_request_context() else {}

    app.jinja_env.globals["url_for"] = url_for
