"""The entries of the header for one person. Plain addresses: the header knows no capability."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from grants.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the header."""

    label: str
    url: str
    current: bool


_FOR_ALL = (("Calls", "/calls"), ("Partner search", "/partners"))
_FOR_SIGNED_IN = (("My proposals", "/proposals"), ("My projects", "/projects"))
_BY_ROLE: tuple[tuple[Role, tuple[tuple[str, str], ...]], ...] = (
    (Role.EVALUATOR, (("My evaluations", "/evaluation"),)),
    (Role.MANAGER, (("Manage calls", "/manage/calls"), ("Portfolio", "/portfolio"))),
    (Role.ADMINISTRATOR, (("People", "/admin/people"), ("Letters", "/admin/letters"), ("Jobs", "/admin/jobs"))),
)


def entries(actor: Actor) -> list[Entry]:
    """What this person sees at the top of every page."""
    links = list(_FOR_ALL)
    if actor.signed_in:
        staff_only = actor.has(Role.MANAGER) or actor.has(Role.ADMINISTRATOR) or actor.has(Role.AUDITOR)
        links += [] if staff_only else list(_FOR_SIGNED_IN)
        for role, more in _BY_ROLE:
            links += more if actor.has(role) else ()
        if actor.has(Role.MANAGER) or actor.has(Role.ADMINISTRATOR):
            links.append(("Experts", "/manage/experts"))
        if actor.has(Role.ADMINISTRATOR) or actor.has(Role.AUDITOR):
            links.append(("Audit trail", "/audit"))
        if actor.has(Role.AUDITOR):
            links += (("Decisions", "/decisions"), ("Portfolio", "/portfolio"))
    path = request.path
    return [Entry(label, url, path == url or path.startswith(url + "/")) for label, url in links]
