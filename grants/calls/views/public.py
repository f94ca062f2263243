"""Public pages of calls and topics."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from grants.calls import access, facts, queries, rules
from grants.calls.models import Topic
from grants.calls.parta.definition import form_of
from grants.calls.views.blueprint import bp
from grants.documents import services as documents
from grants.documents.views import store
from grants.web import guards, listing

STATUSES = (
    ("current", "Open and forthcoming"),
    ("open", "Open"),
    ("forthcoming", "Forthcoming"),
    ("closed", "Closed"),
)


def phase_of(topic: Topic, now: Any) -> rules.Phase:
    """Forthcoming, open or closed at this instant."""
    return rules.phase(opens_at=topic.opens_at, deadline=topic.deadline, now=now)


@bp.get("/calls")
def public_list() -> ResponseReturnValue:
    now, args = guards.received_at(), request.args
    wanted = queries.TopicFilter(
        text=args.get("q", "").strip(), programme=args.get("programme", ""), status=args.get("status", "current"),
        type_of_action=args.get("action", ""),
    )  # fmt: skip
    page = listing.page(
        queries.public_topics(wanted, now=now), [Topic.deadline, Topic.id], descending=wanted.status == "closed",
        after=args.get("after"), before=args.get("before"), size=listing.size_of(args.get("size")),
    )  # fmt: skip
    return render_template(
        "calls/list.html", page=page, wanted=wanted, now=now, phase_of=phase_of, statuses=STATUSES,
        programmes=queries.programmes(), actions=queries.types_of_action(),
    )  # fmt: skip


@bp.get("/calls/<identifier>")
def call(identifier: str) -> ResponseReturnValue:
    actor = guards.visitor()
    found = queries.call_page(actor, identifier)
    return render_template(
        "calls/call.html", call=found, now=guards.received_at(), phase_of=phase_of,
        versions=queries.versions_of(found.id),
        may_manage=access.may_manage_call(actor, programme=found.programme.code),
        papers=queries.documents_of(found),
    )  # fmt: skip


@bp.get("/calls/<identifier>/documents/<uuid:document_id>")
def document(identifier: str, document_id: UUID) -> ResponseReturnValue:
    """A document of the call. Public, so nobody writes down who reads it."""
    found = queries.document_of(queries.call_page(guards.visitor(), identifier), document_id)
    return redirect(documents.address(found, inline=request.args.get("view") == "1", store=store()))


@bp.get("/topics/<identifier>")
def topic(identifier: str) -> ResponseReturnValue:
    actor, now = guards.visitor(), guards.received_at()
    found = queries.topic_page(actor, identifier)
    return render_template(
        "calls/topic.html", topic=found, now=now, phase=phase_of(found, now),
        next_deadline=rules.next_deadline((each.at for each in found.deadlines), now=now),
        may_manage=access.may_manage_call(actor, programme=found.call.programme.code),
        papers=[*queries.part_b_templates(found), *queries.documents_of(found.call)],
        part_a=form_of(found.form), rules=facts.rules_for(found),
    )  # fmt: skip
