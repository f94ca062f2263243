"""One JSON line for each request: who, what, how long, with what result. No bodies, no tokens, no texts."""

from __future__ import annotations

import json
import logging
import sys
import time
from secrets import token_hex

from flask import Flask, Response, g, request

from grants.settings import Settings

log = logging.getLogger("grants.requests")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {"at": self.formatTime(record), "level": record.levelname, "from": record.name}
        line["message"] = record.getMessage()
        line.update(getattr(record, "facts", {}))
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(level: str) -> None:
    """Send the program's log to stderr as JSON lines. Called by each process once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("botocore", "urllib3", "apscheduler", "procrastinate", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def init_app(app: Flask, settings: Settings) -> None:
    """Give every request an id and a line."""
    if settings.log_level != "DEBUG":
        logging.getLogger("werkzeug").setLevel(logging.WARNING)

    @app.before_request
    def begin() -> None:
        g.request_id, g.began = token_hex(8), time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint in {"static", "healthz"}:
            return response
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if not log.isEnabledFor(logging.INFO):
            return response
        who = g.get("actor")
        facts = {
            "id": g.get("request_id"),
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else "-",
            "status": response.status_code,
            "actor": who.id if who else None,
            "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        }
        log.info("request", extra={"facts": facts})
        return response
