"""The history of a draft with restoring, and who is there now."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls.parta.definition import form_of
from grants.calls.rules import Change, changes
from grants.db import transaction
from grants.kernel.errors import Refused
from grants.proposals import access, facts, history, presence, queries, restoring
from grants.proposals.access import Part, PartKind
from grants.proposals.budget import reason_field, row_labels
from grants.proposals.models import Proposal
from grants.proposals.queries import Opened
from grants.proposals.services import GENERAL_FIELDS
from grants.proposals.states import ParticipantRole
from grants.proposals.views.common import bp, open_proposal, proposal_page
from grants.proposals.writing_models import DraftChange
from grants.web import guards, listing

_GENERAL = {"duration_months": "Duration in months", "women": "Women", "men": "Men"}


@bp.get("/proposals/<int:number>/history")
def changes_of_draft(number: int) -> ResponseReturnValue:
    """Every change that the person may read, newest first."""
    opened = open_proposal(number, part=None)
    access.is_member(opened.access).require()
    page = listing.page(
        history.rows_for(opened), [DraftChange.id], descending=True, after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    marks: dict[Part, str] = {}
    rows = [_shown(opened, change, marks) for change in page.rows]
    whole = access.reach(opened.access, Part(PartKind.WHOLE)) >= access.Reach.READS
    versions = queries.submissions_of(opened.proposal.id) if whole and page.previous is None else []
    return proposal_page("proposals/history.html", opened, page=page, rows=rows, versions=versions)


def _shown(opened: Opened, change: DraftChange, marks: dict[Part, str]) -> dict[str, Any]:
    """One row of the page. ``marks``: what is known of parts as they are now."""
    part = history.part_of_change(change, opened)
    may = access.may_edit_part(guards.actor(), opened.access, part, now=guards.received_at())
    gone = change.organisation_id is not None and part.participant is None
    if may and not gone and part not in marks:
        marks[part] = restoring.mark(restoring.current(opened.proposal, part))
    return {
        "change": change, "title": _title(opened.proposal, change), "words": _words(opened.proposal, change),
        "mark": "" if gone else marks.get(part, ""),
    }  # fmt: skip


def _title(proposal: Proposal, change: DraftChange) -> str:
    """Which part, in words."""
    titles = {"general": "General information", "consortium": "Consortium", "budget": "Budget", "files": "Files"}
    title = titles.get(change.kind, "")
    if change.kind == PartKind.SECTION:
        section = form_of(proposal.topic.form).section(change.section)
        title = section.title if section else change.section.replace("_", " ").capitalize()
    return f"{title}: {change.organisation.legal_name}" if change.organisation else title


def _words(proposal: Proposal, change: DraftChange) -> list[Change]:
    """What changed, one entry for each value."""
    before, after, labels = change.before, change.after, dict(_GENERAL)
    if change.kind == PartKind.CONSORTIUM:
        labels |= {each["identifier"]: each["name"] for each in (*before, *after)}
        before, after = (
            {each["identifier"]: ParticipantRole(each["role"]).label for each in state} for state in (before, after)
        )
    elif change.kind == PartKind.FILES:
        labels |= {str(each["id"]): each["name"] for each in (*before, *after)}
        before, after = (
            {str(each["id"]): "Part B" if each["kind"] == "part_b" else "Annex" for each in state}
            for state in (before, after)
        )
    elif change.kind == PartKind.BUDGET:
        labels = _budget_labels(proposal)
        before, after = ({name.replace(".", "_"): text for name, text in state.items()} for state in (before, after))
    elif change.kind == PartKind.SECTION:
        section = form_of(proposal.topic.form).section(change.section)
        labels = {field.key: field.label for field in section.fields} if section else {}
    order = {name: place for place, name in enumerate(GENERAL_FIELDS if change.kind == PartKind.GENERAL else labels)}
    found = changes(before, after, labels=labels)
    return sorted(found, key=lambda each: order.get(each.place.partition(".")[0], len(order)))


def _budget_labels(proposal: Proposal) -> dict[str, str]:
    """Words for the fields of a row; dots would be taken for parts of a place."""
    reasons = {reason_field(each.code): f"Why {each.name.lower()} is needed" for each in proposal.topic.categories}
    labels = row_labels(facts.rules_of(proposal)) | reasons | {"rate": "Funding rate, %"}
    return {name.replace(".", "_"): words for name, words in labels.items()}


@bp.post("/proposals/<int:number>/history/<int:change_id>/restore")
def restore_part(number: int, change_id: int) -> ResponseReturnValue:
    """Bring one part back to what it was before a change."""
    opened = open_proposal(number, part=None)
    access.is_member(opened.access).require()
    try:
        with transaction():
            restoring.restore(
                opened, change_id, seen=request.form.get("mark", ""), actor=guards.actor(), now=guards.received_at()
            )
        flash("That part is as it was before the change. This, too, can be undone.", "success")
    except Refused as problem:
        if problem.status != 409:
            raise
        flash(problem.message, "error")
    return redirect(url_for(".changes_of_draft", number=number))


@bp.post("/proposals/<int:number>/here/<place>")
def here(number: int, place: str) -> ResponseReturnValue:
    """The page's script says which part is open here; the answer names who else has it open."""
    opened = open_proposal(number, whole=False, part=None)
    with transaction():
        names = presence.here(opened, place, actor=guards.actor(), now=guards.received_at())
    return jsonify(words=presence.in_words(names))
