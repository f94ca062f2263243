"""Wiring only: settings, extensions, blueprints, slots, error pages. No rule, no query."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect, generate_csrf
from jinja2 import StrictUndefined
from sqlalchemy.pool import NullPool
from werkzeug.middleware.proxy_fix import ProxyFix

import grants.audit.services
from grants.accounts.tokens import Tokens
from grants.calls import templates
from grants.db import db, use_pooled_connections
from grants.documents.store import Limit, Store
from grants.kernel.clock import Clock
from grants.notifications import letters
from grants.registry import BLUEPRINTS, connect_slots
from grants.settings import Settings
from grants.web import assets, components, filters, guards, headers, health, links, logs, navigation, problems, slots
from uploads.opening import open_storage

ROOT = Path(__file__).resolve().parents[1]
#: Forms are small; files go to the store. The no-JavaScript upload lifts this for itself.
LARGEST_FORM = 2 * 1024 * 1024
#: A table of five thousand experts is a tenth of this.
LARGEST_TABLE = 10 * 1024 * 1024
#: Routes whose requests carry a whole file.
WITH_FILES = frozenset(
    {
        "documents.put_local",
        "calls.upload_document",
        "experts.upload_cv",
        "experts.upload_sheet",
        "proposals.upload",
        "proposals.verify",
        "reporting.upload",
    }
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How tests and jobs bend the wiring. ``clock`` replaces PostgreSQL's; ``pool`` off for short commands."""

    clock: Clock | None = None
    testing: bool = False
    pool: bool = True


def create_app(settings: Settings, options: Options | None = None) -> Flask:
    """The application. ``settings.database_url`` must be set: commands resolve the embedded server first."""
    options = options or Options()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "grants/web/static"))
    app.config.update(_config(settings, options))
    app.extensions["settings"] = settings
    app.extensions["tokens"] = Tokens(settings.secret_key)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    logs.init_app(app, settings)
    db.init_app(app)
    with app.app_context():
        use_pooled_connections(db.engine)
    guards.init_app(app, options.clock)
    _tokens_on_forms(app)
    templates.also_from(settings.templates_dir)
    storage = open_storage(settings.storage_url, secret_key=settings.secret_key, base_url="")
    app.extensions["store"] = Store(
        storage, clamd_url=settings.clamd_url, most_bytes=settings.max_file_mb * 1024**2,
        limits={
            "cv": Limit(settings.cv_max_mb * 1024**2, settings.cv_max_pages), "expert_import": Limit(LARGEST_TABLE),
        },
    )  # fmt: skip
    headers.init_app(app, settings, store_origin=_store_origin(settings.storage_url))
    problems.init_app(app)
    slots.init_app(app)
    assets.init_app(app)
    links.init_app(app)
    components.init_app(app)
    health.init_app(app)
    letters.configure(base_url=settings.base_url, funder=settings.funder_name, filters=filters.FILTERS)
    _templates(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    connect_slots(app)
    return app


def _config(settings: Settings, options: Options) -> dict[str, Any]:
    name = "__Host-grants" if settings.secure else "grants"
    engine: dict[str, Any] = {
        "connect_args": {"options": "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s -c jit=off"}
    }
    engine |= {"pool_size": 5, "max_overflow": 5} if options.pool else {"poolclass": NullPool}
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SESSION_COOKIE_NAME": name,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "MAX_FORM_PARTS": 5000,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": False,  # checked by _tokens_on_forms
        "TESTING": options.testing,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _store_origin(url: str) -> str | None:
    """Scheme and host of the S3 store as browsers reach it."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return None
    query = parse_qs(parts.query)
    endpoint = (query.get("public_endpoint") or query.get("endpoint") or ["https://s3.amazonaws.com"])[0]
    seen = urlsplit(endpoint)
    return f"{seen.scheme}://{seen.netloc}"


def _tokens_on_forms(app: Flask) -> None:
    """Every unsafe request needs a token, except signing in by script after the session and its token were lost.

    That one is JSON, which other sites cannot send without asking first, and its origin is checked (guards).
    """
    protection = CSRFProtect(app)

    most = app.extensions["settings"].max_file_mb * 1024**2 + LARGEST_FORM

    @app.before_request
    def check() -> None:
        if request.endpoint in WITH_FILES:
            request.max_content_length = most
        in_place = request.endpoint == "accounts.sign_in" and request.is_json
        signed = request.endpoint == "documents.put_local"  # its address is, as an S3 store's addresses are
        if app.config["WTF_CSRF_ENABLED"] and not in_place and not signed:
            protection.protect()


def _templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(filters.FILTERS)
    app.jinja_env.globals.update(
        funder_name=settings.funder_name, demo_mode=settings.demo, csrf_token=generate_csrf, nav=[], page_url=page_url
    )

    @app.context_processor
    def request_facts() -> dict[str, Any]:
        who = guards.visitor()
        account = [
            {"label": "Your account", "url": "/profile"},
            {"label": "Your organisations", "url": "/organisations"},
        ]
        return {"actor": who, "nav": navigation.entries(who), "user_nav": account}


def page_url(**changes: str | None) -> str:
    """This page's address with some of its query changed; None takes one out."""
    query = {**request.args.to_dict(), **changes}
    return f"{request.path}?{urlencode({name: value for name, value in query.items() if value})}"


__all__ = ["Options", "create_app", "grants"]
