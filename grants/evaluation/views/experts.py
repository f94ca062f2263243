"""What experts see: their desk, the declaration, the proposal beside the report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls.rules import CriterionFacts
from grants.db import transaction
from grants.documents.models import Document
from grants.documents.views import serve
from grants.evaluation import access, facts, forms, queries, rules, services, waiting
from grants.evaluation import subject as subjects
from grants.evaluation.models import Assignment
from grants.evaluation.queries import Opened
from grants.evaluation.states import AssignmentState
from grants.evaluation.subject import Paper
from grants.evaluation.views.blueprint import bp
from grants.experts import queries as experts
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound, Stale, Unavailable
from grants.kernel.money import total
from grants.kernel.numbers import whole
from grants.proposals import queries as proposals
from grants.proposals.rules import pages_not_read
from grants.web import guards, listing
from grants.web.filters import number as plain_number
from grants.web.filters import short_instant

#: What the first page shows of each kind.
HOME_ROWS = 6
_IN_MAKING = "Your copy of Part B is being made. Open it again in a minute."


def home_slot(*, actor: Actor, now: datetime) -> str:
    """On the first page: what waits for the expert, and how a manager's topics get on."""
    return _expert_slot(actor, now=now) + _manager_slot(actor, now=now)


def _expert_slot(actor: Actor, *, now: datetime) -> str:
    if not actor.has(Role.EVALUATOR):
        return ""
    steps = waiting.next_steps(actor, now=now, limit=HOME_ROWS)
    invited = experts.open_invitations(actor.id or 0)
    return render_template("evaluation/_home.html", steps=steps, invited=invited)


def _manager_slot(actor: Actor, *, now: datetime) -> str:
    if not actor.has(Role.MANAGER):
        return ""
    topics = waiting.topics_under_way(actor, now=now, limit=HOME_ROWS)
    return render_template("evaluation/_home_manager.html", topics=topics) if topics else ""


