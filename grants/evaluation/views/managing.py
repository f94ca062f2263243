"""What programme managers see: how far a topic is, and the evaluation of one proposal in full."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.evaluation import access, facts, forms, past, quality, queries, rules, services
from grants.evaluation import figures as counted
from grants.evaluation.models import Assignment
from grants.evaluation.queries import Progress
from grants.evaluation.views.blueprint import bp
from grants.experts import queries as experts
from grants.experts import services as deciding
from grants.experts.facts import Weighing
from grants.experts.models import Expert
from grants.experts.rules import away_throughout
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.findings import Finding
from grants.kernel.numbers import whole
from grants.proposals import queries as proposals
from grants.proposals.models import Proposal
from grants.web import guards, listing
from grants.web.filters import plural


def topic_slot(*, topic: Topic, now: Any, **_: Any) -> str:
    """On the manager's page of a call: the way to the evaluation of each topic."""
    return render_template("evaluation/_topic.html", topic=topic, now=now)


def officer_slot(*, actor: Actor, expert: Expert) -> str:
    """On an expert's page in the registry: what they evaluated in the programmes that the officer manages."""
    if not actor.has(Role.MANAGER):
        return ""
    return render_template("evaluation/_past.html", rows=past.past_evaluations(actor, expert.id))


@bp.get("/manage/topics/<identifier>/evaluation")
def progress(identifier: str) -> ResponseReturnValue:
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    topic = calls.topic_for_work(actor, identifier)
    access.may_manage(actor, programme=topic.call.programme.code).require()
    late, text = request.args.get("late") == "1", request.args.get("q", "").strip()
    closed = topic.first_deadline <= now
    page = listing.page(
        queries.progress(topic, now=now, late_only=late, text=text), [Proposal.number], scalars=False,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    ) if closed else None  # fmt: skip
    return render_template(
        "evaluation/progress.html", topic=topic, now=now, page=page, late=late, text=text,
        rows=[Progress(*row[:8]) for row in page.rows] if page else [],
        totals=queries.totals(topic, now=now) if closed else None, loads=queries.loads(topic.id),
    )  # fmt: skip


@bp.get("/manage/topics/<identifier>/evaluation/figures")
def figures(identifier: str) -> ResponseReturnValue:
    """How scores are spread by criterion and expert, how far reports agree, how the work went on."""
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_manage(actor, programme=topic.call.programme.code).require()
    habits, compared = counted.by_expert(topic.id)
    return render_template(
        "evaluation/figures.html", topic=topic, criteria=counted.by_criterion(topic), habits=habits,
        compared=compared, agreement=counted.agreement(topic), course=counted.progress(topic),
    )  # fmt: skip


@bp.post("/manage/topics/<identifier>/evaluation/remind")
def remind(identifier: str) -> ResponseReturnValue:
    """A letter to everybody whose report is late."""
    actor, now = guards.staff(Role.MANAGER), guards.received_at()
    topic = calls.topic_for_work(actor, identifier)
    count = whole(request.form.get("count"), -1)
    with transaction():
        written = services.remind_late(topic, count=count, actor=actor, now=now)
    flash(f"{plural(written, 'letter')} sent." if written else "All of them got a letter today.", "success")
    return redirect(url_for(".progress", identifier=identifier))


@bp.get("/manage/proposals/<int:number>/evaluation")
def proposal(number: int) -> ResponseReturnValue:
    return _page(_proposal(number))


def _proposal(number: int) -> Proposal:
    return queries.managed_proposal(guards.staff(Role.MANAGER), number, now=guards.received_at())


