"""The sections of Part A: how far each is, and their answers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls.parta.answers import is_asked, left_over, section_values
from grants.calls.parta.definition import Scope, Section, form_of
from grants.calls.rules import changes
from grants.db import db, transaction
from grants.kernel.errors import Stale
from grants.kernel.numbers import whole
from grants.proposals import access, answering, budgeting, facts, narrowing, queries
from grants.proposals.access import Part, PartKind
from grants.proposals.models import Proposal
from grants.proposals.parta_forms import section_form, typed
from grants.proposals.queries import Opened
from grants.proposals.views.common import bp, open_proposal, proposal_page, saved_answer
from grants.web import guards


@bp.get("/proposals/<int:number>/part-a")
def part_a(number: int) -> ResponseReturnValue:
    """All sections of Part A with how far each is, and what changed in the form since the draft was begun."""
    opened = open_proposal(number, part=None)
    proposal = opened.proposal
    newer: list[Any] = []
    if proposal.form_number != proposal.topic.form_number:
        known = queries.form_version(proposal.topic_id, proposal.form_number)
        newer = changes(known.definition if known else {}, proposal.topic.form)
    answers = facts.common_answers(proposal)
    if budgeting.has_own_packages(proposal.topic):
        answers.pop(budgeting.PACKAGES.key, None)  # not left over: the budget asks for it
    left = left_over(form_of(proposal.topic.form), answers) if narrowing.reads_all(opened) else []
    return proposal_page("proposals/part_a.html", opened, newer=newer, left=left, rows=sections_to_answer(opened))


def sections_to_answer(opened: Opened) -> list[dict[str, Any]]:
    """Every section to answer that the person may read, those of participants once for each."""
    form = form_of(opened.proposal.topic.form)
    rows = []
    for section in form.sections:
        whose = opened.proposal.participants if section.scope is Scope.PARTICIPANT else [None]
        for each in whose:
            place = f"sections.{section.key}" + (f".{each.id}" if each else "")
            part = access.part_of(place)
            if not access.may_read_part(guards.actor(), opened.access, part, now=guards.received_at()):
                continue
            rows.append({
                "section": section, "participant": each, "place": place,
                "answer": facts.section_answers(opened.proposal, section, each.id if each else None),
            })  # fmt: skip
    return rows


@bp.post("/proposals/<int:number>/part-a/seen")
def accept_form(number: int) -> ResponseReturnValue:
    opened = open_proposal(number, whole=False)
    with transaction():
        answering.accept_form(opened, actor=guards.actor(), now=guards.received_at())
    return redirect(url_for(".part_a", number=number))


@bp.route("/proposals/<int:number>/sections/<key>", methods=["GET", "POST"])
@bp.route("/proposals/<int:number>/sections/<key>/<int:participant_id>", methods=["GET", "POST"])
def section(number: int, key: str, participant_id: int | None = None) -> ResponseReturnValue:
    part = Part(PartKind.SECTION, participant_id, key)
    opened = open_proposal(number, part=part)
    proposal = opened.proposal
    wanted = answering.section_of_draft(proposal, key, participant_id)
    answer = facts.section_answers(proposal, wanted, participant_id)
    given, version = (answer.given, answer.version) if answer else ({}, 0)
    form = section_form(wanted, given, version=version, fresh=request.method == "GET")
    conflict = None
    if form.validate_on_submit():
        try:
            with transaction():
                answering.save_section(
                    opened, wanted, typed(wanted, form), participant_id=participant_id,
                    seen=whole(form["version"].data), actor=guards.actor(), now=guards.received_at(),
                )  # fmt: skip
            flash("Saved.", "success")
            return redirect(url_for(".section", number=number, key=key, participant_id=participant_id))
        except Stale as problem:
            conflict, form["version"].data = problem, str(problem.version)
    page = proposal_page(
        "proposals/section.html", opened, part=part, section=wanted, form=form, conflict=conflict, answer=answer,
        participant=next((each for each in proposal.participants if each.id == participant_id), None),
        asked=_asked(proposal, wanted, given), uploads=_uploads(proposal),
        following=_following(sections_to_answer(opened), key, participant_id),
    )  # fmt: skip
    return page, 409 if conflict else 200


def _following(rows: list[dict[str, Any]], key: str, participant_id: int | None) -> dict[str, Any] | None:
    """The section after this one, in the order of Part A."""
    mine = [
        place for place, row in enumerate(rows)
        if row["section"].key == key and (row["participant"].id if row["participant"] else None) == participant_id
    ]  # fmt: skip
    return rows[mine[0] + 1] if mine and mine[0] + 1 < len(rows) else None


def _asked(proposal: Proposal, section: Section, given: dict[str, Any]) -> set[str]:
    """The fields that are asked as things stand; empty where the whole section is not."""
    form, case = form_of(proposal.topic.form), facts.case_of(proposal, (), facts.sums(proposal))
    values = section_values(section, given, case.values()) if section.scope is Scope.PARTICIPANT else case.values()
    if not is_asked(form, section, values):
        return set()
    return {field.key for field in section.fields if is_asked(form, section, values, field)}


def _uploads(proposal: Proposal) -> dict[str, Any]:
    """Attachments by the annex or field that they answer."""
    return {each.annex: each for each in proposal.attachments if each.annex and each.removed_at is None}


@bp.post("/proposals/<int:number>/sections/<key>/save")
@bp.post("/proposals/<int:number>/sections/<key>/<int:participant_id>/save")
def save_section(number: int, key: str, participant_id: int | None = None) -> ResponseReturnValue:
    """Saves by itself: the new version and which questions are asked now, or both texts."""
    opened = open_proposal(number, part=Part(PartKind.SECTION, participant_id, key))
    wanted = answering.section_of_draft(opened.proposal, key, participant_id)
    given = typed(wanted, section_form(wanted, {}, version=0, fresh=False))
    with transaction():
        version = answering.save_section(
            opened, wanted, given, participant_id=participant_id, seen=whole(request.form.get("version")),
            actor=guards.actor(), now=guards.received_at(),
        )  # fmt: skip
    db.session.refresh(opened.proposal, ["answers"])
    return saved_answer(version, asked=sorted(_asked(opened.proposal, wanted, given)))
