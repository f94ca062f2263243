"""The blueprint of panels, and what its pages share."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from grants.calls.models import Topic
from grants.calls.rules import deadline_in
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.kernel.numbers import whole
from grants.web import guards
from grants.web.forms import Form

bp = Blueprint("panels", __name__)
CHANGED = "This was changed elsewhere since you opened it. Look at it as it is now, then go on."


#: Years that an instant may lie in: whatever is reckoned with it later stays within the calendar.
_YEARS = range(2000, 3000)


@bp.before_request
def refuse_what_cannot_be_kept() -> None:
    """PostgreSQL keeps no NUL in a text. Raises Invalid."""
    if any("\0" in each for values in request.form.listvalues() for each in values):
        raise Invalid(Finding("nul", "A text has a character that cannot be kept. Type it again."))


def check(*checked: Form) -> None:
    """Raises Invalid with what the fields of a form say against what was typed: the page shows it with the rest."""
    found = []
    for form in checked:
        if not form.validate():
            found += [Finding("field", str(each), name) for name, errors in form.errors.items() for each in errors]
            for field in form:
                field.errors = []  # ``show`` puts them back
    if found:
        raise Invalid(found)


def instant_of(form: Any, name: str, topic: Topic) -> datetime | None:
    """The instant of a local time as typed, in the call's zone; None where nothing was typed.

    Raises Invalid for a time that the clocks skip, or that nobody means.
    """
    local: datetime | None = form[name].data
    if local is None:
        return None
    if local.year not in _YEARS:
        raise Invalid(Finding("year", f"Choose a year from {_YEARS[0]} to {_YEARS[-1]}.", place=name))
    try:
        return deadline_in(local, zone=ZoneInfo(topic.call.zone))
    except (ValueError, OverflowError) as problem:
        raise Invalid(Finding("skipped", str(problem).capitalize() + ".", place=name)) from problem


def local_of(instant: datetime | None, topic: Topic) -> datetime | None:
    """The same the other way, for a form."""
    return None if instant is None else instant.astimezone(ZoneInfo(topic.call.zone)).replace(tzinfo=None)


def numbers_of(text: str | None) -> list[int]:
    """All whole numbers in a text."""
    return [number for each in re.findall(r"[0-9]+", text or "") if (number := whole(each))]


def seen() -> int:
    """The version that a page was made from."""
    return whole(request.form.get("version"))


def saved(version: int) -> ResponseReturnValue:
    """The answer to a page that saves by itself."""
    at = guards.received_at().astimezone(ZoneInfo(guards.actor().timezone or "UTC")).strftime("%H:%M:%S")
    return jsonify(version=version, saved_at=at, by=guards.actor().name, fragments={})
