"""Programmes, calls and topics for tests: valid and published unless told otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from grants.calls.models import Call, Programme, Topic, TopicDeadline
from grants.calls.states import CallState
from grants.calls.templates.prefill import prefill
from grants.db import db
from tests.conftest import NOW

_numbers = count(1)


def programme(code: str = "") -> Programme:
    """A programme with a code of its own."""
    number = next(_numbers)
    made = Programme(code=code or f"PROG{number}", title=f"Programme {number}")
    db.session.add(made)
    db.session.flush()
    return made


def topic(
    *,
    deadline: datetime = NOW + timedelta(days=30),
    opens_at: datetime = NOW - timedelta(days=30),
    template: str = "HE-RIA",
    published: bool = True,
    of: Programme | None = None,
    budget: Decimal = Decimal(5_000_000),
) -> Topic:
    """A topic with its call, criteria and cost categories from a template."""
    number = next(_numbers)
    call = Call(
        identifier=f"CALL-{number}", programme=of or programme(), title=f"Call {number}", contact="call@example.org",
        zone="Europe/Brussels", budget=budget, created_at=NOW,
        state=CallState.PUBLISHED if published else CallState.DRAFT, published_at=NOW if published else None,
    )  # fmt: skip
    made = Topic(
        call=call, identifier=f"CALL-{number}-01", title=f"Topic {number}", opens_at=opens_at, deadline=deadline,
        deadlines=[TopicDeadline(at=deadline)], first_deadline=deadline, budget=budget, lottery_seed=f"seed {number}",
    )  # fmt: skip
    prefill(made, template)
    db.session.add_all([call, made])
    db.session.flush()
    return made
