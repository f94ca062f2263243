"""What the pages of a proposal share: how one is opened, its frame, and the ways to where a finding is mended."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.calls.parta.definition import form_of
from grants.kernel.findings import Finding
from grants.proposals import access, narrowing, queries
from grants.proposals.access import WHOLE, Part, PartKind
from grants.proposals.models import Submission
from grants.proposals.queries import Opened
from grants.web import guards
from grants.web.filters import short_instant

bp = Blueprint("proposals", __name__)


def open_proposal(
    number: int, *, whole: bool = True, files: bool = True, part: Part | None = WHOLE, locked: bool = False
) -> Opened:
    """``part``: what the page shows; None where it shows no more than ``narrowing`` leaves."""
    return queries.open_proposal(
        guards.actor(), number, now=guards.received_at(), whole=whole, files=files, part=part, locked=locked
    )


def proposal_page(
    template: str,
    opened: Opened,
    *,
    part: Part = WHOLE,
    findings: list[Finding] | None = None,
    last: Submission | None = None,
    **more: Any,
) -> str:
    """A page of a proposal. ``part``: what it edits. ``findings``: where they are made already. ``last``: the version
    that counts, where it was read already."""
    actor, now, proposal = guards.actor(), guards.received_at(), opened.proposal
    findings = narrowing.findings(opened) if findings is None else findings
    reads_all = narrowing.narrow(opened)
    last = (last or queries.last_submission(proposal.id)) if reads_all else None
    return render_template(
        template, proposal=proposal, topic=proposal.topic, zone=proposal.topic.call.zone, now=now, findings=findings,
        may_edit=access.may_edit_part(actor, opened.access, part, now=now), last=last, reads_all=reads_all,
        may_edit_row=lambda row_id: access.may_edit_part(
            actor, opened.access, Part(PartKind.BUDGET, row_id), now=now
        ),
        member=opened.access.member,
        unsubmitted=last is not None and proposal.changed_at > last.submitted_at,
        may_submit=access.may_submit(actor, opened.access, now=now),
        saved=f"Saved {short_instant(proposal.changed_at, actor.timezone or 'UTC')} by {proposal.changed_by.name}",
        closes=queries.closes_at(proposal), part_a=form_of(proposal.topic.form),
        place_url=lambda finding: place_url(proposal.number, finding.place), **more,
    )  # fmt: skip


def place_url(number: int, place: str) -> str:
    """Where a finding is mended."""
    part = place.partition(".")[0]
    if part == "sections":
        return section_url(number, place)
    if part == "budget":
        return budget_url(number, place)
    pages = {"general": ".general", "consortium": ".consortium"}
    anchor = place.partition(".")[2] if part == "general" else place
    return url_for(pages.get(part, ".files"), number=number, _anchor=anchor or None)


def budget_url(number: int, place: str) -> str:
    """Where a finding about the budget is mended: ``budget.PARTICIPANT.FIELD``, on the page that has that row."""
    row = place.split(".")[1] if "." in place else None
    return url_for(".budget", number=number, row=row, _anchor=place)


def section_url(number: int, place: str) -> str:
    """Where a finding about Part A is mended: ``sections.KEY.FIELD``, or ``sections.KEY.PARTICIPANT.FIELD``."""
    _, key, *rest = place.split(".")
    participant = int(rest.pop(0)) if rest and rest[0].isdigit() else None
    anchor = "-".join(rest) or None
    return url_for(".section", number=number, key=key, participant_id=participant, _anchor=anchor)


def saved_answer(version: int, **more: Any) -> ResponseReturnValue:
    zone = guards.actor().timezone or "UTC"
    time_of_day = guards.received_at().astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")
    return jsonify(version=version, saved_at=time_of_day, by=guards.actor().name, **more)
