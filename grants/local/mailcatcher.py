"""A mail server that delivers nowhere: keeps every letter in a folder and shows it on a page. For local runs."""

from __future__ import annotations

import email
import email.policy
import os
import tempfile
import threading
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask, abort, render_template
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from grants.web import assets, filters

#: The page shows this many, newest first.
SHOWN = 200


class Keeper:
    """Writes each letter to a file of its own, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002
        """aiosmtpd calls this for each letter."""
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(envelope.content)
        stamp = f"{os.stat(name).st_mtime_ns:020d}"
        os.replace(name, self.folder / f"{stamp}.eml")
        return "250 kept"


def smtp(folder: Path, *, host: str = "127.0.0.1", port: int) -> Controller:
    """A running SMTP server; ``stop()`` ends it. Raises OSError when the port is taken."""
    controller = Controller(Keeper(folder), hostname=host, port=port)
    controller.start()
    return controller


def letters(folder: Path) -> list[tuple[str, EmailMessage]]:
    """The kept letters with their names, newest first."""
    files = sorted(folder.glob("*.eml"), reverse=True)[:SHOWN]
    return [(file.stem, _read(file)) for file in files]


def _read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def page(folder: Path) -> Flask:
    """The page that shows captured letters."""
    app = Flask(
        "mailcatcher",
        template_folder=str(assets.ROOT / "templates"),
        static_folder=str(assets.ROOT / "grants/web/static"),
    )
    app.jinja_env.filters.update(filters.FILTERS)
    assets.init_app(app)

    @app.after_request
    def safe(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; font-src 'self'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.get("/")
    def index() -> ResponseReturnValue:
        return render_template("local/mail.html", letters=letters(folder), letter=None)

    @app.get("/<name>")
    def one(name: str) -> ResponseReturnValue:
        file = folder / f"{name}.eml"
        if not name.isdigit() or not file.is_file():
            abort(404)
        return render_template("local/mail.html", letters=letters(folder), letter=_read(file))

    return app


def serve(folder: Path, *, smtp_port: int, page_port: int) -> None:
    """Catch and show until the process is ended."""
    controller = smtp(folder, port=smtp_port)
    server = make_server("127.0.0.1", page_port, page(folder), threaded=True)
    try:
        server.serve_forever()
    finally:
        threading.Thread(target=server.shutdown).start()
        controller.stop()