def _page(
    found: Proposal, *, form: forms.AssignForm | None = None, findings: list[Finding] | None = None
) -> ResponseReturnValue:
    topic, now = found.topic, guards.received_at()
    assignments, consensus = queries.assignments_of(found.id), queries.consensus_of(found.id)
    version = proposals.last_submission(found.id)
    if version is None:
        raise NotFound
    active = [each for each in assignments if each.state in facts.ACTIVE]
    scored = [facts.scores(each.report.scores) for each in active if facts.handed_in(each) and each.report]
    known = facts.assignment_facts(assignments, consensus)
    criteria = facts.criteria(found)
    missing = (
        rules.consensus_findings(known, experts=topic.experts_per_proposal) if consensus is None
        else [*rules.approval_findings(facts.judgements(consensus.scores), criteria, known,
                                       shortest_comment=topic.shortest_comment),
              *rules.answer_findings(consensus.answers, topic.questions)]
    )  # fmt: skip
    candidates = _candidates(found, assignments)
    form = form or forms.AssignForm(formdata=None)
    form.expert.choices = [(str(each["expert"].id), each["label"]) for each in candidates if not each["blocked"]]
    page = render_template(
        "evaluation/proposal.html", proposal=found, topic=topic, version=version,
        criteria=facts.criterion_rows(found), assignments=assignments,
        names=facts.labels(assignments), consensus=consensus, form=form, findings=findings or [], missing=missing,
        candidates=candidates, now=now, reason=forms.ReasonForm(formdata=None), handed_in=facts.handed_in,
        answers={each.assignment_id: each for each in consensus.opinions} if consensus else {},
        remarks=queries.remarks(consensus.id) if consensus else [],
        wide={each.code for each in rules.disagreements(scored, criteria, limit=topic.spread_limit)},
        reports={each.id: {one.code: one for one in facts.judgements(each.report.scores)}
                 for each in assignments if each.report},
        standing_out=_standing_out(active, criteria, topic),
    )  # fmt: skip
    return page, 422 if form.has_errors or findings else 200


def _standing_out(active: Any, criteria: Any, topic: Topic) -> dict[int, list[quality.Note]]:
    """What an officer might look at in each report that is handed in."""
    written = {each.id: facts.judgements(each.report.scores) for each in active if facts.handed_in(each)}
    limits = quality.Limits(topic.quality_short, topic.quality_high, topic.quality_low, topic.quality_alike)
    return {
        identity: quality.notes(
            judged, criteria, limits=limits,
            others={one.code: [
                other.comment for key, rows in written.items() if key != identity for other in rows
                if other.code == one.code
            ] for one in judged},
        )
        for identity, judged in written.items()
    }  # fmt: skip


def _candidates(found: Proposal, assignments: Any) -> list[dict[str, Any]]:
    """Experts who accepted, with load and conflicts, those who can take the proposal first."""
    loads = queries.loads(found.topic_id)
    taken = {each.expert_id for each in assignments if each.state in facts.ACTIVE or each.conflict}
    now = guards.received_at()
    until = now + timedelta(days=found.topic.evaluation_days)
    absences = experts.absences(each.expert.id for each in loads)
    weighing = Weighing([each.expert for each in loads], [found.id], found.topic, now=now)
    rows = []
    for load in loads:
        if load.expert.id in taken:
            continue
        weighed = weighing.pair(found.id, load.expert.id)
        blocked = bool(weighed.left) or not load.free
        label = f"{load.expert.account.name} ({load.assigned} of {load.max_load})"
        if away_throughout(absences.get(load.expert.id, ()), now.date(), until.date()):
            label += ", away until a report would be due"
        rows.append({
            "expert": load.expert, "load": load, "ties": weighed.left, "blocked": blocked, "label": label,
            "decision": weighed.decision, "to_decide": bool(weighed.left) and not weighed.rules_out,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["blocked"], row["load"].assigned))


@bp.post("/manage/proposals/<int:number>/evaluation/conflicts/<int:expert_id>")
def decide_conflict(number: int, expert_id: int) -> ResponseReturnValue:
    """Allow or forbid an expert with a manageable conflict, or take that back."""
    actor, now, found = guards.staff(Role.MANAGER), guards.received_at(), _proposal(number)
    expert = next(iter(experts.experts_by_id([expert_id])), None)
    if expert is None:
        raise NotFound
    given, form = request.form.get("decision", ""), forms.DecisionForm()
    try:
        with transaction():
            if given == "take-back":
                deciding.take_back_decision(found, expert, actor=actor, now=now)
            else:
                deciding.decide_conflict(
                    found, expert, services.weighed(found, expert, now=now).found, allow=given == "allow",
                    reason=form.reason.data or "", condition=form.condition.data or "", actor=actor, now=now,
                )  # fmt: skip
            services.recheck_pair(found, expert, now=now)
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash(f"Your decision about {expert.account.name} is kept.", "success")
    return _back(number)


@bp.post("/manage/proposals/<int:number>/evaluation/assign")
def assign(number: int) -> ResponseReturnValue:
    actor, found, form = guards.staff(Role.MANAGER), _proposal(number), forms.AssignForm()
    chosen: Expert | None = next(iter(experts.experts_by_id(_ids(form.expert.data))), None)
    form.expert.choices = [(form.expert.data or "", "")]
    if chosen is None or not form.validate():
        form.expert.errors = [*form.expert.errors, *(["Choose an expert."] if chosen is None else [])]
        return _page(found, form=form)
    try:
        with transaction():
            services.assign(
                found, chosen, rapporteur=bool(form.rapporteur.data), due_on=form.due_on.data, actor=actor,
                now=guards.received_at(),
            )  # fmt: skip
    except Invalid as problem:
        form.show(problem.findings)
        return _page(found, form=form)
    flash(f"{chosen.account.name} is asked to evaluate this proposal.", "success")
    return _back(number)