@bp.get("/evaluation")
def own() -> ResponseReturnValue:
    actor = guards.staff(Role.EVALUATOR)
    page = listing.page(
        queries.own_assignments(actor, now=guards.received_at()), [Assignment.due_at, Assignment.id],
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    shown = [each.proposal_id for each in page.rows]
    return render_template(
        "evaluation/own.html", page=page, invited=experts.open_invitations(actor.id or 0),
        profile=experts.own_profile(actor.id or 0), consensus=queries.consensus_states(shown),
        titles=queries.titles(shown), now=guards.received_at(),
    )  # fmt: skip


def open_own(assignment_id: int) -> Opened:
    """The actor's own assignment, or not found."""
    now = guards.received_at()
    opened = queries.open_assignment(guards.actor(), assignment_id, now=now)
    if request.method == "GET" or request.endpoint == "evaluation.accept":
        require_no_conflict(opened, now=now)
    return opened


def before_showing(opened: Opened) -> None:
    """What a POST that fails shows is checked as a page that is asked for; one that works shows nothing."""
    if request.method == "POST":
        require_no_conflict(opened, now=guards.received_at())


def require_no_conflict(opened: Opened, *, now: datetime) -> None:
    """A conflict found since closes the proposal before anything of it is shown. Raises NotFound."""
    assignment = opened.assignment
    if services.weighed(assignment.proposal, assignment.expert, now=now).rules_out:
        with transaction():
            services.close_conflicted(opened, now=now)
        raise NotFound


@bp.route("/evaluation/<int:assignment_id>", methods=["GET", "POST"])
def assignment(assignment_id: int) -> ResponseReturnValue:
    """The declaration first, then the report beside the proposal. POST saves the report without a script."""
    opened = open_own(assignment_id)
    if opened.assignment.state is AssignmentState.PROPOSED:
        return declaration_page(opened)
    form, conflict = forms.EmptyForm(), None
    if form.validate_on_submit():
        try:
            save(opened)
            flash("Saved.", "success")
            return redirect(url_for(".assignment", assignment_id=assignment_id))
        except Invalid as problem:
            form.findings = problem.findings
        except Stale as problem:
            conflict = problem
    page = report_page(opened, form, conflict=conflict)
    return page, 409 if conflict else 422 if form.findings else 200


def declaration_page(opened: Opened, form: Any = None, reason: Any = None) -> ResponseReturnValue:
    """What the expert needs to know to see a conflict: title and applicants, not the proposal itself. Of a blind one,
    that the applicants were compared with what the expert declared: ``require_no_conflict`` just did."""
    before_showing(opened)
    form, reason = form or forms.DeclarationForm(formdata=None), reason or forms.ReasonForm(formdata=None)
    page = render_template(
        "evaluation/declaration.html", assignment=opened.assignment, topic=opened.assignment.proposal.topic,
        subject=subjects.subject(opened), form=form, reason=reason,
    )  # fmt: skip
    return page, 422 if form.has_errors or reason.has_errors else 200


def report_page(opened: Opened, form: Any, *, conflict: Stale | None = None) -> str:
    """The report beside the proposal."""
    before_showing(opened)
    actor, topic, report = guards.actor(), opened.assignment.proposal.topic, opened.assignment.report
    if report is None:
        raise NotFound
    read = subjects.subject(opened)
    if read is None:
        raise NotFound
    texts = {**facts.texts(report), **_typed(conflict)}
    part_b = read.part_b
    limit = proposals.page_limit_of(opened.assignment.proposal)
    judged = facts.criteria(opened.assignment.proposal)
    return render_template(
        "evaluation/report.html", assignment=opened.assignment, topic=topic,
        criteria=facts.criterion_rows(opened.assignment.proposal), report=report, subject=read,
        part_b=part_b, beyond=pages_not_read(part_b.pages if part_b else None, limit), texts=texts,
        ready=part_b is None or _shown(opened, part_b) is not None,
        choices={each.code: rules.choices(each) for each in judged}, form=form, conflict=conflict,
        seen=conflict.version if conflict else report.version, sums=sums(judged, facts.scores(report.scores)),
        may_write=access.may_write_report(actor, opened.access), reason=forms.ReasonForm(formdata=None),
        may_read_consensus=access.may_read_consensus(actor, opened.access),
        may_read_others=access.may_read_others(actor, opened.access),
        saved=f"Saved {short_instant(report.changed_at, actor.timezone or 'UTC')}",
    )  # fmt: skip


def _typed(conflict: Stale | None) -> dict[str, str]:
    return dict(conflict.yours) if conflict else {}


def sums(judged: Sequence[CriterionFacts], scores: dict[str, Decimal | None]) -> dict[str, str]:
    """Total so far and the most that can be reached."""
    return {
        "total": plain_number(total(score for score in scores.values() if score is not None)),
        "most": plain_number(total(each.maximum for each in judged)),
    }


def save(opened: Opened) -> int:
    """Save the form of a report; the new version."""
    with transaction():
        return services.save_report(
            opened, request.form.to_dict(), seen=seen(), actor=guards.actor(), now=guards.received_at()
        )


def seen() -> int:
    """The version that the form was made from."""
    return whole(request.form.get("version"))


@bp.post("/evaluation/<int:assignment_id>/save")
def save_by_itself(assignment_id: int) -> ResponseReturnValue:
    opened = open_own(assignment_id)
    version = save(opened)
    judged = facts.criteria(opened.assignment.proposal)
    scores = {each.code: decimal_of(request.form.get(f"scores.{each.code}.score", "")) for each in judged}
    return saved(version, judged, scores)


def decimal_of(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text.strip() else None


def saved(version: int, judged: Sequence[CriterionFacts], scores: dict[str, Decimal | None]) -> ResponseReturnValue:
    """The answer to autosave: the new version, the total so far."""
    actor, now = guards.actor(), guards.received_at()
    at = now.astimezone(ZoneInfo(actor.timezone or "UTC")).strftime("%H:%M:%S")
    fragments = {"#total": render_template("evaluation/_total.html", sums=sums(judged, scores))}
    return jsonify(version=version, saved_at=at, by=actor.name, fragments=fragments)


@bp.post("/evaluation/<int:assignment_id>/accept")
def accept(assignment_id: int) -> ResponseReturnValue:
    opened, form = open_own(assignment_id), forms.DeclarationForm()
    try:
        with transaction():
            services.accept_assignment(
                opened, declared=bool(form.declared.data), actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as problem:
        form.show(problem.findings)
        return declaration_page(opened, form=form)
    flash("Your declaration is kept. You can read the proposal now.", "success")
    return redirect(url_for(".assignment", assignment_id=assignment_id))


@bp.post("/evaluation/<int:assignment_id>/conflict")
def conflict_of_interest(assignment_id: int) -> ResponseReturnValue:
    opened, form = open_own(assignment_id), forms.ReasonForm()
    try:
        with transaction():
            services.declare_conflict(
                opened, reason=form.reason.data or "", actor=guards.actor(), now=guards.received_at()
            )
    except Invalid as problem:
        form.show(problem.findings)
        if opened.assignment.state is AssignmentState.PROPOSED:
            return declaration_page(opened, reason=form)
        flash(problem.message, "error")
        return redirect(url_for(".assignment", assignment_id=assignment_id))
    flash("Thank you. The proposal is closed to you now, and the funder finds somebody else.", "success")
    return redirect(url_for(".own"))


@bp.post("/evaluation/<int:assignment_id>/submit")
def submit(assignment_id: int) -> ResponseReturnValue:
    """Save what the form holds, then hand it in: nothing typed a second ago is left out."""
    opened, form = open_own(assignment_id), forms.EmptyForm()
    conflict = None
    try:
        if "version" in request.form:
            save(opened)
        with transaction():
            services.submit_report(opened, actor=guards.actor(), now=guards.received_at())
        flash("Your report is handed in. It is locked now.", "success")
        return redirect(url_for(".own"))
    except Invalid as problem:
        form.findings = problem.findings
    except Stale as problem:
        conflict = problem
    return report_page(open_own(assignment_id), form, conflict=conflict), 409 if conflict else 422


@bp.get("/evaluation/<int:assignment_id>/files/<uuid:document_id>")
def file(assignment_id: int, document_id: UUID) -> ResponseReturnValue:
    """A file of the submitted version that counts, and of no other. Rights are checked each time it is asked for."""
    actor, opened = guards.actor(), open_own(assignment_id)
    access.may_read_proposal(actor, opened.access).require()
    read = subjects.subject(opened)
    paper = next((each for each in read.papers if each.id == document_id), None) if read else None
    if paper is None:
        raise NotFound
    shown = _shown(opened, paper)
    if shown is None:
        raise Unavailable("copy-in-making", _IN_MAKING)
    return serve(shown, actor)


def _shown(opened: Opened, paper: Paper) -> Document | None:
    """What the expert reads for this file; None while it is being made, which this asks for."""
    proposal, withheld = opened.assignment.proposal, opened.access.withheld
    shown = subjects.copy_for_experts(paper, proposal, withheld=withheld)
    if shown is None:
        with transaction():
            subjects.ask_for_copy(paper, proposal, withheld=withheld)
    return shown
