"""The result of a proposal as applicants read it, on the page and as a PDF."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.facts import criteria_facts
from grants.db import transaction
from grants.evaluation import facts as evaluated
from grants.evaluation import queries as evaluation
from grants.evaluation.models import Consensus
from grants.evaluation.rules import threshold_failures
from grants.evaluation.states import Answer
from grants.proposals import queries as proposals
from grants.proposals.models import Proposal
from grants.proposals.queries import Opened
from grants.proposals.states import MemberRole
from grants.ranking import queries, reports, services
from grants.ranking.views.blueprint import bp
from grants.web import guards
from grants.web.filters import number as plain_number

_ANSWERS = {"yes": "Yes", "no": "No"}


def result_slot(*, proposal: Proposal, **_: Any) -> str:
    """On a proposal's overview: the way to its result once the letter is out."""
    return render_template("ranking/_result.html", proposal=proposal) if proposal.decided_at else ""


@bp.get("/proposals/<int:number>/result")
def result(number: int) -> ResponseReturnValue:
    """The evaluation summary report, for who may see the proposal, once the letter is sent."""
    actor, now = guards.actor(), guards.received_at()
    opened = proposals.open_proposal(actor, number, now=now, whole=False)
    _note_opened(opened)
    found = _result(opened.proposal)
    notice = queries.notice_of(
        found["placement"], informed_at=queries.informed_at(found["placement"]), topic=found["topic"]
    )
    return render_template(
        "ranking/result.html", **found, notice=notice, now=now, zone=found["topic"].call.zone, opened=opened,
        actor=actor,
    )  # fmt: skip


def _note_opened(opened: Opened) -> None:
    """The first look of the main contact is the receipt of the formal notification."""
    placement = queries.result_of(opened.proposal)
    if opened.access.member is MemberRole.MAIN_CONTACT and placement.opened_at is None:
        with transaction():
            services.note_opened(
                placement, member=opened.access.member, actor=guards.actor(), now=guards.received_at()
            )


def _result(proposal: Proposal) -> dict[str, Any]:
    placement = queries.result_of(proposal)
    consensus, version = evaluation.consensus_of(proposal.id), proposals.last_submission(proposal.id)
    topic = calls.topic_by_id(proposal.topic_id)
    scores = evaluated.scores(consensus.scores) if consensus else {}
    known = {code: score for code, score in scores.items() if score is not None}
    failures = (
        threshold_failures(known, criteria_facts(topic), overall=topic.overall_threshold)
        if len(known) == len(topic.criteria) else []
    )  # fmt: skip
    return {
        "proposal": proposal, "placement": placement, "consensus": consensus, "version": version, "topic": topic,
        "failures": failures, "minority": _minority(consensus),
        "comments": evaluated.texts(consensus) if consensus else {}, "scores": known,
    }  # fmt: skip


def _minority(consensus: Consensus | None) -> list[str]:
    """Views of those who did not agree, without their names (domain.md 8.1)."""
    opinions = consensus.opinions if consensus else []
    return [each.text for each in opinions if each.answer is Answer.DISAGREES]


@bp.get("/proposals/<int:number>/result.pdf")
def result_pdf(number: int) -> ResponseReturnValue:
    opened = proposals.open_proposal(guards.actor(), number, now=guards.received_at(), whole=False)
    _note_opened(opened)
    found = _result(opened.proposal)
    topic, placement = found["topic"], found["placement"]
    failures = [each.sentence for each in found["failures"]]
    known = {
        "number": str(number), "acronym": found["version"].content["acronym"],
        "title": found["version"].content["title"], "topic": topic.identifier,
        "result": placement.decision.label if placement.decision else "",
        "total": f"{plain_number(placement.total)} of {plain_number(sum(each.maximum for each in topic.criteria))}",
        "thresholds": "; ".join(failures) or "All thresholds are reached.",
        "funder": current_app.extensions["settings"].funder_name,
        "minority": [part for text in found["minority"] for part in reports.paragraphs(text)],
        "questions": [
            {
                "text": each["text"], "remark": found["comments"].get(f"questions.{each['code']}.remark", ""),
                "answer": _ANSWERS.get(found["comments"].get(f"questions.{each['code']}.answer", ""), "–"),
            }
            for each in topic.questions
        ],
        "overall": reports.paragraphs(found["comments"].get("overall", "")),
        "criteria": [
            {
                "name": each.name, "score": plain_number(found["scores"].get(each.code)),
                "maximum": plain_number(each.maximum),
                "threshold": plain_number(each.threshold) if each.threshold is not None else "",
                "comment": reports.paragraphs(found["comments"].get(f"scores.{each.code}.comment", "")),
                "weaknesses": reports.paragraphs(found["comments"].get(f"scores.{each.code}.weaknesses", "")),
            }
            for each in topic.criteria
        ],
    }  # fmt: skip
    name = f"Evaluation summary report {number}.pdf"
    return send_file(BytesIO(reports.pdf(known)), mimetype="application/pdf", as_attachment=True, download_name=name)
