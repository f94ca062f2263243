"""One handler for each kind of error: the three of the kernel, Werkzeug's, and bugs."""

from __future__ import annotations

import logging
import re
from secrets import token_hex
from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from psycopg.errors import ExclusionViolation, UniqueViolation
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from grants.db import db
from grants.kernel.errors import DomainError, Invalid, Refused, Stale, Unavailable
from grants.web import guards

log = logging.getLogger(__name__)

_TITLES = {
    400: ("We could not read that request", "Go back and try again."),
    403: ("You may not do this", "If you think that you should, ask the person who manages it."),
    404: ("There is no such page", "Check the address, or start from the first page."),
    405: ("That is not possible here", "Go back and use the page's own buttons."),
    409: ("Not possible at this moment", "Reload the page to see how things stand now."),
    413: ("That is too large", "Send a smaller file or a shorter text."),
    422: ("Something needs to be corrected", "Go back, correct it and send it again."),
    429: ("Too many tries", "Wait a few minutes, then try again."),
    500: ("Something went wrong on our side", "Nothing that was saved is lost. Try again."),
    503: ("A part of the service does not answer", "Nothing that was saved is lost. Try again in a minute."),
}
#: When to try again after a 503, in seconds: a database that restarts is back by then.
RETRY_AFTER = 5
#: Forms that may be sent twice without harm carry one of these: the intent, or the version that was seen.
_REPEATABLE = frozenset({"key", "version"})
#: What is never written back into a page.
_SECRET = re.compile("passw|secret|otp", re.IGNORECASE)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(guards.SignInNeeded, _sign_in)
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _bug)

    @app.after_request
    def say_when(response: Response) -> Response:
        if response.status_code == 503:
            response.headers.setdefault("Retry-After", str(RETRY_AFTER))
        return response


def problem(status: int, message: str = "", *, code: str = "", reference: str = "") -> ResponseReturnValue:
    """The problem page, or the same as JSON for scripts."""
    title, remedy = _TITLES.get(status, _TITLES[400 if status < 500 else 500])
    if guards.wants_json():
        return jsonify(code=code, message=message or title, remedy=remedy, reference=reference), status
    page = render_template(
        "problems/problem.html", status=status, title=title, message=message, remedy=remedy, reference=reference,
        again=_again() if status == 503 else None,
    )  # fmt: skip
    return page, status


def _again() -> dict[str, Any] | None:
    """How to send the same again. ``fields`` holds all that was typed; ``by_itself``: the page may do it alone. None
    where it cannot be kept: files, and passwords."""
    action = guards.local_path(request.full_path.rstrip("?")) or "/"
    if request.method in guards.SAFE_METHODS:
        return {"action": action, "fields": None, "by_itself": True}
    try:
        fields = list(request.form.items(multi=True))
        if request.files or any(_SECRET.search(name) for name, _ in fields):
            return None
    except HTTPException:  # too large, or cut off
        return None
    repeatable = not _REPEATABLE.isdisjoint(name for name, _ in fields)
    return {"action": action, "fields": fields, "by_itself": repeatable}


def _undo() -> None:
    """End the request's transaction, also over a connection that is gone."""
    try:
        db.session.rollback()
    except DBAPIError:
        db.session.remove()


def _sign_in(_error: Exception) -> ResponseReturnValue:
    address = guards.sign_in_address()
    if guards.wants_json():
        return jsonify(sign_in=address), 401
    return redirect(address)


def _domain(error: DomainError) -> ResponseReturnValue:
    _undo()
    if isinstance(error, Stale):
        if guards.wants_json():
            return jsonify(
                version=error.version, by=error.by, current=error.current, yours=error.yours, message=error.message
            ), 409
        return problem(409, error.message, code=error.code)
    if isinstance(error, Refused):
        return problem(error.status, error.message, code=error.code)
    if isinstance(error, Invalid):
        if guards.wants_json():
            return jsonify(code=error.code, findings=[finding.as_json() for finding in error.findings]), 422
        return problem(422, error.message, code=error.code)
    status = 503 if isinstance(error, Unavailable) else 400
    log.warning("unavailable: %s", error.code)
    return problem(status, error.message, code=error.code)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    """A form older than its session: sign in again where the session ended, else say what to do."""
    if not guards.visitor().signed_in and (request.cookies or guards.wants_json()):
        return _sign_in(error)
    return problem(400, "This page was open for too long to be sent. Reload it and send it again.", code="csrf")


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error
    custom = error.description if type(error).description != error.description else ""
    return problem(error.code or 500, custom or "", code=f"http-{error.code}")


def _database(error: DBAPIError) -> ResponseReturnValue:
    """The database is away, or went away while it worked: the page may be sent again. Or somebody was a moment
    earlier with what can be done once only, perhaps the same person by a second click."""
    _undo()
    if isinstance(error.orig, UniqueViolation | ExclusionViolation):
        log.warning("done at the same moment: %s on %s", error.orig.diag.constraint_name, request.path)
        return problem(409, "This was done at the same moment already. Look at the page now.", code="at-once")
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        log.error("database does not answer: %s", type(error.orig).__name__)
        return problem(503, "The database does not answer.", code="database")
    return _bug(error)


def _bug(error: Exception) -> ResponseReturnValue:
    _undo()
    reference = token_hex(6)
    log.exception("bug %s on %s %s", reference, request.method, request.path, exc_info=error)
    return problem(500, "", code="bug", reference=reference)