def _ids(text: str | None) -> list[int]:
    return [number] if (number := whole(text)) else []


def _back(number: int) -> ResponseReturnValue:
    return redirect(url_for(".proposal", number=number))


def _assignment(actor: Actor, number: int, assignment_id: int) -> Assignment:
    return queries.managed_assignment(actor, number, assignment_id, now=guards.received_at())


@bp.post("/manage/proposals/<int:number>/evaluation/<int:assignment_id>/remove")
def remove(number: int, assignment_id: int) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReasonForm()
    found = _assignment(actor, number, assignment_id)
    try:
        with transaction():
            services.remove_assignment(found, reason=form.reason.data or "", actor=actor, now=guards.received_at())
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash(f"{found.expert.account.name} does not evaluate this proposal any more.", "success")
    return _back(number)


@bp.post("/manage/proposals/<int:number>/evaluation/<int:assignment_id>/rapporteur")
def rapporteur(number: int, assignment_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    found = _assignment(actor, number, assignment_id)
    with transaction():
        services.make_rapporteur(found, actor=actor, now=guards.received_at())
    flash(f"{found.expert.account.name} is the rapporteur.", "success")
    return _back(number)


@bp.post("/manage/proposals/<int:number>/evaluation/<int:assignment_id>/return")
def return_report(number: int, assignment_id: int) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReasonForm()
    found = _assignment(actor, number, assignment_id)
    try:
        with transaction():
            services.return_report(found, reason=form.reason.data or "", actor=actor, now=guards.received_at())
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash(f"{found.expert.account.name} gets the report back with your reason.", "success")
    return _back(number)


@bp.post("/manage/proposals/<int:number>/evaluation/consensus/open")
def open_consensus(number: int) -> ResponseReturnValue:
    actor, found = guards.staff(Role.MANAGER), _proposal(number)
    try:
        with transaction():
            reason = forms.ReasonForm().reason.data or ""
            services.open_consensus(found, reason=reason, actor=actor, now=guards.received_at())
    except Invalid as problem:
        return _page(found, findings=problem.findings)
    flash("The consensus is opened. All experts of the proposal get a letter.", "success")
    return _back(number)


@bp.post("/manage/proposals/<int:number>/evaluation/consensus/reopen")
def reopen(number: int) -> ResponseReturnValue:
    actor, found, form = guards.staff(Role.MANAGER), _proposal(number), forms.ReasonForm()
    consensus = queries.consensus_of(found.id)
    if consensus is None:
        raise NotFound
    try:
        with transaction():
            services.reopen_consensus(consensus, reason=form.reason.data or "", actor=actor, now=guards.received_at())
    except Invalid as problem:
        flash(problem.message, "error")
    else:
        flash("The rapporteur writes on; the experts get your reason.", "success")
    return _back(number)


@bp.post("/manage/proposals/<int:number>/evaluation/consensus/approve")
def approve(number: int) -> ResponseReturnValue:
    actor, found = guards.staff(Role.MANAGER), _proposal(number)
    consensus = queries.consensus_of(found.id)
    if consensus is None:
        raise NotFound
    try:
        with transaction():
            reason = forms.ReasonForm().reason.data or ""
            services.approve_consensus(consensus, reason=reason, actor=actor, now=guards.received_at())
    except Invalid as problem:
        return _page(found, findings=problem.findings)
    flash("The consensus is approved. Its scores count for the ranked list.", "success")
    return _back(number)


@bp.post("/manage/proposals/<int:number>/evaluation/consensus/remarks")
def moderate(number: int) -> ResponseReturnValue:
    """The moderator's words in the discussion."""
    actor, found, form = guards.staff(Role.MANAGER), _proposal(number), forms.RemarkForm()
    consensus = queries.consensus_of(found.id)
    if consensus is None:
        raise NotFound
    try:
        with transaction():
            services.moderate(consensus, form.remark.data or "", actor=actor, now=guards.received_at())
    except Invalid as problem:
        return _page(found, findings=problem.findings)
    return redirect(url_for(".proposal", number=number, _anchor="discussion"))
