"""Making, publishing and correcting calls. A published call changes only by a correction with a reason.

``making``: programmes, calls, topics, publication, documents. ``designing``: Part A and eligibility rules of a topic.
``changing``: what every change does before and after. ``asking``: questions, and who is invited.
"""

from __future__ import annotations

from grants.calls.services.asking import answer, ask, invite, uninvite
from grants.calls.services.designing import change_eligibility, change_form
from grants.calls.services.making import (
    CALL_FIELDS,
    add_topic,
    attach_document,
    cancel,
    change_call,
    change_topic,
    create_call,
    create_programme,
    publish,
    remove_document,
    whole_call,
)

__all__ = [
    "CALL_FIELDS",
    "add_topic",
    "answer",
    "ask",
    "attach_document",
    "cancel",
    "change_call",
    "change_eligibility",
    "change_form",
    "change_topic",
    "create_call",
    "create_programme",
    "invite",
    "publish",
    "remove_document",
    "uninvite",
    "whole_call",
]
