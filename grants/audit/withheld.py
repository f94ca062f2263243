"""Which events the page of the trail does not show yet: later stages say what is not decided.

Who evaluates a proposal, and what is drafted, is nobody's to read before the decision, auditors included. The events
are in the chain all the same, are verified with it, and are shown once it is decided. ``grants/registry.py`` connects
the rules.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, and_, not_, true

from grants.audit.models import AuditEvent

#: By kind of object, a query for the keys of those whose events are withheld.
_RULES: dict[str, Callable[[], Select[str]]] = {}


def register(kind: str, keys: Callable[[], Select[str]]) -> None:
    """Withhold events of the objects of this kind whose keys the query gives."""
    _RULES[kind] = keys


def shown() -> ColumnElement[bool]:
    """The events that may be shown."""
    hidden = [
        and_(AuditEvent.object_kind == kind, AuditEvent.object_key.in_(keys())) for kind, keys in _RULES.items()
    ]
    return and_(true(), *(not_(each) for each in hidden))
