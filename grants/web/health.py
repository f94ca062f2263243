"""``/healthz`` (the process lives), ``/readyz`` (it can serve), ``/metrics`` (Prometheus), ``/now`` (the clock)."""

from __future__ import annotations

import time

from flask import Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from grants.db import db
from grants.web import guards, schema

REGISTRY = CollectorRegistry()
REQUESTS = Counter("grants_requests_total", "Requests by route and status", ["route", "status"], registry=REGISTRY)
SECONDS = Histogram("grants_request_seconds", "Time to answer by route", ["route"], registry=REGISTRY)


def init_app(app: Flask) -> None:
    """Register the four addresses and count requests."""
    app.add_url_rule("/healthz", "healthz", lambda: ("ok\n", {"Content-Type": "text/plain"}))
    app.add_url_rule("/readyz", "readyz", _ready)
    app.add_url_rule("/metrics", "metrics", _metrics)
    app.add_url_rule("/now", "now", _now)

    @app.after_request
    def count(response: Response) -> Response:
        route = str(request.url_rule or "-")
        REQUESTS.labels(route, str(response.status_code)).inc()
        SECONDS.labels(route).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return response


def _ready() -> ResponseReturnValue:
    """200 when database, migrations and store answer; 503 with what does not."""
    problems: dict[str, str] = {}
    try:
        db.session.execute(text("SELECT 1"))
        if schema.current() != schema.head():
            problems["migrations"] = "run: grants db upgrade"
    except SQLAlchemyError:
        problems["database"] = "does not answer"
    try:
        current_app.extensions["store"].check_health()
    except Exception:  # any reason means not ready
        problems["store"] = "does not answer"
    return jsonify(ready=not problems, problems=problems), 503 if problems else 200


def _metrics() -> ResponseReturnValue:
    return generate_latest(REGISTRY), {"Content-Type": CONTENT_TYPE_LATEST}


def _now() -> ResponseReturnValue:
    """The clock that decides deadlines, for the countdown."""
    return jsonify(now=int(guards.received_at().timestamp() * 1000)), {"Cache-Control": "no-store"}
